// @ts-check
/** Which stall the page shows, for those who keep several. The address names it (`?stall=`), and the device remembers it. */
import { deviceStore } from "../../sdk/storage.js";
import { el } from "../../ui/dom.js";
import { stallsOf } from "../../ui/state/accounts.js";

/** @typedef {import("../../sdk/types.js").Me} Me */
/** @typedef {import("../../sdk/types.js").KeptStall} KeptStall */

/** @param {string} userId */
const nameOf = (userId) => `festival-push.stall.${userId}`;

/** @param {string} vendorId */
export const stallAddress = (vendorId) => `?stall=${encodeURIComponent(vendorId)}`;

/** Choose among the stalls that somebody keeps: the one that is named, else the only one; pure.
 * @param {KeptStall[]} stalls @param {...(string | null)} named  the first that they keep counts
 * @returns {KeptStall | null} null: they have to say */
export function stallOf(stalls, ...named) {
  const found = named.map((name) => stalls.find(({ vendorId }) => vendorId === name)).find(Boolean);
  return found ?? (stalls.length === 1 ? stalls[0] : undefined) ?? null;
}

/** The stall that this page shows. @param {Me} me @returns {KeptStall | null} null: it is not known yet */
export const chosenStall = (me) => stallOf(stallsOf(me), new URLSearchParams(location.search).get("stall"), deviceStore.get(nameOf(me.userId)));

/** Ask which stall it shall be, unless that is known, and keep the answer.
 * @param {Me} me @param {HTMLElement} gate @returns {Promise<void>} */
export async function chooseStall(me, gate) {
  const stalls = stallsOf(me);
  const { vendorId } = chosenStall(me) ?? (await new Promise((/** @type {(stall: KeptStall) => void} */ resolve) => gate.replaceChildren(
    el("h2", {}, "Which stall?"),
    el("p", { class: "muted" }, "You keep several. You can change it later, under Stall."),
    ...stalls.map((stall) => el("button", { class: "wide", onclick: () => resolve(stall) }, stall.name)))));
  deviceStore.set(nameOf(me.userId), vendorId);
  const isNamed = stalls.length > 1 || location.search !== "";
  if (isNamed) history.replaceState(null, "", stallAddress(vendorId) + location.hash);
}
