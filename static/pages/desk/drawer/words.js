// @ts-check
/** What a drawer holds, in words and sums. */

/** @typedef {{drawerId: string, name: string, cashierId: string, cashierName?: string, openedAt: string, float: number, topUps: number,
 *   payouts: number, movedIn: number, movedOut: number, expected: number, bookings: number, otherMethods?: Record<string, number>,
 *   status: "open" | "closed"}} Drawer */
/** @typedef {{drawerId: string, name: string, cashierId: string, cashierName: string, status: "open" | "closed", openedAt: string,
 *   closedAt?: string, counted?: number, difference?: number, reason?: string}} ListedDrawer */

/** The sums that make what should be in a drawer, each with its name; pure. @param {Drawer} drawer
 * @param {(amount: number) => string} money @returns {[string, string][]} */
export function sumsOf({ float, topUps, payouts, movedIn, movedOut, bookings, otherMethods = {} }, money) {
  const others = Object.entries(otherMethods).filter(([, sum]) => sum).map(([method, sum]) => /** @type {[string, string]} */ ([`By ${method}, not in the drawer`, money(sum)]));
  const moved = /** @type {[string, number][]} */ ([["From the safe", movedIn], ["To the safe", 0 - movedOut]]);
  return [["Began with", money(float)], ["Top-ups", money(topUps)], ["Payouts", money(0 - payouts)],
    ...moved.filter(([, sum]) => sum).map(([name, sum]) => /** @type {[string, string]} */ ([name, money(sum)])),
    ...others, ["Bookings", String(bookings)]];
}

/** @param {number} difference  counted less expected @param {(amount: number) => string} money @returns {string} pure */
export const differenceWords = (difference, money) =>
  difference === 0 ? "It is right to the last coin." : `${money(Math.abs(difference))} ${difference < 0 ? "are missing" : "too much"}.`;
