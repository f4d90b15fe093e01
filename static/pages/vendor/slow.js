// @ts-check
import { toast } from "../../ui/toast.js";

const PATIENCE_MS = 2_000;

/** @typedef {import("../../sdk/festival-push.js").Client} Client */

/** The same client, which says so when an answer is slow. What goes through the outbox is not touched.
 * @param {Client} client @param {() => void} [tell] @param {number} [patienceMs] @returns {Client} */
export function tellingDelays(client, tell = () => toast("The server has not answered yet. We keep trying.", "warning"), patienceMs = PATIENCE_MS) {
  /** @template {any[]} A @template R @param {(...told: A) => Promise<R>} send @returns {(...told: A) => Promise<R>} */
  const timed = (send) => async (...told) => {
    const timer = setTimeout(tell, patienceMs);
    try {
      return await send(...told);
    } finally {
      clearTimeout(timer);
    }
  };
  return { ...client, command: timed(client.command), post: timed(client.post), patch: timed(client.patch), del: timed(client.del) };
}
