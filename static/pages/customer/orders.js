// @ts-check
import { createConversation, SIDES } from "../../ui/conversation.js";
import { byId, el, showList, whileBusy } from "../../ui/dom.js";
import { currencyOf, formatMoney } from "../../ui/format/money.js";
import { applyOrderEvent, backSummaryOf, byUrgency, isHandedOver, isOpen, mayCancel, mergeOrder, paidFor, refundedOf, statusWords, stepOf, STEPS, summaryOf } from "../../ui/state/order-list.js";
import { everySecond, secondsToCancel } from "../../ui/state/grace.js";
import { queryOf, sideOf } from "../../ui/state/accounts.js";
import { createReading } from "../../ui/state/reading.js";
import { receiptLink } from "../../ui/format/receipt-link.js";
import { rest } from "../../ui/touch/rest.js";
import { whenBack } from "../../ui/link-state.js";
import { ProblemError } from "../../sdk/problem.js";
import { showBadge } from "../../ui/sections.js";
import { formatWhen } from "../../ui/format/time.js";
import { toast } from "../../ui/toast.js";
import { keptWords, listWords } from "../../ui/format/words.js";

/** @typedef {import("../../sdk/types.js").Order} Order */

const EXACT_MAX = 10; // further back, positions are told now and then
const PAGE = 20;
const TALK_MS = 12 * 60 * 60 * 1_000; // after that there is nothing left to ask the stall

/** @param {Order} order @returns {string} what the customer waits for */
export function waitOf(order) {
  if (order.status === "ready") return `Pick it up at ${order.vendorName ?? "the stall"}.`;
  if (!isOpen(order)) return "";
  const { queuePosition } = order;
  const number = queuePosition && `${queuePosition > EXACT_MAX ? "About number" : "Number"} ${queuePosition} in the queue`;
  const position = queuePosition === 1 ? "You're next" : number || "";
  const minutes = order.estimatedTime ? `about ${order.estimatedTime} min` : "";
  return [position, minutes].filter(Boolean).join(" · ");
}

/** Return when the last thing happened to an order that a customer remembers: that they had it, or else ordered it; pure.
 * @param {Order} order @returns {string} RFC 3339 */
export function rememberedAt({ status, createdAt, updatedAt, completedAt }) {
  if (status === "completed") return completedAt ?? updatedAt;
  return status === "cancelled" ? updatedAt : createdAt;
}

/** @param {Order} order */
function steps(order) {
  const reached = stepOf(order.status);
  return el("ol", { class: "steps", "aria-label": "Progress" }, ...STEPS.map((name, index) =>
    el("li", { class: index <= reached ? "done" : null, "aria-current": index === reached ? "step" : null }, name)));
}

/** My orders: as cards in their own section, and the open ones in short above the stalls.
 * @param {import("../../sdk/festival-push.js").Client} client @param {import("../../sdk/types.js").Me} me
 * @param {(answer: any) => void} settled  the server has answered a command with the order and the balance
 * @param {object} around
 * @param {(orders: Order[]) => void} around.changed
 * @param {(vendorId: string) => boolean} around.isAttended  somebody is at the stall who may serve an order
 * @param {Pick<ReturnType<typeof import("./coming.js").createComing>, "tell" | "isUntold">} around.coming */
