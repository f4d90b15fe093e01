// @ts-check
import { byId, el, input } from "../../ui/dom.js";
import { later } from "../../ui/later.js";
import { formatMoney } from "../../ui/format/money.js";
import { isOpen, leftOf, refundedOf, statusWords, summaryOf } from "../../ui/state/order-list.js";
import { formatWhen } from "../../ui/format/time.js";
import { toast } from "../../ui/toast.js";
import { commandWords } from "../../ui/format/words.js";
import { ask } from "./ask.js";
import { sendMoney, waitsWords } from "./deeds/second.js";
import { createPaged } from "./paged.js";

/** @typedef {import("../../sdk/types.js").Order} Order */

const READ_AGAIN_MS = 2_000;

/** Return whether an order matches what somebody typed: its number, id, stall or customer; pure.
 * @param {Order} order @param {string} text */
export function orderMatches({ number, orderId, vendorName, customerName }, text) {
  const wanted = text.trim().toLowerCase();
  return !wanted || String(number) === wanted || [orderId, vendorName, customerName].some((name) => (name ?? "").toLowerCase().includes(wanted));
}

/** The list of all stalls' orders, where the organiser looks into an order and gives money back.
 * @param {import("../../sdk/festival-push.js").Client} client @param {string} currency */
export function createOrders(client, currency) {
  /** @param {Order} order @param {"refund" | "cancel"} path @param {Record<string, unknown>} body
   * @param {(now: Order) => string} done */
  const send = async (order, path, body, done) => {
    try {
      const sent = await sendMoney(client, `/v1/orders/${encodeURIComponent(order.orderId)}/${path}`, body);
      if (!sent) return;
      if (sent.isWaiting) return toast(waitsWords(`Order ${order.number}`), "info");
      list.put(sent.data.order);
      toast(done(sent.data.order), "success");
    } catch (error) {
      toast(`Order ${order.number}: ${commandWords(error, currency)}`, "error");
    }
  };

  /** An amount of the total; the tip stays the stall's. @param {Order} order */
  const refund = async (order) => {
    const left = order.total - (order.refunded ?? 0);
    const answered = await ask({ title: `Refund order ${order.number}`, action: "Refund", amount: left, reason: "Reason, for the customer and the stall",
      words: `${order.customerName} paid ${formatMoney(order.total, currency)}${order.tip ? ` and a tip of ${formatMoney(order.tip, currency)}` : ""} at ${order.vendorName}; up to ${formatMoney(left, currency)} can go back. The order goes on as it was.` }, currency);
    if (answered) await send(order, "refund", { amount: answered.amount, reason: answered.reason },
      () => `${formatMoney(answered.amount, currency)} went back to ${order.customerName}.`);
  };

  /** All that is left, and the tip. @param {Order} order */
  const refundAll = async (order) => {
    const left = formatMoney(leftOf(order), currency);
    const answered = await ask({ title: `Refund all of order ${order.number}`, action: `Refund ${left}`, reason: "Reason, for the customer and the stall",
      words: `${left} go back to ${order.customerName}, the tip included. The order goes on as it was.` }, currency);
    if (answered) await send(order, "refund", { all: true, reason: answered.reason },
      (now) => `${formatMoney(refundedOf(now) - refundedOf(order), currency)} went back to ${order.customerName}.`);
  };

  /** @param {Order} order */
  const cancel = async (order) => {
    const answered = await ask({ title: `Cancel order ${order.number}`, action: "Cancel the order", reason: "Reason, for the customer and the stall",
      words: `All that ${order.customerName} paid goes back, and ${order.vendorName} stops working on it.` }, currency);
    if (answered) await send(order, "cancel", { reason: answered.reason }, () => `Order ${order.number} is cancelled.`);
  };

  /** @param {Order} order */
  const row = (order) => {
    const left = order.total - (order.refunded ?? 0);
    return el("li", { class: "row wrap" },
      el("span", { class: "order-number" }, order.number),
      el("div", { class: "grow" }, el("strong", {}, `${order.vendorName} · ${order.customerName}`), el("p", {}, summaryOf(order)),
        el("p", { class: "muted" }, `${statusWords(order)} · ${formatWhen(order.createdAt)} · ${order.orderId}`)),
      el("div", { class: "amounts" }, el("p", { class: "price" }, formatMoney(order.total, currency)),
        order.tip ? el("p", { class: "muted" }, `tip ${formatMoney(order.tip, currency)}`) : null,
        refundedOf(order) ? el("p", { class: "muted" }, `${formatMoney(refundedOf(order), currency)} refunded`) : null),
      el("div", { class: "actions" },
        left > 0 && el("button", { class: "small", onclick: () => void refund(order) }, "Refund", el("span", { class: "sr-only" }, ` order ${order.number}`)),
        leftOf(order) > left && el("button", { class: "small", onclick: () => void refundAll(order) }, "Refund with tip", el("span", { class: "sr-only" }, ` order ${order.number}`)),
        isOpen(order) && el("button", { class: "small danger", onclick: () => void cancel(order) }, "Cancel", el("span", { class: "sr-only" }, ` order ${order.number}`))));
  };

  const list = createPaged(client, {
    name: "orders",
    path: () => `/v1/orders?limit=50${input("orders-status").value ? `&status=${input("orders-status").value}` : ""}`,
    keyOf: (/** @type {Order} */ { orderId }) => orderId,
    row,
    empty: "No such orders.",
    isShown: (order) => orderMatches(order, input("orders-find").value),
  });
  byId("orders-status").addEventListener("change", () => void list.restart());
  byId("orders-find").addEventListener("input", list.show);
  const soon = later(() => void list.load(), READ_AGAIN_MS);

  return {
    open: () => void list.load(),
    changed() {
      if (!byId("view-orders").hidden) soon();
    },
  };
}
