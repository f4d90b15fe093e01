// @ts-check
/** What a kitchen still has to make, over all its orders; pure. */

/** @typedef {import("../../../sdk/types.js").Order} Order */

/** @param {Order[]} orders  that the kitchen works on
 * @param {(order: Order, line: number) => boolean} isDone  this line is made
 * @returns {{name: string, count: number}[]} the most first */
export function countsOf(orders, isDone) {
  const counts = /** @type {Map<string, number>} */ (new Map());
  for (const order of orders.filter(({ status }) => status !== "ready")) {
    order.items.forEach(({ name, quantity, refunded = 0 }, line) => {
      if (!isDone(order, line) && quantity > refunded) counts.set(name, (counts.get(name) ?? 0) + quantity - refunded);
    });
  }
  return Array.from(counts, ([name, count]) => ({ name, count })).sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
}
