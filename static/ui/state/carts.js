// @ts-check
/** What one customer has chosen at each stall, kept on the device: they compare stalls, reload, and sign in again. A
 * device keeps one store for each address, which is one festival. */

/** @typedef {import("../../sdk/storage.js").Store} Store */
/** @typedef {object} KeptCart  what was chosen at one stall
 * @property {Map<string, number>} cart  quantity by item
 * @property {Map<string, string>} wishes  by item
 * @property {Map<string, number>} prices  that the customer saw, in minor units by item
 * @property {number} tipPart  of the total */

const STALLS_MAX = 12; // the carts that were changed last
const AGE_MS_MAX = 12 * 60 * 60 * 1_000; // tomorrow nobody remembers what they wanted today
const LINES_MAX = 50; // as the server takes
const QUANTITY_MAX = 99;
export const WISH_CHARS_MAX = 140; // of a line, as the server takes

/** @param {unknown} value @param {number} most @returns {value is number} */
const isWhole = (value, most) => Number.isInteger(value) && Number(value) > 0 && Number(value) <= most;

/** Read one kept cart, whatever became of it on the device; pure. @param {any} kept @param {number} now
 * @returns {KeptCart | null} null: none, or too old */
function parse(kept, now) {
  if (!kept || !Array.isArray(kept.lines) || !(now - kept.at < AGE_MS_MAX)) return null;
  const [cart, wishes, prices] = [new Map(), new Map(), new Map()];
  for (const line of kept.lines.slice(0, LINES_MAX)) {
    const [itemId, quantity, price, wish] = Array.isArray(line) ? line : [];
    if (typeof itemId !== "string" || !isWhole(quantity, QUANTITY_MAX)) continue;
    cart.set(itemId, quantity);
    if (isWhole(price, Number.MAX_SAFE_INTEGER)) prices.set(itemId, price);
    if (typeof wish === "string" && wish) wishes.set(itemId, wish.slice(0, WISH_CHARS_MAX));
  }
  return cart.size ? { cart, wishes, prices, tipPart: typeof kept.tip === "number" ? kept.tip : 0 } : null;
}

/** @param {Store} store  of the device @param {string} userId @param {() => number} now  milliseconds */
export function createCarts(store, userId, now) {
  const name = `festival-push.carts ${userId}`;

  /** @returns {Record<string, any>} by stall; what is too old or broken is left out */
  const read = () => {
    try {
      const kept = Object.entries(JSON.parse(store.get(name) ?? "{}"));
      return Object.fromEntries(kept.filter(([, one]) => parse(one, now()) !== null));
    } catch {
      return {};
    }
  };

  /** @param {Record<string, any>} carts */
  const write = (carts) => {
    const newest = Object.entries(carts).sort(([, a], [, b]) => b.at - a.at).slice(0, STALLS_MAX);
    if (newest.length) store.set(name, JSON.stringify(Object.fromEntries(newest)));
    else store.remove(name);
  };

  /** @param {string} vendorId */
  const forget = (vendorId) => {
    const { [vendorId]: _, ...others } = read();
    write(others);
  };

  return {
    forget,
    /** @param {string} vendorId @returns {KeptCart | null} */
    read: (vendorId) => parse(read()[vendorId], now()),
    /** Keep what is chosen now; an empty cart is forgotten. @param {string} vendorId @param {KeptCart} chosen */
    keep(vendorId, { cart, wishes, prices, tipPart }) {
      if (!cart.size) return forget(vendorId);
      const lines = Array.from(cart, ([itemId, quantity]) => [itemId, quantity, prices.get(itemId) ?? null, wishes.get(itemId) ?? ""]);
      write({ ...read(), [vendorId]: { at: now(), lines, tip: tipPart } });
    },
  };
}
