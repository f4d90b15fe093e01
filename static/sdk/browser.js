// @ts-check
import { deviceStore, tabStore } from "./storage.js";

const OF_THE_DOCUMENT = ["visibilitychange", "freeze", "resume"];

/** Return what the client uses of the browser; given parts replace its own.
 * @param {Partial<import("./types.js").Env>} [given]
 * @returns {import("./types.js").Env} */
export const envWith = (given) =>
  /** @type {import("./types.js").Env} */ (given?.fetch ? given : { ...browserEnv(), ...given });

/** @returns {import("./types.js").Env} */
function browserEnv() {
  const hasChannels = typeof BroadcastChannel === "function";
  return {
    fetch: (input, init) => fetch(input, init),
    setTimeout: (run, ms) => setTimeout(run, ms),
    clearTimeout: (timer) => clearTimeout(timer),
    now: () => Date.now(),
    digest: globalThis.crypto?.subtle ? (text) => crypto.subtle.digest("SHA-256", text) : null, // https and localhost only
    random: () => Math.random(),
    isOnline: () => navigator.onLine,
    isHidden: () => document.visibilityState === "hidden",
    watch(type, listener) {
      const target = OF_THE_DOCUMENT.includes(type) ? document : window;
      target.addEventListener(type, listener);
      return () => target.removeEventListener(type, listener);
    },
    locks: navigator.locks ?? null, // https and localhost only
    openChannel: hasChannels ? (name) => new BroadcastChannel(name) : null,
    tabStore,
    deviceStore,
  };
}
