// SPDX-License-Identifier: MIT
"use strict";
// Rows are taken out of the table and put back a slice at a time, so that ten thousand guests
// are no more to lay out than a hundred. The class comes first: what is hidden from the start
// is never laid out at all.
document.documentElement.classList.add("scripted");
document.addEventListener("DOMContentLoaded", () => {
	const SLICE = 150;
	const table = document.getElementById("findings");
	if (!table) return;

	const body = table.tBodies[0];
	const more = document.getElementById("more");
	const search = document.getElementById("search");
	const selects = ["effect", "node", "rule"].map((id) => document.getElementById(id));
	const output = document.getElementById("shown");
	const severity = ["deny", "would-deny", "warn", "overridden", "waived", "audit", "fine"];

	// What each row is found and sorted by, read once.
	const rows = Array.from(body.rows, (row, at) => {
		const [, guest, node, rule] = row.cells;
		return {
			row,
			at,
			text: "",
			effect: row.className.split(" ")[0],
			unknown: row.classList.contains("unknown"),
			vmid: Number(/\d+/.exec(guest.textContent)),
			node: node.textContent,
			rule: rule.textContent,
		};
	});
	const keys = [
		(r) => severity.indexOf(r.effect) * 2 + (r.unknown ? 0 : 1),
		(r) => r.vmid,
		(r) => r.node,
		(r) => r.rule,
	];
	let wanted = [];
	let shown = 0;

	function show(n) {
		const slice = wanted.slice(shown, shown + n);
		body.append(...slice.map((r) => r.row));
		shown += slice.length;
		more.hidden = shown === wanted.length;
	}

	function fits(r, words, [effect, node, rule]) {
		if (effect === "" && r.effect === "fine") return false;
		if (effect === "unknown" && !r.unknown) return false;
		if (!["", "all", "unknown", r.effect].includes(effect)) return false;
		if ((node && r.node !== node) || (rule && r.rule !== rule)) return false;
		if (!words.length) return true;
		r.text = r.text || r.row.textContent.toLowerCase();
		return words.every((word) => r.text.includes(word));
	}

	function update() {
		const words = search.value.toLowerCase().split(/\s+/).filter((word) => word);
		const chosen = selects.map((select) => select.value);
		wanted = rows.filter((r) => fits(r, words, chosen));
		body.replaceChildren();
		shown = 0;
		show(SLICE);
		output.textContent = `${wanted.length.toLocaleString("en")} of ${rows.length.toLocaleString("en")} rows`;
	}

	function sort(key, header) {
		const up = header.getAttribute("aria-sort") !== "ascending";
		for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
		header.setAttribute("aria-sort", up ? "ascending" : "descending");
		rows.sort((a, b) => {
			const x = key(a), y = key(b);
			const order = x < y ? -1 : x > y ? 1 : 0;
			return (up ? order : -order) || a.at - b.at;
		});
		update();
	}

	function fill(select, values) {
		for (const value of [...new Set(values)].filter((v) => v).sort()) {
			const option = document.createElement("option");
			option.textContent = value;
			option.value = value;
			select.append(option);
		}
	}

	keys.forEach((key, column) => {
		const header = table.tHead.rows[0].cells[column];
		const button = document.createElement("button");
		button.type = "button";
		button.append(...header.childNodes);
		button.addEventListener("click", () => sort(key, header));
		header.append(button);
	});
	fill(selects[1], rows.map((r) => r.node));
	fill(selects[2], rows.map((r) => r.rule));
	let wait = 0;
	search.addEventListener("input", () => {
		clearTimeout(wait);
		wait = setTimeout(update, 120);
	});
	for (const select of selects) select.addEventListener("change", update);
	more.addEventListener("click", () => show(SLICE));
	new IntersectionObserver((seen) => {
		if (seen.some((entry) => entry.isIntersecting)) show(SLICE);
	}, { rootMargin: "600px" }).observe(more);
	// What is printed is all that fits, whatever was scrolled to.
	window.addEventListener("beforeprint", () => {
		while (shown < wanted.length) show(5000);
	});
	table.classList.add("sliced");
	document.getElementById("controls").hidden = false;
	update();
	document.documentElement.classList.remove("scripted");
});
