// @ts-check
/** Asks the server to pair this screen with the stall that has shown a code. */

/** @typedef {object} BoardPairingHooks  exactly one of the last two is called at the end, unless it is stopped
 * @property {(stall: string) => void} onWaiting  until somebody at the stall confirms; called again after each question
 * @property {() => void} onAway  as above, but the server can't be reached now
 * @property {(screen: BoardScreen) => void} onPaired
 * @property {(words: string) => void} onRefused
 */

const BoardPairing = (function () {
  "use strict";

  const ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"; // no 0 and O, no 1, I and L: they look alike
  const CODE_CHARS = 6;
  const ASK_MS = 2000;
  const WAIT_MS_MAX = 11 * 60000; // codes work for ten minutes; the screen's clock doesn't know when those are over
  const UNKNOWN = "This code is not known. A code works for ten minutes: ask the stall for a new one.";
  const EXPIRED = "The stall has not confirmed in time. Ask it for a new code.";
  const REFUSED = "The stall has refused this screen. If that was a mistake, ask it for a new code.";
  const AWAY = "The server can't be reached now. Try again in a moment.";

  /** The character of a code that a key means. Old browsers tell keys by number only.
   * @param {number} keyCode @returns {string} empty: none */
  function charOf(keyCode) {
    const char = String.fromCharCode(keyCode >= 96 && keyCode <= 105 ? keyCode - 48 : keyCode); // 96: the number pad
    return ALPHABET.indexOf(char) >= 0 ? char : "";
  }

  /** @param {BoardAnswer} answer */
  const isAway = (answer) => answer.status === 0 || answer.status >= 500;

  /** Why a code did not work. @param {BoardAnswer} answer */
  function wordsOf(answer) {
    if (isAway(answer)) return AWAY;
    if (answer.status !== 429) return UNKNOWN;
    return answer.retryAfterS ? `Too many tries. Try again in ${answer.retryAfterS} seconds.` : "Too many tries. Wait a minute.";
  }

  /** @param {string} code @param {BoardPairingHooks} hooks @returns {{stop: () => void}} */
  function start(code, hooks) {
    const until = performance.now() + WAIT_MS_MAX;
    let isStopped = false;
    let timer = 0;

    /** @param {any} pairing  as the server has begun it */
    function askAgain(pairing) {
      const path = `/v1/displays/pairings/${encodeURIComponent(pairing.pairingId)}`;
      BoardHttp.ask("GET", path, { token: pairing.secret }, function (answer) {
        if (isStopped) return;
        const { status, vendorId, token } = answer.data || {};
        if (answer.status === 200 && status === "confirmed") return hooks.onPaired({ vendorId: String(vendorId || pairing.vendorId), token: String(token || "") });
        if (answer.status === 200 && status === "refused") return hooks.onRefused(REFUSED);
        const isTemporary = answer.status === 200 || answer.status === 429 || isAway(answer);
        if (!isTemporary || performance.now() > until) return hooks.onRefused(EXPIRED);
        if (isAway(answer)) hooks.onAway();
        else hooks.onWaiting(String(pairing.vendorName || "the stall"));
        timer = setTimeout(() => askAgain(pairing), Math.max(ASK_MS, answer.retryAfterS * 1000));
      });
    }

    BoardHttp.ask("POST", "/v1/displays/pairings", { body: { code: code } }, function (answer) {
      if (isStopped) return;
      const isBegun = answer.status >= 200 && answer.status < 300 && answer.data && answer.data.pairingId;
      if (!isBegun) return hooks.onRefused(wordsOf(answer));
      hooks.onWaiting(String(answer.data.vendorName || "the stall"));
      timer = setTimeout(() => askAgain(answer.data), ASK_MS);
    });
    return {
      stop() {
        isStopped = true;
        clearTimeout(timer);
      },
    };
  }

  return { ALPHABET, CODE_CHARS, charOf, wordsOf, start };
})();
