// @ts-check
import { byId, el, setText, showList } from "../../../ui/dom.js";
import { formatWhen } from "../../../ui/format/time.js";
import { humanWords } from "../../../ui/format/words.js";
import { receiptLink } from "../../../ui/format/receipt-link.js";
import { rest } from "../../../ui/touch/rest.js";
import { isHandedOver, summaryOf } from "../../../ui/state/order-list.js";
import { isRecallable } from "./ages.js";

/** @typedef {import("../../../sdk/types.js").Order} Order */

const SHOWN_MAX = 20;
const READ_MAX = 100; // amounts that were paid by QR code are among them
const MINUTE_MS = 60_000;
const NOBODY = "Nobody has picked up anything yet.";

/** When it was picked up. @param {Order} order */
const doneAt = ({ completedAt, updatedAt }) => completedAt ?? updatedAt;

/** Put together what the server and this device know; pure. What this device has called back is not done, though a list
 * that was read meanwhile may say so. @param {Order[]} listed @param {Order[]} known
 * @returns {Order[]} picked up, the newest first */
export function doneOf(listed, known) {
  const open = new Set(known.filter(({ status }) => status !== "completed").map(({ orderId }) => orderId));
  return Array.from(new Map([...known, ...listed].map((order) => [order.orderId, order])).values())
    .filter((order) => order.status === "completed" && !open.has(order.orderId) && !isHandedOver(order))
    .sort((a, b) => (doneAt(a) < doneAt(b) ? 1 : -1)).slice(0, SHOWN_MAX);
}

/** The orders that were picked up last, and the way back for them.
 * @param {import("../../../sdk/festival-push.js").Client} client @param {ReturnType<typeof import("../taps/guard.js").createGuard>} guard
 * @param {import("./ages.js").Limits} limits
 * @param {{known: () => Order[], recall: (order: Order) => void}} queue  known: orders that this device has seen, also those that it calls back just now */
export function createDone(client, guard, limits, { known, recall }) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("done-sheet"));
  let listed = /** @type {Order[]} */ ([]);
  let shown = "";

  /** @param {Order} order */
  const row = (order) => el("li", { class: "row" },
    el("span", { class: "order-number" }, order.number),
    el("span", { class: "grow" }, summaryOf(order), el("span", { class: "muted" }, ` ${formatWhen(doneAt(order))}${order.customerName ? ` · ${order.customerName}` : ""}`)),
    receiptLink(order, "vendor", { "data-focus": `receipt-${order.orderId}`, "aria-label": `Receipt of order ${order.number}` }),
    isRecallable(order, client.serverNow(), limits) && el("button", { "data-focus": `recall-${order.orderId}`, onclick: () => {
      if (!guard.claim()) return;
      recall(order);
      dialog.close();
    } }, "Recall", el("span", { class: "sr-only" }, ` order ${order.number}`)));

  const show = () => {
    const orders = doneOf(listed, known());
    const ids = orders.map(({ orderId }) => orderId).join();
    if (ids !== shown) rest(byId("done-list")); // other rows are under the finger now
    shown = ids;
    showList(byId("done-list"), orders, ({ orderId }) => orderId, row, (order) => JSON.stringify([order, isRecallable(order, client.serverNow(), limits)]));
    return orders.length;
  };

  const load = async () => {
    if (!navigator.onLine) return setText("done-state", show() ? "You are offline: these are the ones that this device knows." : "You are offline.");
    setText("done-state", show() ? "" : "Loading…");
    try {
      ({ items: listed } = await client.get(`/v1/orders?status=completed&limit=${READ_MAX}`));
      setText("done-state", show() ? "" : NOBODY);
    } catch (error) {
      setText("done-state", humanWords(error));
    }
  };

  setText("done-words", `For ${Math.round(limits.recallMs / MINUTE_MS)} minutes an order can be called back: it is ready again then.`);
  byId("done").addEventListener("click", () => {
    guard.rest();
    dialog.showModal();
    void load();
  });
  byId("done-close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => guard.rest());

  return {
    /** The orders have changed. */
    show() {
      if (dialog.open && show() && byId("done-state").textContent === NOBODY) setText("done-state", "");
    },
  };
}
