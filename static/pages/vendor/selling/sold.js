// @ts-check
import { byId, el, setText, showList } from "../../../ui/dom.js";
import { formatMoney } from "../../../ui/format/money.js";
import { formatWhen } from "../../../ui/format/time.js";
import { listWords } from "../../../ui/format/words.js";
import { whenBack } from "../../../ui/link-state.js";
import { isHandedOver, mergeOrder, paidFor, refundedOf, summaryOf } from "../../../ui/state/order-list.js";
import { createReading, oneAtATime } from "../../../ui/state/reading.js";
import { hasLines } from "./giving-back.js";

/** @typedef {import("../../../sdk/types.js").Order} Order */

const SHOWN_MAX = 30;
const NOTHING = "Nothing sold yet. What is paid appears here by itself.";

/** The newest of what was handed over at once; pure. @param {Order[]} orders */
export const soldOf = (orders) => orders.filter((order) => order.status === "completed" && isHandedOver(order)).slice(0, SHOWN_MAX);

/** What was just paid at a stall that hands over at once: a large amount, what it was for, and the way back.
 * @param {import("../../../sdk/festival-push.js").Client} client @param {import("../../../sdk/types.js").Currency} currency
 * @param {string} query  of the stall's orders @param {(order: Order) => void} giveBack */
export function createSold(client, currency, query, giveBack) {
  let orders = /** @type {Order[]} */ ([]);
  let isOn = false;
  const state = (/** @type {string} */ words) => setText("just-paid-state", words);

  /** @param {Order} order */
  const row = (order) => {
    const back = refundedOf(order);
    return el("li", { class: "sale", "data-order": order.orderId },
      el("b", { class: "sale-amount" }, formatMoney(paidFor(order), currency)),
      el("span", { class: "grow" }, el("span", { class: "sale-items" }, summaryOf(order)),
        el("span", { class: "muted" }, [formatWhen(order.createdAt), order.customerName].filter(Boolean).join(" · ")),
        back > 0 && el("span", { class: "sale-back" }, `${formatMoney(back, currency)} given back`)),
      hasLines(order) && el("button", { "data-focus": `give-${order.orderId}`, onclick: () => giveBack(order) }, "Give back",
        el("span", { class: "sr-only" }, ` ${formatMoney(paidFor(order), currency)}, ${summaryOf(order)}`)));
  };

  const show = () => {
    const sold = soldOf(orders);
    byId("just-paid").hidden = !isOn;
    if (!isOn) return;
    showList(byId("just-paid-list"), sold, ({ orderId }) => orderId, row);
    if (sold.length) state("");
  };
  const reading = createReading(show);
  const put = (/** @type {Order} */ order) => void (orders = mergeOrder(orders, order).slice(0, SHOWN_MAX));

  const load = oneAtATime(async () => {
    try {
      await reading.read(() => client.get(`/v1/orders?status=completed&limit=100${query}`), ({ items }) => void (orders = soldOf(items)));
      if (!soldOf(orders).length) state(NOTHING);
    } catch (error) {
      state(listWords(error));
      whenBack(load);
    }
  });

  return {
    /** The stall hands over at once, or not any more. @param {boolean} wanted */
    turn(wanted) {
      const begins = wanted && !isOn;
      isOn = wanted;
      show();
      if (begins) void load();
    },
    /** The stream has a gap behind it. */
    again: () => void (isOn && load()),
    /** A `new-order`; one that is made for a number is none of these. @param {any} data */
    arrive(data) {
      if (!data.atOnce) return;
      reading.change(() => put({ ...data, status: "completed", createdAt: data.timestamp, updatedAt: data.timestamp }));
      if (isOn) setText("announce", `Paid: ${formatMoney(paidFor(data), currency)}, ${data.item}`);
    },
    /** Money of one went back. @param {string} orderId */
    refresh(orderId) {
      if (!orders.some((order) => order.orderId === orderId)) return;
      client.get(`/v1/orders/${encodeURIComponent(orderId)}`).then((order) => reading.change(() => put(order)), () => {});
    },
    /** @param {Order} order  an answer */
    take: (order) => void (orders.some(({ orderId }) => orderId === order.orderId) && reading.change(() => put(order))),
  };
}
