// @ts-check
/** The cart: what one customer is about to order at one stall. All functions are pure. */

/** @typedef {import("../../sdk/types.js").MenuItem} MenuItem */

const QUANTITY_MAX = 99;

/** @param {Map<string, number>} cart  quantity by item @param {string} itemId @param {number} step
 * @returns {Map<string, number>} */
export function changeQuantity(cart, itemId, step) {
  const quantity = Math.min(QUANTITY_MAX, Math.max(0, (cart.get(itemId) ?? 0) + step));
  const next = new Map(cart);
  if (quantity) next.set(itemId, quantity);
  else next.delete(itemId);
  return next;
}

/** Leave out items that are sold out or gone from the menu.
 * @param {Map<string, number>} cart @param {MenuItem[]} menu @returns {Map<string, number>} */
export function withoutSoldOut(cart, menu) {
  const available = new Set(menu.filter((item) => item.available).map(({ itemId }) => itemId));
  return new Map(Array.from(cart).filter(([itemId]) => available.has(itemId)));
}

/** Return the chosen items whose price has changed since, so that the page can point at them.
 * @param {Pick<MenuItem, "itemId" | "price">[]} before @param {Pick<MenuItem, "itemId" | "price">[]} after
 * @param {Map<string, number>} cart
 * @param {Map<string, number>} known  from earlier changes
 * @returns {Map<string, number>} the first price seen, by item */
export function changedPrices(before, after, cart, known) {
  const prices = new Map(known);
  for (const { itemId, price } of after) {
    const seen = prices.get(itemId) ?? before.find((item) => item.itemId === itemId)?.price;
    if (seen === undefined) continue;
    if (seen === price || !cart.has(itemId)) prices.delete(itemId);
    else prices.set(itemId, seen);
  }
  return prices;
}

/** @param {Map<string, number>} cart @param {MenuItem[]} menu
 * @returns {{count: number, total: number}} total: minor units */
export function totalOf(cart, menu) {
  let [count, total] = [0, 0];
  for (const { itemId, price } of menu) {
    const quantity = cart.get(itemId) ?? 0;
    count += quantity;
    total += quantity * price;
  }
  return { count, total };
}

/** The deposit beside the total, in minor units. @param {Map<string, number>} cart @param {MenuItem[]} menu */
export const depositIn = (cart, menu) => menu.reduce((sum, { itemId, deposit = 0 }) => sum + (cart.get(itemId) ?? 0) * deposit, 0);

/** The age that a guest must have for all of it; 0: any. @param {Map<string, number>} cart @param {MenuItem[]} menu */
export const oldestAge = (cart, menu) => Math.max(0, ...menu.map(({ itemId, ageMin = 0 }) => (cart.has(itemId) ? ageMin : 0)));

/** The parts of the total that a tip can be. */
const TIP_PARTS = [0, 0.05, 0.1, 0.15];

/** A part of the total, rounded to a step that is easy to say. Pure.
 * @param {number} total @param {number} part @param {number} step  minor units */
export const tipOf = (total, part, step) => Math.round((total * part) / step) * step;

/** The tips to choose from; pure. @param {number} total @param {number} step  minor units
 * @returns {{part: number, tip: number}[]} rising, each amount once */
export function tipsFor(total, step) {
  const tips = TIP_PARTS.map((part) => ({ part, tip: tipOf(total, part, step) }));
  return tips.filter(({ tip }, index) => tip !== tips[index - 1]?.tip);
}

/** The wish to order this, as the server wants it; total and deposit let it refuse when one of them has changed.
 * @param {string} vendorId @param {Map<string, number>} cart @param {MenuItem[]} menu
 * @param {Map<string, string>} wishes  for the kitchen, by item: each goes with its own line
 * @param {number} [tip]  minor units, beside the total */
export function orderWish(vendorId, cart, menu, wishes, tip = 0) {
  const items = Array.from(cart, ([itemId, quantity]) => {
    const notes = (wishes.get(itemId) ?? "").trim().replace(/\s+/g, " "); // one line on every ticket
    return { itemId, quantity, ...(notes ? { notes } : {}) };
  });
  return { vendorId, items, expectedTotal: totalOf(cart, menu).total, expectedDeposit: depositIn(cart, menu), ...(tip ? { tip } : {}) };
}
