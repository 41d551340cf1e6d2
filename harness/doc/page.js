/* Tables sort by a click (or Enter) on a column's title; again: the other way round. */
"use strict";
for (const table of document.querySelectorAll("table")) {
	const titles = [...table.tHead.rows[0].cells];
	const body = table.tBodies[0];
	const value = (row, i) => {
		const cell = row.cells[i];
		if (!("key" in cell.dataset))
			return cell.textContent.trim();
		return cell.dataset.key === "" ? NaN : Number(cell.dataset.key);
	};
	/* What has no number stays last whichever way is sorted. */
	const compare = (a, b, sign) => {
		if (typeof a === "number" && typeof b === "number") {
			if (Number.isNaN(a) || Number.isNaN(b))
				return Number.isNaN(a) - Number.isNaN(b);
			return sign * (a - b);
		}
		return sign * String(a).localeCompare(String(b), "en", { numeric: true });
	};
	titles.forEach((title, i) => {
		title.tabIndex = 0;
		const sort = () => {
			const sign = title.getAttribute("aria-sort") === "ascending" ? -1 : 1;
			titles.forEach((t) => t.removeAttribute("aria-sort"));
			title.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
			[...body.rows].sort((x, y) => compare(value(x, i), value(y, i), sign))
				.forEach((row) => body.append(row));
		};
		title.addEventListener("click", sort);
		title.addEventListener("keydown", (event) => {
			if (event.key === "Enter")
				sort();
		});
	});
}
/* Printing shows what is folded. */
addEventListener("beforeprint", () => {
	for (const fold of document.querySelectorAll("details"))
		fold.open = true;
});
