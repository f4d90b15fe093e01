// @ts-check
/** Keeps the body of an order whose answer never came, because its idempotency key is found by its exact body. So after
 * a reload, or when a price has changed meanwhile, the same order is sent again and not a second one. */
import { KEPT_MS } from "../../sdk/idempotency.js";

const NAME = "festival-push.unanswered";

/** @param {import("../../sdk/storage.js").Store} store  of the tab, as that of the keys @param {() => number} now */
export function createUnanswered(store, now) {
  return {
    /** @param {string} itemId @returns {any} the body that was sent; null when nothing is open */
    read(itemId) {
      try {
        const kept = JSON.parse(store.get(NAME) ?? "null");
        return kept && kept.body.items[0].itemId === itemId && now() - kept.at < KEPT_MS ? kept.body : null;
      } catch {
        return null;
      }
    },
    /** @param {any} body */
    keep: (body) => store.set(NAME, JSON.stringify({ body, at: now() })),
    forget: () => store.remove(NAME),
  };
}
