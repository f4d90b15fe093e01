// @ts-check
import { el } from "../../ui/dom.js";
import { ageMark, ageWords, depositWords } from "../../ui/format/items.js";
import { formatMoney } from "../../ui/format/money.js";

/** @typedef {object} Chosen  what a customer has chosen of an item
 * @property {number} quantity
 * @property {number | null} was  the price that they saw, in minor units, if it has changed since
 * @property {boolean} isLocked  it was ordered, and no answer has come
 * @property {(itemId: string, step: number) => void} change  the quantity */

/** One item of a menu. @param {import("../../sdk/types.js").MenuItem} item @param {import("../../sdk/types.js").Currency} currency
 * @param {Chosen} chosen */
export function menuRow(item, currency, { quantity, was, isLocked, change }) {
  const { itemId, name, description, price, available } = item;
  const stepper = el("div", { class: "stepper" },
    quantity > 0 && el("button", { "aria-label": `One ${name} less`, "data-focus": `less-${itemId}`, disabled: isLocked,
      onclick: () => change(itemId, -1) }, "−"),
    quantity > 0 && el("output", { "aria-label": `${quantity} ${name}` }, quantity),
    el("button", { "aria-label": `Add ${name}`, "data-focus": `more-${itemId}`, disabled: isLocked, onclick: () => change(itemId, 1) }, "+"));
  return el("li", { class: available ? "row" : "row sold-out" },
    el("div", { class: "grow item" }, el("strong", {}, name), ageMark(item) && el("span", { class: "age" }, el("span", { "aria-hidden": "true" }, ageMark(item)), el("span", { class: "sr-only" }, ageWords(item))),
      description && el("p", { class: "muted" }, description),
      el("p", { class: "price" }, formatMoney(price, currency), was !== null && el("span", { class: "was" }, ` was ${formatMoney(was, currency)}`),
        depositWords(item, currency) && el("span", { class: "deposit" }, ` ${depositWords(item, currency)}`))),
    available ? stepper : el("span", { class: "chip" }, "Sold out"));
}
