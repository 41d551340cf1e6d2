/*
 * What can be wrong with the look of a page, found by measuring it.
 *
 * Each check returns a list of what it found, empty when all is well; chromium.py runs them
 * inside the page.
 */
const SLACK_PX = 1.5;

const name = (e) => `<${e.tagName.toLowerCase()}${e.id ? " #" + e.id : ""}${e.className && e.className.baseVal === undefined ? " ." + e.className : ""}> "${e.textContent.trim().slice(0, 40)}"`;

/* Text that is drawn, with its element and the rectangles of its lines. */
const texts = () => {
	const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (walker.nextNode()) {
		const node = walker.currentNode, element = node.parentElement, range = document.createRange();
		if (!node.data.trim() || element.closest("script, style, svg > title, svg > desc") || !element.checkVisibility())
			continue;
		range.selectNodeContents(node);
		const rects = [...range.getClientRects()].filter((r) => r.width > 0 && r.height > 0);
		if (rects.length)
			found.push({ element, rects, drawn: element.closest("svg") !== null });
	}
	return found;
};

const scrolls = (e) => ["auto", "scroll"].includes(getComputedStyle(e).overflowX);

const block = (e) => {
	while (getComputedStyle(e).display === "inline")
		e = e.parentElement;
	return e;
};

/* WCAG 2.2, "relative luminance" and "contrast ratio". */
const channels = (color) => {
	const parts = color.match(/[\d.]+/g).map(Number);
	return [parts[0], parts[1], parts[2], parts.length > 3 ? parts[3] : 1];
};
const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
const luminance = (c) => {
	const [r, g, b] = c.slice(0, 3).map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
	return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ratio = (a, b) => (Math.max(luminance(a), luminance(b)) + 0.05) / (Math.min(luminance(a), luminance(b)) + 0.05);
const grounds = new Map();
const ground = (e) => {
	if (!e)
		return [255, 255, 255, 1];
	if (!grounds.has(e))
		grounds.set(e, over(channels(getComputedStyle(e).backgroundColor), ground(e.parentElement)));
	return grounds.get(e);
};

const checks = {
	/* No sideways scrolling of the page; what is wider has a box that scrolls. */
	overflow(width) {
		const wide = document.scrollingElement.scrollWidth;
		if (wide <= width)
			return [];
		return [`the page is ${wide} px wide, the window ${width}`].concat([...document.querySelectorAll("main *")]
			.filter((e) => e.getBoundingClientRect().right > width + SLACK_PX && !e.parentElement.closest(".table:not(.fits), .picture"))
			.slice(0, 5).map(name));
	},

	/* Each line of text lies inside its block and, where nothing scrolls, inside the page. */
	clipped() {
		const found = [], main = document.querySelector("main").getBoundingClientRect();
		for (const { element, rects, drawn } of texts()) {
			if (drawn)
				continue;
			const inside = block(element).getBoundingClientRect();
			let box = element;
			while (box && !scrolls(box))
				box = box.parentElement;
			for (const r of rects)
				if (r.left < inside.left - SLACK_PX || r.right > inside.right + SLACK_PX ||
				    r.top < inside.top - 4 || r.bottom > inside.bottom + 4 ||
				    (!box && (r.left < main.left - SLACK_PX || r.right > main.right + SLACK_PX)))
					found.push(name(element));
		}
		return found;
	},

	/* Fonts are higher than their lines: a few pixels of them may meet, no more. */
	overlaps() {
		const found = [], open = [];
		const all = texts().filter((t) => !t.drawn)
			.flatMap(({ element, rects }, i) => rects.map((r) => ({ element, r, i })))
			.sort((a, b) => a.r.top - b.r.top);
		for (const a of all) {
			for (let k = open.length - 1; k >= 0; k--)
				if (open[k].r.bottom <= a.r.top + 5)
					open.splice(k, 1);
			for (const b of open)
				if (a.i !== b.i && a.r.left < b.r.right - 2 && b.r.left < a.r.right - 2)
					found.push(`${name(a.element)} on ${name(b.element)}`);
			open.push(a);
		}
		return found;
	},

	contrast(least) {
		const found = [];
		const look = (element, color, what) => {
			const c = ratio(over(channels(color), ground(element)), ground(element));
			if (c < least)
				found.push(`${c.toFixed(2)}: ${what} of ${name(element)}`);
		};
		for (const { element, drawn } of texts()) {
			const style = getComputedStyle(element);
			look(element, drawn ? style.fill : style.color, "text");
		}
		for (const element of document.querySelectorAll(".badge, .warning, th button"))
			for (const pseudo of ["::before", "::after"]) {
				const style = getComputedStyle(element, pseudo);
				if (element.checkVisibility() && !["none", "normal", '""'].includes(style.content))
					look(element, style.color, pseudo);
			}
		return found;
	},

	/* As it is seen: a picture that shrinks takes its letters along. */
	small(least_html, least_svg) {
		const found = [], scale = (m) => Math.hypot(m.c, m.d); /* turned text too */
		for (const { element, drawn } of texts()) {
			const size = parseFloat(getComputedStyle(element).fontSize);
			const seen = drawn ? size * scale(element.closest("text").getScreenCTM()) : size;
			if (seen < (drawn ? least_svg : least_html))
				found.push(`${seen.toFixed(1)} px: ${name(element)}`);
		}
		return found;
	},

	/* WCAG 2.2, 2.5.8: what a finger must hit, but for links inside text. */
	targets(least) {
		return [...document.querySelectorAll("summary, th button")]
			.map((e) => ({ e, r: (e.tagName === "BUTTON" ? e.closest("th") : e).getBoundingClientRect() }))
			.filter(({ e, r }) => e.checkVisibility() && (r.height < least || r.width < least))
			.map(({ e, r }) => `${r.width} x ${r.height}: ${name(e)}`);
	},

	ids() {
		const seen = new Set(), found = [];
		for (const e of document.querySelectorAll("[id]")) {
			if (!e.id || seen.has(e.id))
				found.push(`"${e.id}" of ${name(e)}`);
			seen.add(e.id);
		}
		return found;
	},

	/* References inside the page that lead nowhere: links, and parts of pictures. */
	dangling() {
		const found = [], there = (id) => document.getElementById(id) !== null;
		for (const e of document.querySelectorAll("*"))
			for (const attribute of e.attributes) {
				const link = attribute.localName === "href" && attribute.value.startsWith("#");
				const part = attribute.value.match(/^url\(["']?#([^"')]+)/);
				if ((link && !there(attribute.value.slice(1))) || (part && !there(part[1])))
					found.push(`${attribute.name}="${attribute.value}" of ${name(e)}`);
			}
		return found;
	},

	/* Elements and attributes that no document writes: somebody's text has become markup. */
	foreign() {
		const known = "h1 h2 h3 p ul li div table thead tbody tr th td button a code strong em span " +
			"details summary figure figcaption";
		const found = [];
		for (const e of document.querySelectorAll("main *")) {
			const svg = e.namespaceURI.endsWith("/svg") && e.closest(".picture");
			const picture = e.localName === "img" && e.parentElement.className === "picture";
			if (svg ? ["script", "foreignObject", "a"].includes(e.localName) : !picture && !known.split(" ").includes(e.localName))
				found.push(name(e));
			for (const attribute of e.attributes)
				if (attribute.name.startsWith("on") || attribute.name === "style" || /^\s*javascript:/i.test(attribute.value))
					found.push(`${attribute.name} of ${name(e)}`);
		}
		if (document.scripts.length !== 1 || document.scripts[0].parentElement !== document.body)
			found.push(`${document.scripts.length} scripts`);
		if (window.owned !== undefined)
			found.push("a script of the text's ran");
		return found;
	},
};
