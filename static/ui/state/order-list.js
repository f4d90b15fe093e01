// @ts-check
/** How the events of the stream change a list of orders; pure. Snapshot and later events give the newer snapshot. */

/** @typedef {import("../../sdk/types.js").Order} Order */
/** @typedef {import("../../sdk/types.js").OrderStatus} OrderStatus */

/** The customer's word for each status. @type {Record<OrderStatus, string>} */
const STATUS_WORDS = {
  pending: "Waiting for the stall",
  confirmed: "Accepted",
  preparing: "Being prepared",
  ready: "Ready for pickup",
  completed: "Picked up",
  cancelled: "Cancelled",
};

/** The way of an order, as the customer sees it; and how far along it each status is. */
export const STEPS = ["Paid", "Preparing", "Ready", "Picked up"];
/** @type {Record<OrderStatus, number>} */
const STEP_OF = { pending: 0, confirmed: 0, preparing: 1, ready: 2, completed: 3, cancelled: -1 };

/** @param {OrderStatus} status @returns {number} index into STEPS; -1 for a cancelled order */
export const stepOf = (status) => STEP_OF[status] ?? -1;

/** Sort by what the customer should look at first: orders to pick up, those under way, finished ones.
 * @param {Order[]} orders @returns {Order[]} */
export function byUrgency(orders) {
  const rank = (/** @type {Order} */ order) => (order.status === "ready" ? 0 : isOpen(order) ? 1 : 2);
  return orders.slice().sort((a, b) => rank(a) - rank(b)); // sorting is stable: newest first within each
}

/** An amount that the stall named: nothing was prepared, and nobody picks it up. @param {Partial<Pick<Order, "items">>} order */
export const isAmount = ({ items = [] }) => items.length > 0 && items.every(({ itemId }) => itemId === null);

/** Handed over when it was paid, as amounts are: it has no number that is called.
 * @param {Pick<Order, "atOnce"> & Partial<Pick<Order, "items">>} order */
export const isHandedOver = (order) => order.atOnce === true || isAmount(order);

/** The customer's words for where an order stands.
 * @param {Pick<Order, "status" | "atOnce"> & Partial<Pick<Order, "items">>} order */
export const statusWords = (order) =>
  order.status === "completed" && isHandedOver(order) ? "Paid" : (STATUS_WORDS[order.status] ?? order.status);

/** @param {Pick<Order, "status">} order */
export const isOpen = (order) => order.status !== "completed" && order.status !== "cancelled";

/** Whether its customer may cancel it now; the server decides by its own clock. @param {Order} order @param {number} nowMs
 * @param {boolean} [isAttended]  somebody is at the stall who may serve it */
export const mayCancel = ({ status, cancellableUntil }, nowMs, isAttended = true) =>
  status === "pending" || (["confirmed", "preparing"].includes(status) && (!isAttended || nowMs < Date.parse(cancellableUntil ?? "")));

/** Name one call of an order: one that is called again is news again. @param {Order} order */
export const callOf = ({ orderId, calledAt }) => `${orderId}~${calledAt ?? ""}`;

/** What the customer paid, tip and deposit included, in minor units. @param {Order} order */
export const paidFor = ({ total, tip = 0, deposit = 0 }) => total + tip + deposit;

/** What has gone back to them, tip and deposit included. @param {Order} order */
export const refundedOf = ({ refunded = 0, tipRefunded = 0, depositRefunded = 0 }) => refunded + tipRefunded + depositRefunded;

/** What would go back now, if all of it did. @param {Order} order */
export const leftOf = (order) => paidFor(order) - refundedOf(order);

/** Put an order into the list, unless the one there is newer. Newest first.
 * @param {Order[]} orders @param {Order} order @returns {Order[]} */
export function mergeOrder(orders, order) {
  const known = orders.find(({ orderId }) => orderId === order.orderId);
  if (known && known.updatedAt > order.updatedAt) return orders;
  const others = orders.filter(({ orderId }) => orderId !== order.orderId);
  return [...others, order].sort((a, b) => (a.createdAt < b.createdAt ? 1 : a.createdAt > b.createdAt ? -1 : 0));
}

/** Return the fields of its order that an event changes.
 * @param {Order} order @param {string} type @param {any} data @returns {Partial<Order>} */
function changeOf(order, type, data) {
  switch (type) {
    case "order-status-changed": {
      const waits = ["pending", "confirmed", "preparing"].includes(data.status);
      return {
        status: data.status,
        estimatedTime: data.estimatedTime ?? null,
        queuePosition: waits ? (order.queuePosition ?? null) : null,
        completedAt: data.status === "completed" ? (data.timestamp ?? null) : null,
        // A call: the customer has not answered this one yet.
        ...(data.status === "ready" && { readyAt: order.readyAt ?? data.timestamp, calledAt: data.timestamp, comingAt: null }),
        ...(data.reason ? { reason: data.reason } : {}),
      };
    }
    case "order-ready":
      return { status: "ready", queuePosition: null };
    case "customer-coming":
      return { comingAt: data.comingAt };
    case "queue-updated":
      return { queuePosition: data.queuePosition, estimatedTime: data.estimatedTime ?? null };
    default: // such as `order-refunded`, which says by how much, not to what: pages read that order again
      return {};
  }
}

/** Return when an order was last updated, after an event. `queue-updated` doesn't count: it doesn't change the order
 * itself, so an answer that was read before it may hold a newer version of the order.
 * @param {Order} order @param {string} type @param {any} data */
const updatedBy = (order, type, data) => (type === "queue-updated" ? order.updatedAt : (data.timestamp ?? order.updatedAt));

/** @param {Order[]} orders @param {string} type  of the event @param {any} data
 * @returns {Order[]} the same array when the event concerns none of them */
export function applyOrderEvent(orders, type, data) {
  if (!orders.some(({ orderId }) => orderId === data.orderId)) return orders;
  return orders.map((order) =>
    order.orderId === data.orderId
      ? { ...order, ...changeOf(order, type, data), updatedAt: updatedBy(order, type, data) }
      : order,
  );
}

/** @param {Order} order @returns {string} `2 × Falafel, 1 × Ayran` */
export const summaryOf = (order) => order.items.map(({ quantity, name }) => `${quantity}\u00a0× ${name}`).join(", ");

/** What of it was given back, line by line; empty: nothing. @param {Order} order @returns {string} `1 × Ayran` */
export const backSummaryOf = (order) => order.items.filter(({ refunded = 0 }) => refunded > 0)
  .map(({ refunded, name }) => `${refunded}\u00a0× ${name}`).join(", ");
