// @ts-check
/** Which places a lane has: its orders, and for a while those that have just left it. So nothing moves up under a finger.
 * Pure; times in milliseconds. */
import { PLACE_REST_MS } from "../taps/dead.js";
import { UNDO_MS } from "../taps/undo-list.js";

/** @typedef {import("../../../sdk/types.js").Order} Order */
/** @typedef {import("./layout.js").Lane} Lane */
/** @typedef {{lane: Lane, order: Order, since: number}} Ghost  the place of an order that has left */
/** @typedef {{order: Order, isGhost: boolean}} Slot */

/** @param {Pick<Order, "status">} order @returns {Lane} */
export const laneOf = ({ status }) => (status === "ready" ? "ready" : status === "preparing" ? "preparing" : "pending");

/** Return the places that are kept, after the orders have changed.
 * @param {Ghost[]} ghosts @param {Order[]} before @param {Order[]} after @param {number} now @returns {Ghost[]} */
export function ghostsOf(ghosts, before, after, now) {
  const lanes = new Map(after.map((order) => [order.orderId, laneOf(order)]));
  const left = before.filter((order) => lanes.get(order.orderId) !== laneOf(order)).map((order) => ({ lane: laneOf(order), order, since: now }));
  const isOver = (/** @type {Ghost} */ { lane, order, since }) => now - since >= UNDO_MS || lanes.get(order.orderId) === lane ||
    left.some((newer) => newer.lane === lane && newer.order.orderId === order.orderId);
  return [...ghosts.filter((ghost) => !isOver(ghost)), ...left];
}

/** @param {Order} a @param {Order} b */
const byAge = (a, b) => (a.createdAt < b.createdAt ? -1 : a.createdAt > b.createdAt ? 1 : a.number - b.number);

/** The places of one lane, the oldest order first.
 * @param {Lane} lane @param {Order[]} orders @param {Ghost[]} ghosts @param {number} now
 * @param {boolean} isCrowded  others wait for the room: then a place is kept no longer than it must be
 * @returns {Slot[]} */
export function slotsOf(lane, orders, ghosts, now, isCrowded) {
  const kept = ghosts.filter((ghost) => ghost.lane === lane && now - ghost.since < (isCrowded ? PLACE_REST_MS : UNDO_MS));
  return [...orders.filter((order) => laneOf(order) === lane).map((order) => ({ order, isGhost: false })), ...kept.map(({ order }) => ({ order, isGhost: true }))]
    .sort((a, b) => byAge(a.order, b.order));
}

/** When the next kept place may be given up. @param {Ghost[]} ghosts @param {number} now @returns {number} milliseconds */
export const ghostsDueIn = (ghosts, now) => Math.min(...ghosts.flatMap(({ since }) => [PLACE_REST_MS, UNDO_MS].map((ms) => since + ms - now)).filter((ms) => ms > 0));
