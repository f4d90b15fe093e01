// @ts-check
/** What of an order a stall gives back, counted line by line; pure. */

/** @typedef {import("../../../sdk/types.js").Order} Order */
/** @typedef {import("../../../sdk/types.js").OrderLine} OrderLine */
/** @typedef {{lines: {index: number, quantity: number}[], amount: number, isRest: boolean}} Back
 *   amount: minor units, deposit included; isRest: nothing of the order is left then */

/** How many of a line are left. @param {OrderLine} line */
export const leftOfLine = ({ quantity, refunded = 0 }) => quantity - refunded;

/** Return what goes back. With the last lines all that is left of the total goes, and an open order's tip.
 * @param {Order} order @param {readonly number[]} counts  of each line @returns {Back} */
export function backOf(order, counts) {
  const { items, total, tip = 0, tipRefunded = 0, refunded = 0, deposit = 0, depositRefunded = 0, status } = order;
  const lines = items.map((_, index) => ({ index, quantity: counts[index] ?? 0 })).filter(({ quantity }) => quantity > 0);
  const isRest = lines.length > 0 && items.every((line, index) => (counts[index] ?? 0) === leftOfLine(line));
  const named = (/** @type {(line: OrderLine) => number} */ of) => lines.reduce((sum, { index, quantity }) => sum + of(/** @type {OrderLine} */ (items[index])) * quantity, 0);
  const deposits = Math.min(named((line) => line.deposit ?? 0), deposit - depositRefunded);
  if (!isRest) return { lines, amount: named(({ unitPrice }) => unitPrice) + deposits, isRest };
  const isOpen = status !== "completed" && status !== "cancelled";
  return { lines, amount: total - refunded + (isOpen ? tip - tipRefunded + deposit - depositRefunded : deposits), isRest };
}

/** Whether something of it can be given back line by line. @param {Order} order */
export const hasLines = ({ items, status }) => status !== "cancelled" && items.some((line) => leftOfLine(line) > 0);
