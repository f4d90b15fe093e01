// @ts-check
/** Keeps an order whose answer has not come, with its idempotency key, for each stall: only the very same may be sent
 * again, also after a look at another stall, a reload or a new sign-in. */

/** @typedef {ReturnType<typeof import("../../ui/state/cart.js").orderWish>} Wish */
/** @typedef {{body: Wish, key: string, at: number}} Sent  at: milliseconds */

const STALLS_MAX = 12;

/** @param {import("../../sdk/storage.js").Store} store  of the tab, because other tabs don't know what it has sent
 * @param {string} userId */
export function createSent(store, userId) {
  const name = `festival-push.sent ${userId}`;

  /** @returns {Record<string, Sent>} by stall */
  const read = () => {
    try {
      const kept = JSON.parse(store.get(name) ?? "{}");
      return Object.fromEntries(Object.entries(kept).filter(([, one]) => one?.key && Array.isArray(one.body?.items)));
    } catch {
      return {};
    }
  };

  return {
    /** @param {string} vendorId @returns {Sent | null} */
    read(vendorId) {
      const kept = read();
      return (Object.hasOwn(kept, vendorId) && kept[vendorId]) || null; // an address may name `constructor` as a stall
    },
    /** @param {string} vendorId @param {Sent} sent */
    keep(vendorId, sent) {
      const newest = Object.entries({ ...read(), [vendorId]: sent }).sort(([, a], [, b]) => b.at - a.at).slice(0, STALLS_MAX);
      store.set(name, JSON.stringify(Object.fromEntries(newest)));
    },
    /** Its fate is known. @param {string} vendorId */
    forget(vendorId) {
      const { [vendorId]: _, ...others } = read();
      store.set(name, JSON.stringify(others));
    },
  };
}
