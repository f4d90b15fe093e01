// @ts-check
import { ProblemError } from "../../sdk/problem.js";
import { toast } from "../../ui/toast.js";

const PATIENCE_MS = 2_000;

/** @typedef {import("../../sdk/festival-push.js").Client} Client */

/** The same client, which does not let people wait for what is known: without a network a command fails at once, and one
 * whose answer is slow says so. What goes through the outbox is not touched.
 * @param {Client} client @param {() => boolean} [isOnline] @returns {Client} */
export function honest(client, isOnline = () => navigator.onLine) {
  /** @template {any[]} A @template R @param {(...told: A) => Promise<R>} send @returns {(...told: A) => Promise<R>} */
  const soon = (send) => async (...told) => {
    if (!isOnline()) throw new ProblemError({ status: 0, code: "offline", title: "You are offline. Nothing was sent." });
    const timer = setTimeout(() => toast("The server has not answered yet. We keep trying for 20 seconds.", "warning"), PATIENCE_MS);
    try {
      return await send(...told);
    } finally {
      clearTimeout(timer);
    }
  };
  return { ...client, command: soon(client.command), post: soon(client.post), patch: soon(client.patch), del: soon(client.del) };
}
