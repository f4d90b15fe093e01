// @ts-check
/** Tells the stall, once for each call, that the customer of a ready order is on the way. */
import { ProblemError } from "../../sdk/problem.js";
import { callOf } from "../../ui/state/order-list.js";
import { toast } from "../../ui/toast.js";
import { isOpen } from "../../ui/format/words.js";

/** @typedef {import("../../sdk/types.js").Order} Order */

/** What is said when the stall was not told, or perhaps not. A server without this route knows nothing of coming, and an
 * order that was picked up meanwhile needs no words; pure. @param {unknown} error @returns {string} empty: nothing */
export function untoldWords(error) {
  if (!(error instanceof ProblemError) || error.status === 404 || error.status === 409) return "";
  if (error.code === "offline") return "You are offline: the stall doesn't know yet that you're coming.";
  return isOpen(error) ? "No answer: we can't tell whether the stall knows that you're coming." : "The stall could not be told that you're coming.";
}

/** @param {import("../../sdk/festival-push.js").Client} client
 * @param {(order: Order) => void} told  as the server has it now @param {() => void} changed  what is untold */
export function createComing(client, told, changed) {
  const asked = /** @type {Set<string>} */ (new Set()); // calls whose answer was told, or is being told
  const untold = /** @type {Set<string>} */ (new Set());

  /** @param {Order} order @returns {Promise<string>} what went wrong; empty: nothing to say */
  const tellOne = async (order) => {
    const call = callOf(order);
    asked.add(call);
    untold.delete(call);
    try {
      const { data } = await client.command(`/v1/orders/${encodeURIComponent(order.orderId)}/coming`, {});
      if (data?.order) told(data.order);
      return "";
    } catch (error) {
      const words = untoldWords(error);
      if (words) {
        asked.delete(call);
        untold.add(call);
      }
      return words;
    }
  };

  return {
    /** @param {Order[]} orders  whose number was called */
    async tell(orders) {
      const fresh = orders.filter((order) => !order.comingAt && !asked.has(callOf(order)));
      const words = await Promise.all(fresh.map(tellOne));
      for (const one of new Set(words.filter(Boolean))) toast(one, "warning");
      changed();
    },
    /** The last try has not reached the stall, as far as we know. @param {Order} order */
    isUntold: (order) => untold.has(callOf(order)),
  };
}
