// @ts-check
import { el } from "../dom.js";

/** @typedef {import("./figures.js").Cell} Cell */

/** The head and the body of a table of figures. @param {HTMLTableElement} table @param {import("./figures.js").Table} figures */
export function showTable(table, { heads, rows, total }) {
  const cell = (/** @type {Cell} */ { text, number }) => el("td", { class: number && "number" }, text);
  table.replaceChildren(
    el("thead", {}, el("tr", {}, ...heads.map(({ text, number }) => el("th", { scope: "col", class: number && "number" }, text)))),
    el("tbody", {}, ...rows.map((row) => el("tr", {}, ...row.map(cell)))),
    total ? el("tfoot", {}, el("tr", {}, ...total.map(cell))) : "",
  );
}

/** Lines of a name and an amount. @param {HTMLElement} list  a `dl` @param {[string, string][]} lines */
export const showLines = (list, lines) => list.replaceChildren(...lines.map(([name, text]) =>
  el("div", { class: "row" }, el("dt", { class: "grow" }, name), el("dd", { class: "price" }, text))));
