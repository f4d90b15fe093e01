// @ts-check
import { deviceStore } from "../../../sdk/storage.js";

const ORDERS_MAX = 200;

/** The lines of an order that are made, kept on this device: a note of the kitchen, which nobody else is told.
 * @param {string} userId @param {import("../../../sdk/storage.js").Store} [store] */
export function createTicks(userId, store = deviceStore) {
  const name = `festival-push.ticks.${userId}`;

  /** @returns {Record<string, number[]>} the lines by order */
  const read = () => {
    try {
      const kept = JSON.parse(store.get(name) ?? "{}");
      return kept && typeof kept === "object" && !Array.isArray(kept) ? kept : {};
    } catch {
      return {};
    }
  };
  let ticks = read();

  return {
    /** @param {string} orderId @param {number} line */
    has: (orderId, line) => ticks[orderId]?.includes(line) ?? false,
    /** @param {string} orderId @param {number} line */
    flip(orderId, line) {
      ticks = read(); // another tab may have ticked as well
      const { [orderId]: own = [], ...others } = ticks;
      const lines = own.includes(line) ? own.filter((one) => one !== line) : [...own, line];
      ticks = Object.fromEntries([...Object.entries(others), ...(lines.length ? [[orderId, lines]] : [])].slice(-ORDERS_MAX));
      store.set(name, JSON.stringify(ticks));
    },
    /** @param {string} orderId @returns {number[]} */
    of: (orderId) => ticks[orderId] ?? [],
  };
}
