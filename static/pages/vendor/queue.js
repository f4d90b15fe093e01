// @ts-check
import { byId, setText, showList, whileBusy } from "../../ui/dom.js";
import { createConversation, SIDES } from "../../ui/conversation.js";
import { applyOrderEvent, isOpen, mergeOrder } from "../../ui/state/order-list.js";
import { formatWait } from "../../ui/format/time.js";
import { toast } from "../../ui/toast.js";
import { commandWords } from "../../ui/format/words.js";
import { ticketOf } from "./ticket.js";

/** @typedef {import("../../sdk/types.js").Order} Order */
/** @typedef {import("../../sdk/types.js").OrderStatus} OrderStatus */

/** @type {Record<string, OrderStatus[]>} */
const COLUMNS = { pending: ["pending", "confirmed"], preparing: ["preparing"], ready: ["ready"] };
const TICK_MS = 30_000;

/** Return the orders with the steps that the kitchen has taken and the server may not know of yet; pure.
 * @param {Order[]} orders
 * @param {{orderId: string, status: OrderStatus}[]} steps  those in the outbox, the oldest first
 * @returns {(Order & {unsent?: boolean})[]} */
export function withSteps(orders, steps) {
  const newest = new Map(steps.map(({ orderId, status }) => [orderId, status]));
  return orders.map((order) => {
    const status = newest.get(order.orderId);
    return status ? { ...order, status, unsent: true } : order;
  }).filter(isOpen);
}

/** The kitchen's open orders, in columns by status, the oldest first. Steps go through the outbox, so that a kitchen
 * can work without a connection; commands that move money or send a message wait for their answer.
 * @param {import("../../sdk/festival-push.js").Client} client @param {import("../../sdk/types.js").Me} me
 * @param {(orders: Order[]) => void} changed */
export function createQueue(client, { userId, currency, orders: first }, changed) {
  let orders = /** @type {Order[]} */ ([]);
  let asked = { orderId: "", question: /** @type {import("./ticket.js").Question} */ ("") };
  const fresh = /** @type {Set<string>} */ (new Set()); // arrived while looking, and not touched yet
  const arriving = /** @type {Map<string, Order>} */ (new Map()); // their status comes in the event behind
  const elsewhere = /** @type {Map<string, string>} */ (new Map()); // of orders that aren't shown: the time of their last event
  const conversation = createConversation(client, SIDES.vendor, () => show());
  const outbox = client.outbox({
    userId,
    onSent: (_, order) => merge(order),
    onRefused({ orderId }, problem) {
      const order = orders.find((one) => one.orderId === orderId);
      toast(`Order ${order?.number ?? ""}: ${commandWords(problem, currency)}`, "error");
      void refresh(orderId).then(show);
    },
  });

  /** @param {Order} order @param {string} path @param {Record<string, unknown>} body
   * @param {HTMLButtonElement} button */
  const send = (order, path, body, button) => whileBusy(button, async () => {
    fresh.delete(order.orderId);
    try {
      const { data } = await client.command(`/v1/orders/${encodeURIComponent(order.orderId)}/${path}`, body);
      if (asked.orderId === order.orderId) asked = { orderId: "", question: "" };
      merge(data.order);
    } catch (error) {
      toast(`Order ${order.number}: ${commandWords(error, currency)}`, "error");
      refresh(order.orderId);
    }
  });

  /** @type {import("./ticket.js").Actions} */
  const actions = {
    step(order, status, button, minutes) {
      const time = minutes ? { estimatedTime: minutes } : {};
      // Only the time is new.
      if (status === order.status) return void send(order, "status", { status, ...time }, button);
      fresh.delete(order.orderId);
      if (asked.orderId === order.orderId) asked = { orderId: "", question: "" };
      outbox.add({ orderId: order.orderId, status, from: order.status, ...time }).then(show, () =>
        toast("Too many changes wait for the connection.", "error"));
    },
    cancel: (order, reason, button) => void send(order, "cancel", { reason }, button),
    ask: ({ orderId }, question) => {
      asked = { orderId, question };
      show();
    },
    talk: (order) => conversation.open(order),
  };

  /** @param {Order} order */
  const ticket = (order) => ticketOf(order, {
    currency, question: questionOf(order), unread: conversation.waiting(order.orderId), isNew: fresh.has(order.orderId) }, actions);
  const questionOf = (/** @type {Order} */ { orderId }) => (asked.orderId === orderId ? asked.question : "");

  const show = () => {
    const standing = withSteps(orders, outbox.pending());
    for (const [column, statuses] of Object.entries(COLUMNS)) {
      const mine = standing.filter(({ status }) => statuses.includes(status)).reverse();
      setText(`${column}-count`, mine.length ? String(mine.length) : "");
      byId(`${column}-empty`).hidden = mine.length > 0;
      // While a question is open its ticket stands still: a word may be half typed.
      showList(byId(column), mine, ({ orderId }) => orderId, ticket, (order) => JSON.stringify([order.status, questionOf(order) || [order,
        fresh.has(order.orderId), conversation.waiting(order.orderId), formatWait(Date.parse(order.createdAt), Date.now())]]));
    }
    changed(standing);
  };

  /** Take an answer's version of an order that is in the list. It adds no order: a newer event may have removed it.
   * @param {Order} order */
  const merge = (order) => {
    if (!orders.some(({ orderId }) => orderId === order.orderId)) return;
    orders = mergeOrder(orders, order).filter(isOpen);
    show();
  };
  /** @param {string} orderId */
  const refresh = (orderId) => client.get(`/v1/orders/${encodeURIComponent(orderId)}`).then(merge, () => {});

  /** Show an order that was recalled, unless it has been completed again meanwhile. @param {string} orderId */
  const comeBack = async (orderId) => {
    const order = await client.get(`/v1/orders/${encodeURIComponent(orderId)}`);
    if (!isOpen(order) || order.updatedAt < (elsewhere.get(orderId) ?? "")) return;
    elsewhere.delete(orderId);
    orders = mergeOrder(orders, order);
    show();
  };

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
    conversation,
    /** Take a `new-order`. It is shown when the `order-status-changed` right behind it says whether it is accepted.
     * @param {any} data */
    arrive(data) {
      fresh.add(data.orderId);
      arriving.set(data.orderId, { ...data, createdAt: data.timestamp, updatedAt: data.timestamp });
    },
    /** @param {string} type @param {any} data */
    apply(type, data) {
      const arrived = arriving.get(data.orderId);
      if (arrived && type === "order-status-changed") {
        arriving.delete(data.orderId);
        orders = mergeOrder(orders, arrived);
      }
      if (!orders.some(({ orderId }) => orderId === data.orderId)) {
        if (type !== "order-status-changed") return;
        elsewhere.set(data.orderId, data.timestamp);
        if (isOpen(data)) comeBack(data.orderId).catch(() => {}); // the next snapshot has it
        return;
      }
      orders = applyOrderEvent(orders, type, data).filter(isOpen);
      show();
    },
  };
}
