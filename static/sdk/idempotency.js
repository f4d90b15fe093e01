// @ts-check
/** One key per wish: saved before it is sent, and kept until the server has given a definite answer. So a second tap, a
 * retry after a timeout and a reload in between all ask for the same thing once. */
import { isOurs } from "./problem.js";

export const KEPT_MS = 10 * 60 * 1000; // an unanswered wish older than this is history, not impatience
const NAME = "festival-push.wishes";

/** @param {Pick<Crypto, "getRandomValues"> & {randomUUID?: () => string}} source
 * @returns {string} a random UUID, version 4 */
export function randomKey(source = crypto) {
  if (typeof source.randomUUID === "function") return source.randomUUID(); // https and localhost only
  const bytes = source.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** @param {{store: import("./storage.js").Store, now: () => number, makeKey?: () => string}} options */
export function createKeyring({ store, now, makeKey = () => randomKey() }) {
  /** @returns {Record<string, {key: string, at: number}>} the wishes that still wait for an answer */
  const read = () => {
    try {
      const kept = JSON.parse(store.get(NAME) ?? "{}");
      return Object.fromEntries(Object.entries(kept).filter(([, wish]) => now() - wish.at < KEPT_MS));
    } catch {
      return {};
    }
  };
  return {
    /** Return whether an earlier try of this wish still waits for an answer. @param {string} wish */
    has: (wish) => Object.hasOwn(read(), wish),
    /** The key of this wish; the same one again while it is unanswered. @param {string} wish  path and body */
    keyFor(wish) {
      const wishes = read();
      const { key } = (wishes[wish] ??= { key: makeKey(), at: now() });
      store.set(NAME, JSON.stringify(wishes));
      return key;
    },
    /** The server has decided: the next such wish is a new one. @param {string} wish */
    settle(wish) {
      const wishes = read();
      delete wishes[wish];
      store.set(NAME, JSON.stringify(wishes));
    },
    /** Another person uses this tab now. */
    clear: () => store.remove(NAME),
  };
}

/** Return whether a refusal decides the wish. A 401, 403, 408 or 429 doesn't, because the server gives it before it
 * looks at the command, nor does a 5xx or a proxy's answer: an earlier try with the same key may still have taken
 * effect.
 * @param {import("./problem.js").ProblemError} problem */
export const isDefinite = (problem) =>
  isOurs(problem) && problem.status >= 400 && problem.status < 500 && ![401, 403, 408, 429].includes(problem.status);
