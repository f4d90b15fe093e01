// @ts-check
/** How long orders have waited, and how long their customers may still cancel; pure. Times in milliseconds. */

/** @typedef {import("../../../sdk/types.js").Order} Order */
/** @typedef {import("../../../sdk/types.js").Rules} Rules */
/** @typedef {"calm" | "late" | "very-late"} Age */
/** @typedef {{lateMs: number, veryLateMs: number, cancelMs: number, recallMs: number}} Limits */

const MINUTE_MS = 60_000;
/** @type {Record<Age, string>} */
const WORDS = { calm: "", late: ", late", "very-late": ", very late" };

/** What the server says, or the defaults of one that doesn't. @param {Partial<Rules>} [rules] @returns {Limits} */
export const limitsOf = ({ lateMinutes = 5, veryLateMinutes = 10, cancelSeconds = 20, recallMinutes = 10 } = /** @type {Partial<Rules>} */ ({})) => ({
  lateMs: lateMinutes * MINUTE_MS,
  veryLateMs: veryLateMinutes * MINUTE_MS,
  cancelMs: cancelSeconds * 1_000,
  recallMs: recallMinutes * MINUTE_MS,
});

/** Since when an order waits for the next hand: the kitchen's, or, once it is ready, the customer's.
 * @param {Order} order */
const waitsSince = ({ status, createdAt, calledAt, updatedAt }) => Date.parse(status === "ready" ? (calledAt ?? updatedAt) : createdAt);

/** @param {Order} order @param {number} now @param {Limits} limits @returns {{age: Age, words: string}} `7 min, late` */
export function ageOf(order, now, { lateMs, veryLateMs }) {
  const waitedMs = Math.max(0, now - waitsSince(order)) || 0; // a time that can't be read is no age
  const age = waitedMs >= veryLateMs ? "very-late" : waitedMs >= lateMs ? "late" : "calm";
  const minutes = Math.floor(waitedMs / MINUTE_MS);
  const words = minutes === 0 ? "new" : minutes < 100 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60}`;
  return { age, words: words + WORDS[age] };
}

/** How long the customer may still cancel. The server's time is only trusted as far as the rules go: a device whose
 * clock is slow by hours must not hold an order back.
 * @param {Order} order @param {number} seenAt  when this device first saw the order @param {number} now
 * @param {Limits} limits @returns {number} milliseconds; 0: the kitchen may start */
export function graceOf({ status, cancellableUntil }, seenAt, now, { cancelMs }) {
  if (!cancellableUntil || status === "ready" || status === "completed" || status === "cancelled") return 0;
  const until = Math.min(Date.parse(cancellableUntil), seenAt + cancelMs);
  return Math.max(0, until - now) || 0;
}

/** @param {number} graceMs */
export const graceWords = (graceMs) => `Starts in ${Math.ceil(graceMs / 1_000)} s: the guest may still cancel`;

/** Whether a picked-up order may be called back: nobody cooks what was refunded whole. @param {Order} order @param {number} now @param {Limits} limits */
export const isRecallable = ({ completedAt, updatedAt, refunded = 0, total }, now, { recallMs }) => !(refunded >= total) && now - Date.parse(completedAt ?? updatedAt) < recallMs;