export function createOrders(client, me, settled, { changed, isAttended, coming }) {
  const currency = currencyOf(me);
  let orders = /** @type {Order[]} */ ([]);
  let next = /** @type {string | null} */ (null);
  let hasHistory = false;
  const more = /** @type {HTMLButtonElement} */ (byId("orders-more"));
  const conversation = createConversation(client, SIDES.customer, () => show());

  /** @param {Order} order @param {HTMLButtonElement} button */
  const cancel = (order, button) => whileBusy(button, async () => {
    rest(byId("app")); // the next order comes up under the finger, with a button of its own
    try {
      const { data } = await client.command(`/v1/orders/${encodeURIComponent(order.orderId)}/cancel`, {});
      settled(data);
    } catch (error) {
      toast(keptWords(error, currency), "error");
      if (error instanceof ProblemError && error.code === "invalid-transition") read(order.orderId);
    }
  });
  const secondsLeft = (/** @type {Order} */ order) => secondsToCancel(order, client.serverNow());
  const isCancellable = (/** @type {Order} */ order) => mayCancel(order, client.serverNow(), isAttended(order.vendorId));
  const cancelWords = (/** @type {Order} */ order) => (secondsLeft(order) > 0 ? `Cancel (${secondsLeft(order)} s)` : "Cancel order");

  /** Count down in place: a button that is drawn anew each second would swallow taps. */
  const countDown = everySecond(() => {
    let isOver = false;
    for (const label of Array.from(byId("orders").querySelectorAll("[data-counts]"))) {
      const order = orders.find(({ orderId }) => orderId === label.getAttribute("data-counts"));
      if (order && secondsLeft(order) > 0) label.textContent = cancelWords(order);
      else isOver = true;
    }
    if (isOver) show();
    return orders.some((order) => secondsLeft(order) > 0);
  });

  /** @param {Order} order */
  const talk = (order) => {
    const waiting = conversation.waiting(order.orderId);
    return el("button", { class: waiting ? "small primary" : "small", "data-focus": `talk-${order.orderId}`, onclick: () => conversation.open(order) },
      waiting ? `${waiting} new from the stall` : "Message the stall", el("span", { class: "sr-only" }, ` about order ${order.number}`));
  };
  const mayTalk = (/** @type {Order} */ order) => isOpen(order) || Date.now() - Date.parse(order.updatedAt) < TALK_MS;

  /** @param {Order} order */
  const card = (order) => {
    const stop = el("button", { class: "small danger", "data-focus": `cancel-${order.orderId}`, onclick: () => void cancel(order, stop) },
      el("span", { "data-counts": secondsLeft(order) > 0 ? order.orderId : null }, cancelWords(order)), el("span", { class: "sr-only" }, ` number ${order.number}`));
    const isReady = order.status === "ready";
    return el("li", { class: "card order", "data-status": order.status },
      el("div", { class: "order-head" },
        isHandedOver(order) ? el("span", { class: "order-number", "aria-hidden": "true" }, "✓")
          : el("span", { class: "order-number", "aria-label": `Order number ${order.number}` }, order.number),
        el("div", { class: "grow" }, el("strong", {}, statusWords(order)),
          el("p", { class: "muted" }, waitOf(order) || formatWhen(rememberedAt(order)))),
        el("span", { class: "price" }, formatMoney(paidFor(order), currency))),
      order.status !== "cancelled" && !isHandedOver(order) && steps(order),
      el("p", {}, order.vendorName && el("strong", {}, `${order.vendorName}: `), summaryOf(order)),
      order.status === "cancelled" && order.reason && el("p", { class: "muted" }, `Reason: ${order.reason}`),
      order.deposit ? el("p", { class: "muted" }, `Includes ${formatMoney(order.deposit, currency)} deposit`) : null,
      order.tip ? el("p", { class: "muted" }, `Includes a tip of ${formatMoney(order.tip, currency)}`) : null,
      order.status !== "cancelled" && backSummaryOf(order) ? el("p", { class: "muted" }, el("s", {}, backSummaryOf(order))) : null,
      refundedOf(order) ? el("p", { class: "refund" }, `${formatMoney(refundedOf(order), currency)} refunded`) : null,
      isReady && order.comingAt && el("p", { class: "coming" }, "The stall knows you're coming."),
      // The one that goes away stands first, so that the other keeps its place.
      el("div", { class: "order-actions" }, isCancellable(order) && stop,
        isReady && coming.isUntold(order) && el("button", { class: "small", onclick: () => void coming.tell([order]) }, "Tell the stall I'm coming"),
        mayTalk(order) && talk(order),
        receiptLink(order, "customer", { "data-focus": `receipt-${order.orderId}`, "aria-label": `Receipt of order ${order.number}` })));
  };

  /** @param {Order} order */
  const strip = (order) => el("a", { class: "card order-strip", href: "#view=orders", "data-status": order.status },
    el("span", { class: "order-number" }, order.number),
    el("span", { class: "grow" }, el("strong", {}, statusWords(order)), el("br"), waitOf(order) || summaryOf(order)),
    el("span", { "aria-hidden": "true" }, "›"));

  const show = () => {
    const sorted = byUrgency(orders);
    const open = sorted.filter(isOpen);
    byId("orders-empty").hidden = orders.length > 0;
    showList(byId("orders"), sorted, ({ orderId }) => orderId, card, (order) => JSON.stringify([order, conversation.waiting(order.orderId), mayTalk(order), isCancellable(order), coming.isUntold(order)]));
    showList(byId("open-orders"), open, ({ orderId }) => orderId, strip);
    showBadge("orders-badge", open.length);
    more.hidden = next === null;
    countDown();
    changed(orders);
  };

  const reading = createReading(show);
  /** Somebody who keeps a stall hears of other people's orders, too. @param {Order} order */
  const isOwn = ({ userId }) => userId === undefined || userId === me.userId;
  const others = /** @type {Set<string>} */ (new Set());
  /** @param {Order} order */
  const put = (order) => void (isOwn(order) ? (orders = mergeOrder(orders, order)) : others.add(order.orderId));

  /** @param {Order[]} all */
  const replace = (all) => reading.change(() => {
    const list = all.filter(isOwn);
    // The snapshot holds the open orders; finished ones that we know of stay in view below them.
    const fresh = new Set(list.map(({ orderId }) => orderId));
    orders = list.reduce(mergeOrder, orders.filter((order) => !isOpen(order) && !fresh.has(order.orderId)));
  });
  /** @param {string} orderId */
  const read = (orderId) => void reading.read(() => client.get(`/v1/orders/${encodeURIComponent(orderId)}`), put).catch(() => {});

  const own = queryOf(sideOf(me));
  /** @param {string | null} before  null: the newest */
  const load = (before) => reading.read(() => client.get(`/v1/orders?limit=${PAGE}${own}${before ? `&before=${encodeURIComponent(before)}` : ""}`), (page) => {
    if (before || !hasHistory) next = page.next ?? null;
    hasHistory = true;
    page.items.forEach(put);
  });
  more.addEventListener("click", () => void whileBusy(more, () => load(next).then(() => {}, (error) => {
    toast(listWords(error), "error");
    whenBack(() => load(next).catch(() => {}));
  })));
  const loadHistory = () => {
    load(null).catch(() => whenBack(loadHistory));
  };

  replace(me.orders);
  return {
    conversation,
    /** @param {Order} order  as the answer to a command has it */
    merge: (order) => reading.change(() => put(order)),
    read,
    /** What is known besides the orders has changed. */
    refresh: () => show(),
    /** @param {Order[]} list  the open orders, as a snapshot has them */
    restore(list) {
      replace(list);
      // What was finished before, or while we were away, is nice to have: without it the page works.
      loadHistory();
    },
    /** @param {string} type @param {any} data  an event that names an order */
    apply(type, data) {
      const isKnown = orders.some(({ orderId }) => orderId === data.orderId);
      if (!isKnown && (others.has(data.orderId) || !isOwn(data))) return; // of a stall that they keep
      if (!isKnown) read(data.orderId); // placed on another device
      reading.change(() => void (orders = applyOrderEvent(orders, type, data)));
    },
  };
}
