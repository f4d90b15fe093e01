// @ts-check
/** The time to cancel after paying, by the server's clock: a phone's own may be wrong by minutes. */

import { mayCancel } from "./order-list.js";

/** @typedef {import("../../sdk/types.js").Order} Order */

/** Return how many seconds its customer may still cancel an order that the stall has accepted; 0: no more, or as long as
 * it is pending. Pure.
 * @param {Order} order @param {number} serverNow  milliseconds @returns {number} whole seconds, rounded up */
export function secondsToCancel(order, serverNow) {
  if (order.status === "pending" || !mayCancel(order, serverNow)) return 0;
  return Math.ceil((Date.parse(order.cancellableUntil ?? "") - serverNow) / 1_000);
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
