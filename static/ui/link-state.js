// @ts-check
import { setText } from "./dom.js";
import { formatWhen } from "./format/time.js";

/** @typedef {import("../sdk/types.js").LinkState} LinkState */

/** @type {Record<LinkState, string>} */
const WORDS = { live: "Live", reconnecting: "Connecting…", offline: "Offline", "signed-out": "Signed out" };

let lastLive = "";
const waiting = /** @type {Set<() => unknown>} */ (new Set());

/** Do something once, as soon as the page is live again: what could not be read is read then.
 * @param {() => unknown} run  the same function counts once */
export const whenBack = (run) => void waiting.add(run);

/** Show how the page is connected: in the header, and by an attribute of the root element, with which the style sheet
 * marks numbers that may be out of date. @param {LinkState} state */
export function showLink(state) {
  if (document.documentElement.dataset.link === "live" && state !== "live") lastLive = new Date().toISOString();
  document.documentElement.dataset.link = state;
  setText("link", WORDS[state]);
  const stale = document.getElementById("stale");
  if (stale) stale.textContent = state === "live" || !lastLive ? "" : `as of ${formatWhen(lastLive)}`;
  if (state !== "live") return;
  const due = Array.from(waiting);
  waiting.clear();
  due.forEach((run) => run());
}
