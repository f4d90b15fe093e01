// @ts-check
/** Sends an order, each at most once, and says what became of it. */
import { isDefinite, KEPT_MS, randomKey } from "../../sdk/idempotency.js";
import { isUnsent, ProblemError } from "../../sdk/problem.js";
import { tabStore } from "../../sdk/storage.js";
import { STOPPED } from "../../ui/format/words.js";
import { createSent } from "./sent.js";

/** @typedef {import("./sent.js").Wish} Wish */
/** @typedef {{answer?: import("../../sdk/wire/http.js").Answer, problem?: unknown, words: string}} Placed
 *   answer: it was paid; words: why not, or why we can't tell */

/** For an order whose answer has not come. */
export const AGAIN = "Your last try had no answer. Try again: it will count only once.";
const FORGOTTEN = "We never heard what became of this order. Look at your orders before you order again.";
const OFFLINE = "You are offline, and your last try had no answer. Try again when you are back: it will count only once.";

/** @param {import("../../sdk/festival-push.js").Client} client @param {string} userId */
export function createPlacing(client, userId) {
  const kept = createSent(tabStore, userId);
  return {
    /** The order at this stall whose answer has not come. */
    sent: kept.read,
    /** @param {string} vendorId @param {() => Wish} wish  what to order, unless an earlier order waits for its answer
     * @param {object} hooks
     * @param {() => void} hooks.started  from now on only the very same may be sent
     * @param {(callOff: () => void) => void} hooks.waits  no answer has come, and it is sent again by itself
     * @param {(error: unknown) => string} hooks.refusalWords
     * @returns {Promise<Placed>} */
    async place(vendorId, wish, { started, waits, refusalWords }) {
      const earlier = kept.read(vendorId);
      if (earlier && Date.now() - earlier.at >= KEPT_MS) { // its key is forgotten, so it would count as a second one
        kept.forget(vendorId);
        return { words: FORGOTTEN };
      }
      const sent = earlier ?? { body: wish(), key: randomKey(), at: Date.now() };
      kept.keep(vendorId, sent);
      started();
      const call = new AbortController();
      try {
        const patience = { signal: call.signal, onWaiting: () => waits(() => call.abort()) };
        const answer = await client.command("/v1/orders", sent.body, { key: sent.key, ...patience });
        kept.forget(vendorId);
        return { answer, words: "" };
      } catch (error) {
        const isDecided = !(error instanceof ProblemError) || isDefinite(error) || (isUnsent(error) && !earlier);
        if (isDecided) kept.forget(vendorId);
        const isOff = isUnsent(error) && earlier;
        return { problem: error, words: isOff ? OFFLINE : call.signal.aborted && !isDecided ? STOPPED : refusalWords(error) };
      }
    },
  };
}
