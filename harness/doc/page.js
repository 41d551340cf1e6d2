/*
 * What a page does beyond being read: tables are sorted by their columns' titles, and what
 * is folded opens for print and for a link that leads there.  Without it nothing is missing
 * but that.
 */
"use strict";

/* Numbers, then text, then what is missing, whichever way is sorted. */
const NUMBER = 0, TEXT = 1, MISSING = 2;
const kind = (value) => typeof value === "string" ? TEXT : Number.isNaN(value) ? MISSING : NUMBER;

const valueOf = (row, column) => {
	const cell = row.cells[column], key = cell.dataset.key, text = cell.textContent.trim();
	if (key !== undefined)
		return key === "" ? NaN : Number(key);
	return text === "" || text === "\u2013" ? NaN : text;
};

const compare = (a, b, sign) => {
	if (kind(a) !== kind(b) || kind(a) === MISSING)
		return kind(a) - kind(b);
	return sign * (kind(a) === NUMBER ? a - b : a.localeCompare(b, "en", { numeric: true }));
};

/* The third time the rows are again as they were written. */
const NEXT = { none: "ascending", ascending: "descending", descending: "none" };

const sort = (titles, title, body, written) => {
	const column = titles.indexOf(title), order = NEXT[title.getAttribute("aria-sort") || "none"];
	const sign = order === "descending" ? -1 : 1;
	const rows = [...written];
	if (order !== "none")
		rows.sort((x, y) => compare(valueOf(x, column), valueOf(y, column), sign));
	titles.forEach((t) => t.removeAttribute("aria-sort"));
	if (order !== "none")
		title.setAttribute("aria-sort", order);
	rows.forEach((row) => body.append(row));
};

const makeSortable = (table) => {
	const titles = [...table.tHead.rows[0].cells], body = table.tBodies[0];
	const written = [...body.rows];
	if (written.length < 2)
		return;
	for (const title of titles) {
		const button = document.createElement("button");
		button.type = "button";
		button.append(...title.childNodes);
		button.addEventListener("click", () => sort(titles, title, body, written));
		title.append(button);
	}
};

/* A box that scrolls keeps its titles from staying in view: only where it must. */
const watchWidth = (box) => {
	const table = box.firstElementChild;
	const observer = new ResizeObserver(() =>
		box.classList.toggle("fits", table.offsetWidth <= box.clientWidth));
	observer.observe(box);
	observer.observe(table);
};

for (const box of document.querySelectorAll(".table")) {
	makeSortable(box.firstElementChild);
	watchWidth(box);
}

/* Browsers tell of printing in one of two ways, most in both. */
const opened = [];
const unfold = () => {
	for (const fold of document.querySelectorAll("details:not([open])")) {
		fold.open = true;
		opened.push(fold);
	}
};
const foldAgain = () => {
	for (const fold of opened.splice(0))
		fold.open = false;
};
addEventListener("beforeprint", unfold);
addEventListener("afterprint", foldAgain);
matchMedia("print").addEventListener("change", (event) => event.matches ? unfold() : foldAgain());

const reveal = (hash) => {
	const target = document.getElementById(hash.slice(1));
	const fold = target && target.closest("details");
	if (!fold || fold.open)
		return;
	fold.open = true;
	target.scrollIntoView();
};
document.addEventListener("click", (event) => {
	const link = event.target.closest("a[href^='#']");
	if (link)
		reveal(link.hash);
});
addEventListener("hashchange", () => reveal(location.hash));
reveal(location.hash);
