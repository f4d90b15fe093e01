// @ts-check
/** Tells a connection that its page sleeps, freezes, enters the back/forward cache or loses the network. */

/** @typedef {object} Member  what brings the events: this tab's connection, or its part in a shared one
 * @property {() => void} join
 * @property {() => void} leave
 * @property {(isDoubtful: boolean) => void} check  doubtful: the connection may be dead, although nothing says so
 * @property {() => void} lose  the browser says that there is no network
 */

/** Tell a member what happens to its page.
 * @param {import("./types.js").Env} env @param {Member} member @returns {() => void} undo */
export function watchPage({ watch, isHidden }, member) {
  const undos = [
    watch("visibilitychange", () => isHidden() || member.check(false)),
    watch("pagehide", () => member.leave()), // an open connection keeps a page out of the back/forward cache
    watch("pageshow", () => member.join()),
    watch("freeze", () => member.leave()), // a frozen tab must not be the one that the others wait for
    watch("resume", () => member.join()),
    watch("online", () => member.check(true)),
    watch("offline", () => member.lose()),
  ];
  return () => undos.forEach((undo) => undo());
}
