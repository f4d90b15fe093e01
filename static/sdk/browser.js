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
  // Node and servers that render pages have neither a document nor tabs, and a channel would keep their process alive.
  const isPage = typeof window !== "undefined" && typeof document !== "undefined";
  const hasChannels = isPage && typeof BroadcastChannel === "function";
  return {
    fetch: (input, init) => fetch(input, init),
    setTimeout: (run, ms) => setTimeout(run, ms),
    clearTimeout: (timer) => clearTimeout(timer),
    now: () => Date.now(),
    digest: globalThis.crypto?.subtle ? (text) => crypto.subtle.digest("SHA-256", text) : null, // https and localhost only
    random: () => Math.random(),
    isOnline: () => !isPage || navigator.onLine,
    isHidden: () => isPage && document.visibilityState === "hidden",
    watch(type, listener) {
      if (!isPage) return () => {};
      const target = OF_THE_DOCUMENT.includes(type) ? document : window;
      target.addEventListener(type, listener);
      return () => target.removeEventListener(type, listener);
    },
    locks: (isPage && navigator.locks) || null, // https and localhost only
    openChannel: hasChannels ? (name) => new BroadcastChannel(name) : null,
    tabStore,
    deviceStore,
  };
}
