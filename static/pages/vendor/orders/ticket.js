// @ts-check
import { el } from "../../../ui/dom.js";
import { ageMark, ageWords } from "../../../ui/format/items.js";
import { formatMoney } from "../../../ui/format/money.js";
import { refundedOf } from "../../../ui/state/order-list.js";
import { laneOf } from "./slots.js";

/** @typedef {import("../../../sdk/types.js").Order} Order */
/** @typedef {import("../../../sdk/types.js").OrderStatus} OrderStatus */
/** @typedef {Order & {unsent?: boolean}} Standing  unsent: with a step that the server may not know of yet */

/** What a ticket shows. @typedef {object} View
 * @property {Standing} order
 * @property {import("./ages.js").Age} age
 * @property {string} ageWords
 * @property {string} grace  words while the customer may still cancel; empty: the kitchen works on it
 * @property {number[]} ticks  the lines that are made
 * @property {number[]} rows  that each line takes
 * @property {number} shown  how many lines; for the others there is "more"
 * @property {boolean} isFlat  no boxes to tick: the screen is too low
 * @property {number} cells  how high it is
 * @property {number} unread  messages
 * @property {boolean} isNew  nobody has looked since it came
 */

/** @typedef {object} Actions
 * @property {(order: Standing, status: OrderStatus) => void} step
 * @property {(order: Standing) => void} more
 * @property {(order: Standing, line: number) => void} tick
 */

/** The mark of a line that is not for everybody: whoever hands it over looks at an ID. @param {{ageMin?: number | undefined}} line */
export const ageOf = (line) => (ageMark(line) ? el("b", { class: "age" }, el("span", { "aria-hidden": "true" }, ageMark(line)), el("span", { class: "sr-only" }, ageWords(line))) : null);

/** A line's words; what was given back of it is struck through. @param {{quantity: number, name: string, refunded?: number | undefined}} line
 * @returns {(Node | string)[]} */
export function lineWords({ quantity, name, refunded = 0 }) {
  if (refunded >= quantity) return [el("s", {}, `${quantity} × ${name}`), el("span", { class: "sr-only" }, " given back")];
  const left = [el("b", {}, `${quantity - refunded} ×`), ` ${name}`];
  return refunded ? [el("s", {}, `${quantity} ×`), " ", ...left] : left;
}

/** The one-tap next step. @type {Partial<Record<OrderStatus, {status: OrderStatus, words: string}>>} */
export const NEXT = {
  pending: { status: "preparing", words: "Accept" },
  confirmed: { status: "preparing", words: "Start" },
  preparing: { status: "ready", words: "Ready" },
  ready: { status: "completed", words: "Picked up" },
};

/** What somebody must know about an order beside its lines, the most important first.
 * @param {Standing} order @param {import("../../../sdk/types.js").Currency} currency @param {number} unread */
export function flagsOf(order, currency, unread) {
  const refunded = refundedOf(order);
  return [
    order.status === "ready" && order.comingAt && "Coming",
    refunded > 0 && `${formatMoney(refunded, currency)} refunded`,
    unread > 0 && (unread === 1 ? "1 new message" : `${unread} new messages`),
    order.status !== "ready" && order.estimatedTime && `about ${order.estimatedTime} min`,
  ].filter((flag) => typeof flag === "string");
}

/** @param {View} view @param {import("../../../sdk/types.js").Currency} currency */
function head({ order, ageWords, grace, unread }, currency) {
  const who = [...flagsOf(order, currency, unread), order.customerName].filter(Boolean).join(" · ");
  const about = grace ? el("span", { class: "ticket-grace" }, grace) : el("span", { class: "ticket-about" },
    el("span", { class: "ticket-age" }, ageWords), " ",
    el("span", { class: "ticket-who" }, order.unsent && el("span", { class: "unsent" }, "Not sent yet · "), who));
  return el("span", { class: "ticket-head" },
    el("span", { class: "ticket-call" }, el("b", { class: "ticket-number" }, order.number), " ",
      el("span", { class: "ticket-step" }, grace ? "Wait" : NEXT[order.status]?.words, el("span", { class: "sr-only" }, ` order ${order.number}`))), " ", about);
}

/** One order as the kitchen needs it: nearly all of it is the button of its next step. Beside that stand "more" and a
 * box for each line that is to be made.
 * @param {View} view @param {import("../../../sdk/types.js").Currency} currency @param {Actions} actions */
export function ticketOf(view, currency, actions) {
  const { order, grace, ticks, rows, shown, isFlat, cells, unread, isNew } = view;
  const { orderId, number, items, status } = order;
  const next = NEXT[status];
  const isMade = status === "preparing" && !grace;
  const rest = items.length - shown;
  const lines = items.slice(0, shown).map(({ quantity, name, refunded = 0, notes, ageMin }, line) =>
    el("span", { class: "ticket-line", "data-rows": rows[line], "data-done": String(refunded >= quantity || (isMade && ticks.includes(line))) },
      el("span", {}, ...lineWords({ quantity, name, refunded }), ageOf({ ageMin })), notes && refunded < quantity && el("em", {}, ` ${notes}`), " "));
  const go = el("button", { class: "ticket-next", "data-focus": `next-${orderId}`, "aria-disabled": grace ? "true" : null,
    onclick: () => !grace && next && actions.step(order, next.status) },
  head(view, currency), " ", ...lines, rest > 0 && el("span", { class: "ticket-line muted" }, items.slice(shown).filter(({ quantity, refunded = 0 }) => refunded < quantity)
    .map(({ quantity, name, refunded = 0, ageMin }) => `${quantity - refunded} × ${name} ${ageMark({ ageMin })}`.trim()).join(", ")));
  const boxes = !isMade || isFlat ? [] : items.slice(0, shown).map(({ quantity, name, refunded = 0 }, line) =>
    refunded >= quantity ? el("span", { class: "tick given-back", "data-rows": rows[line] }) : el("button", { class: "tick", role: "checkbox", "aria-checked": String(ticks.includes(line)), "data-rows": rows[line],
      "data-focus": `tick-${orderId}-${line}`, "aria-label": `${quantity - refunded} × ${name} of order ${number} is made`, onclick: () => actions.tick(order, line) }));
  const words = `More of order ${number}${unread ? `, ${unread} new messages` : ""}`;
  const open = (/** @type {string} */ focus) => ({ "data-focus": `${focus}-${orderId}`, onclick: () => actions.more(order) });
  return el("li", { class: "ticket", "data-order": orderId, "data-cells": cells, "data-age": grace ? "grace" : view.age, "data-lane": laneOf(order),
    "data-new": String(isNew && !grace), "data-coming": String(status === "ready" && Boolean(order.comingAt)) },
  go,
  el("div", { class: "ticket-side" },
    el("button", { class: "ticket-more", "data-unread": String(unread > 0), "aria-label": words, ...open("more") }, unread ? "✉" : "⋯"),
    ...boxes,
    rest > 0 && !isFlat && el("button", { class: "ticket-rest", "aria-label": `+${rest} more of order ${number}`, ...open("rest") }, `+${rest}`, el("small", {}, "more"))));
}

/** The place of an order that has just left: an outline with what became of it.
 * @param {Order} order @param {number} cells @param {string} words */
export const outlineOf = (order, cells, words) =>
  el("li", { class: "outline", "data-cells": cells, "data-left": order.orderId }, el("b", {}, order.number), " ", words);
