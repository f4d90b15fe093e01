// @ts-check
/** Full jitter: when a mast comes back, a whole field of phones must not knock in the same second.
 * @param {number} attempt  0 for the first retry
 * @param {() => number} random
 * @param {{firstMs?: number, mostMs?: number}} [bounds]
 * @returns {number} milliseconds to wait, 0 up to the attempt's bound
 */
export function fullJitter(attempt, random, { firstMs = 1_000, mostMs = 30_000 } = {}) {
  const bound = Math.min(mostMs, firstMs * 2 ** Math.min(attempt, 30));
  return Math.floor(random() * bound);
}
