// @ts-check
/** The time to cancel after paying, by the server's clock: a phone's own may be wrong by minutes. */

/** @typedef {import("../../sdk/types.js").Order} Order */

/** Return how many seconds its customer may still cancel an order that the stall has accepted; 0: no more. Pure.
 * @param {Order} order @param {number} serverNow  milliseconds @returns {number} whole seconds, rounded up */
export function secondsToCancel({ status, cancellableUntil }, serverNow) {
  if (!cancellableUntil || (status !== "confirmed" && status !== "preparing")) return 0;
  const leftMs = Date.parse(cancellableUntil) - serverNow;
  return leftMs > 0 ? Math.ceil(leftMs / 1_000) : 0;
}

/** Call `tick` at each whole second while it says that some time is left.
 * @param {() => boolean} tick  shows the seconds; returns false when none are left
 * @returns {() => void} starts it, if it does not run */
export function everySecond(tick) {
  let timer = 0;
  const run = () => {
    timer = -1; // running: what `tick` shows may start it once more
    timer = tick() ? setTimeout(run, 1_000) : 0;
  };
  return () => {
    if (!timer) run();
  };
}
