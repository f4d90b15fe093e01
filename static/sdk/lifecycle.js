// @ts-check
/** What happens to a page besides being looked at: it sleeps, is frozen, is put into the back/forward cache, loses the network. */

/** @typedef {object} Member  of whatever brings the events
 * @property {() => void} join
 * @property {() => void} leave
 * @property {(isDoubtful: boolean) => void} check  doubtful: the connection may be dead without anyone having noticed
 * @property {() => void} lose  the browser says that there is no network
 */

/** Keep a member in step with its page. @param {import("./types.js").Env} env @param {Member} member @returns {() => void} undo */
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
