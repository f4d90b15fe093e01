// @ts-check
import { el } from "../../ui/dom.js";
import { formatMoney } from "../../ui/format/money.js";
import { formatWait } from "../../ui/format/time.js";
import { leftOf } from "../../ui/state/order-list.js";

/** @typedef {import("../../sdk/types.js").Order} Order */
/** @typedef {import("../../sdk/types.js").OrderStatus} OrderStatus */
/** The question that a ticket shows instead of its buttons. @typedef {"" | "reason" | "time"} Question */

/** @typedef {object} Actions
 * @property {(order: Order, status: OrderStatus, button: HTMLButtonElement, minutes?: number) => void} step
 * @property {(order: Order, reason: string, button: HTMLButtonElement) => void} cancel
 * @property {(order: Order, question: Question) => void} ask
 * @property {(order: Order) => void} talk
 */

/** The one-tap next step. @type {Partial<Record<OrderStatus, {status: OrderStatus, words: string}>>} */
const NEXT = {
  pending: { status: "preparing", words: "Accept" },
  confirmed: { status: "preparing", words: "Start" },
  preparing: { status: "ready", words: "Ready" },
  ready: { status: "completed", words: "Picked up" },
};
const REASONS = ["Sold out", "Closing", "Customer asked", "Nobody came"];
const MINUTES = [5, 10, 15, 20, 30, 45];
const REASON_CHARS_MAX = 140;

/** @param {Order} order @returns {boolean} whether it still waits for its turn */
const isQueued = ({ status }) => status !== "ready";

/** The form that asks why an order is cancelled: a tap, or in words.
 * @param {Order} order @param {string} currency @param {Actions} actions */
function reasons(order, currency, actions) {
  const chips = REASONS.map((reason) => {
    const button = el("button", { class: "danger", onclick: () => actions.cancel(order, reason, button) }, reason);
    return button;
  });
  const text = el("input", { maxlength: REASON_CHARS_MAX, required: true, placeholder: "Another reason", "aria-label": "Another reason" });
  const send = el("button", { class: "danger" }, "Cancel it");
  const other = el("form", { class: "ticket-actions", onsubmit: (/** @type {Event} */ event) => {
    event.preventDefault();
    actions.cancel(order, text.value.trim() || "Cancelled", send);
  } }, text, send);
  return el("div", { class: "stack" },
    el("p", {}, `Why? ${formatMoney(leftOf(order), currency)} go back to the customer.`),
    el("div", { class: "ticket-actions" }, ...chips), other,
    el("button", { class: "quiet", onclick: () => actions.ask(order, "") }, "Keep it"));
}

/** When it will be ready, in the stall's own words. @param {Order} order @param {Actions} actions */
function times(order, actions) {
  const status = order.status === "pending" ? "preparing" : order.status; // a time for a new order is also a yes
  const chips = MINUTES.map((minutes) => {
    const button = el("button", { "aria-label": `${minutes} minutes`, onclick: () => actions.step(order, status, button, minutes) }, `${minutes} min`);
    return button;
  });
  return el("div", { class: "stack" }, el("p", {}, order.status === "pending" ? "Accept it, ready in about" : "Ready in about"),
    el("div", { class: "ticket-actions" }, ...chips, el("button", { class: "quiet", onclick: () => actions.ask(order, "") }, "Back")));
}

/** @param {Order} order @param {number} unread @param {Actions} actions */
function buttons(order, unread, actions) {
  const ofOrder = el("span", { class: "sr-only" }, ` order ${order.number}`);
  const next = NEXT[order.status];
  const go = el("button", { class: "primary", "data-focus": `next-${order.orderId}`, onclick: () => next && actions.step(order, next.status, go) }, next?.words, ofOrder);
  const back = el("button", { class: "quiet", onclick: () => actions.step(order, "preparing", back) }, "Back");
  return el("div", { class: "ticket-actions" }, next && go, order.status === "ready" && back,
    isQueued(order) && el("button", { class: "quiet", "aria-label": `Time for order ${order.number}`, onclick: () => actions.ask(order, "time") }, "Time"),
    el("button", { class: unread ? "danger" : "quiet", "aria-label": `${unread ? `${unread} new messages` : "Messages"} of order ${order.number}`,
      onclick: () => actions.talk(order) }, unread ? `${unread} new` : "Message"),
    el("button", { class: "quiet", "aria-label": `${order.status === "pending" ? "Reject" : "Cancel"} order ${order.number}`,
      onclick: () => actions.ask(order, "reason") }, order.status === "pending" ? "Reject" : "Cancel"));
}

/** One order as the kitchen needs it. @param {Order & {unsent?: boolean}} order
 * @param {{currency: string, question: Question, unread: number, isNew: boolean}} how @param {Actions} actions */
export function ticketOf(order, { currency, question, unread, isNew }, actions) {
  const minutes = isQueued(order) && order.estimatedTime;
  return el("li", { class: "card ticket", "data-new": String(isNew), "data-ringing": String(order.status === "pending") },
    el("div", { class: "ticket-head" }, el("span", { class: "ticket-number" }, order.number),
      el("span", { class: "grow" }, order.customerName), el("span", { class: "muted" }, formatWait(Date.parse(order.createdAt), Date.now()))),
    el("ul", { class: "ticket-lines" }, ...order.items.map(({ quantity, name, notes }) =>
      el("li", {}, el("b", {}, `${quantity} ×`), ` ${name}`, notes && el("em", {}, notes)))),
    order.tip ? el("p", { class: "muted" }, `Tip: ${formatMoney(order.tip, currency)}`) : null,
    order.unsent && el("p", { class: "unsent" }, "Not sent yet: it waits for the connection."),
    minutes ? el("p", { class: "muted" }, `The customer is told: about ${minutes} min`) : null,
    question === "reason" ? reasons(order, currency, actions) : question === "time" ? times(order, actions) : buttons(order, unread, actions));
}
