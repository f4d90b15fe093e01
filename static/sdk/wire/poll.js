// @ts-check
/** The long poll: the stream's events as a list, for networks that swallow streams and for tabs that catch up. */
import { networkProblem, otherUser } from "../problem.js";

/** @typedef {import("../connection.js").Frame} Frame */

export const POLL_EVENTS_MAX = 200; // in one answer; a full one says that there may be more

/** Read the events after the cursor. If it can't be honoured, there are none, and `connected` has a snapshot and its
 * id.
 * @param {{http: import("./http.js").Http, pollUrl?: string, userId?: string, after: () => string}} source
 *   userId: whose events these must be, as a cookie may have changed hands since the last answer @param {number} waitS
 * @param {AbortSignal} signal @returns {Promise<{connected: Frame, frames: Frame[]}>} @throws {ProblemError} */
export async function readEvents({ http, pollUrl, userId, after }, waitS, signal) {
  const path = `${pollUrl}?wait=${waitS}${after() && `&after=${encodeURIComponent(after())}`}`;
  const { data } = await http.sendOnce("GET", path, {}, { waitMs: waitS * 1_000, signal });
  const { events, next, ...connected } = data ?? {};
  if (!Array.isArray(events)) throw networkProblem(); // a captive portal's idea of an answer
  if (userId && connected.userId !== userId) throw otherUser();
  return {
    connected: { type: "connected", data: connected, id: connected.resumed ? null : next },
    frames: events.map(({ id, event, data: told }) => ({ type: event, data: told, id })),
  };
}
