// @ts-check
/** What a kitchen has done to its orders, as far as it is known; pure. */
import { isOpen } from "../../../ui/state/order-list.js";

/** @typedef {import("../../../sdk/types.js").Order} Order */
/** @typedef {import("../../../sdk/types.js").OrderStatus} OrderStatus */

const CLOSED_MAX = 30;

/** Return the orders with the steps that the kitchen has taken and the server may not know of yet.
 * @param {Order[]} orders
 * @param {{orderId: string, status: OrderStatus, from?: OrderStatus}[]} steps  those in the outbox, the oldest first
 * @param {(order: Order) => boolean} [isWanted]
 * @returns {(Order & {unsent?: boolean})[]} without those that are closed */
export function withSteps(orders, steps, isWanted = isOpen) {
  const newest = new Map(steps.map((step) => [step.orderId, step]));
  return orders.map((order) => {
    const step = newest.get(order.orderId);
    // Only a step that was meant to opens what is closed: another one was overtaken.
    return step && (isOpen(order) || step.from === order.status) ? { ...order, status: step.status, unsent: true } : order;
  }).filter(isWanted);
}

/** Keep all open orders, and the newest closed ones for the way back. @param {Order[]} orders  newest first
 * @returns {Order[]} */
export function withClosed(orders) {
  const closed = orders.filter((order) => !isOpen(order)).sort((a, b) => (a.updatedAt < b.updatedAt ? 1 : -1)).slice(0, CLOSED_MAX);
  return orders.filter((order) => isOpen(order) || closed.includes(order));
}

/** The step that takes another one back; null where there is none.
 * @param {OrderStatus} from @param {OrderStatus} to @returns {OrderStatus | null} */
export function backOf(from, to) {
  if (from === "preparing" && to === "ready") return "preparing";
  if (from === "ready" && (to === "completed" || to === "preparing")) return "ready";
  return null;
}
