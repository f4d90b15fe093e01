// @ts-check
import { byId, el, setText, showList, whileBusy } from "../js/dom.js";
import { formatMoney } from "../js/money.js";
import { applyOrderEvent, isOpen, mergeOrder } from "../js/orders.js";
import { formatWait } from "../js/time.js";
import { toast } from "../js/toast.js";
import { commandWords } from "../js/words.js";

/** @typedef {import("../js/types.js").Order} Order */
/** @typedef {import("../js/types.js").OrderStatus} OrderStatus */

/** @type {Record<string, OrderStatus[]>} */
const COLUMNS = { pending: ["pending", "confirmed"], preparing: ["preparing"], ready: ["ready"] };
/** The one-tap next step. @type {Partial<Record<OrderStatus, {status: OrderStatus, words: string}>>} */
const NEXT = {
  pending: { status: "preparing", words: "Start" },
  confirmed: { status: "preparing", words: "Start" },
  preparing: { status: "ready", words: "Ready" },
  ready: { status: "completed", words: "Picked up" },
};
const REASONS = ["Sold out", "Closing", "Customer asked", "Nobody came"];
const TICK_MS = 30_000;
const PATIENCE_MS = 500;

/** The kitchen's open orders, in columns by status, the oldest first.
 * @param {import("../js/festival-push.js").Client} client @param {string} currency @param {Order[]} first */
export function createQueue(client, currency, first) {
  let orders = /** @type {Order[]} */ ([]);
  let cancelling = ""; // the order whose reason is being asked for
  const fresh = /** @type {Set<string>} */ (new Set()); // arrived while looking, and not touched yet

  /** @param {Order} order @param {string} path @param {Record<string, unknown>} body @param {HTMLButtonElement} button */
  const send = (order, path, body, button) => whileBusy(button, async () => {
    fresh.delete(order.orderId);
    try {
      const { data } = await client.command(`/v1/orders/${encodeURIComponent(order.orderId)}/${path}`, body);
      cancelling = cancelling === order.orderId ? "" : cancelling;
      merge(data.order);
    } catch (error) {
      toast(`Order ${order.number}: ${commandWords(error, currency)}`, "error");
      refresh(order.orderId);
    }
  });

  /** @param {Order} order @param {OrderStatus} status @param {HTMLButtonElement} button */
  const step = (order, status, button) => {
    const minutes = Number(/** @type {HTMLSelectElement} */ (byId("estimate")).value);
    void send(order, "status", { status, ...(status === "preparing" && minutes ? { estimatedTime: minutes } : {}) }, button);
  };

  /** @param {string} orderId */
  const askReason = (orderId) => {
    cancelling = orderId;
    show();
  };

  /** @param {Order} order */
  const reasons = (order) => el("div", { class: "stack" },
    el("p", {}, `Why is it cancelled? ${formatMoney(order.total, currency)} go back to the customer.`),
    el("div", { class: "ticket-actions" },
      ...REASONS.map((reason) => {
        const button = el("button", { class: "danger", onclick: () => void send(order, "cancel", { reason }, button) }, reason);
        return button;
      }),
      el("button", { class: "quiet", onclick: () => askReason("") }, "Keep it")));

  /** @param {Order} order */
  const actions = (order) => {
    const next = NEXT[order.status];
    const go = el("button", { class: "primary", "data-focus": `next-${order.orderId}`,
      onclick: () => next && step(order, next.status, go) }, next?.words, el("span", { class: "sr-only" }, ` order ${order.number}`));
    const back = el("button", { class: "quiet", onclick: () => step(order, "preparing", back) }, "Back");
    return el("div", { class: "ticket-actions" }, next && go, order.status === "ready" && back,
      el("button", { class: "quiet", "aria-label": `Cancel order ${order.number}`, onclick: () => askReason(order.orderId) }, "Cancel"));
  };

  /** @param {Order} order */
  const ticket = (order) => el("li", { class: "card ticket", "data-new": String(fresh.has(order.orderId)) },
    el("div", { class: "ticket-head" }, el("span", { class: "ticket-number" }, order.number),
      el("span", { class: "grow" }, order.customerName), el("span", { class: "muted" }, formatWait(Date.parse(order.createdAt), Date.now()))),
    el("ul", { class: "ticket-lines" }, ...order.items.map(({ quantity, name, notes }) =>
      el("li", {}, el("b", {}, `${quantity} ×`), ` ${name}`, notes && el("em", {}, notes)))),
    cancelling === order.orderId ? reasons(order) : actions(order));

  const show = () => {
    for (const [column, statuses] of Object.entries(COLUMNS)) {
      const mine = orders.filter(({ status }) => statuses.includes(status)).reverse();
      setText(`${column}-count`, mine.length ? String(mine.length) : "");
      byId(`${column}-empty`).hidden = mine.length > 0;
      showList(byId(column), mine, ({ orderId }) => orderId, ticket, (order) => JSON.stringify([order,
        fresh.has(order.orderId), cancelling === order.orderId, formatWait(Date.parse(order.createdAt), Date.now())]));
    }
  };

  /** @param {Order} order */
  const merge = (order) => {
    orders = mergeOrder(orders, order).filter(isOpen);
    show();
  };
  /** @param {string} orderId */
  const refresh = (orderId) => client.get(`/v1/orders/${encodeURIComponent(orderId)}`).then(merge, () => {});

  /** @param {Order[]} list */
  const replace = (list) => {
    orders = list.reduce(mergeOrder, /** @type {Order[]} */ ([])).filter(isOpen);
    show();
  };
  replace(first);
  setInterval(show, TICK_MS); // the waiting times

  return {
    replace,
    refresh,
    /** A `new-order`. Its status depends on the stall's settings, so it is read in full; on a slow network it is shown
     * as new until that has come. @param {any} data */
    arrive(data) {
      fresh.add(data.orderId);
      const asNew = { status: "pending", vendorId: "", createdAt: data.timestamp, updatedAt: data.timestamp, ...data };
      const isKnown = () => orders.some(({ orderId }) => orderId === data.orderId);
      const timer = setTimeout(() => isKnown() || merge(asNew), PATIENCE_MS);
      client.get(`/v1/orders/${encodeURIComponent(data.orderId)}`).then((order) => {
        clearTimeout(timer);
        merge(order);
      }, () => {});
    },
    /** @param {string} type @param {any} data */
    apply(type, data) {
      if (!orders.some(({ orderId }) => orderId === data.orderId)) return;
      orders = applyOrderEvent(orders, type, data).filter(isOpen);
      show();
    },
  };
}
