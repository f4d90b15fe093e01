// @ts-check
/** What one stall's board shows. All functions are pure. `now` is in ms of a clock that nobody sets: the screen's own
 * may be wrong, and may jump when the screen has found a time server. */

/** A board as the server tells it, always the whole of it. Older servers leave out all that may be missing here.
 * @typedef {object} BoardTold
 * @property {number[]} preparing
 * @property {number[]} ready
 * @property {string} [vendorName]
 * @property {{number: number, calledAt: string}[]} [called]  the newest call first
 * @property {number} [readyMinutes]  how long a ready number stays; 0: for ever
 * @property {string} [timestamp]  the server's time
 */

/** @typedef {{number: number, at: number, calledAt: number}} BoardCall  at: in ms of `now`; calledAt: the server's, NaN
 *   if it didn't say */

/** @typedef {object} BoardShown
 * @property {string} vendorName
 * @property {number[]} preparing
 * @property {BoardCall[]} calls  of all ready numbers, the newest first
 * @property {number} readyMinutes
 * @property {number} aheadMs  by how much `now` is ahead of the server's time; NaN: unknown
 */

const BoardState = (function () {
  "use strict";

  const NEWEST_MS = 60000; // how long the number called last is the largest

  /** @type {BoardShown} */
  const EMPTY = { vendorName: "", preparing: [], calls: [], readyMinutes: 0, aheadMs: NaN };

  /** How far `now` is ahead of the server's time. An event that is told again after a cut has an old timestamp, so that
   * the smallest difference is the right one. @param {BoardShown} before @param {BoardTold} told @param {number} now
   * @param {boolean} isFresh  the server has written it just now */
  function aheadMs(before, told, now, isFresh) {
    const ahead = now - Date.parse(told.timestamp || "");
    if (isNaN(ahead)) return before.aheadMs;
    return isFresh || isNaN(before.aheadMs) ? ahead : Math.min(ahead, before.aheadMs);
  }

  /** Take over a board. @param {BoardShown | null} before  null: the screen has just been switched on
   * @param {BoardTold} told @param {number} now @param {boolean} isFresh  as of `aheadMs` @returns {BoardShown} */
  function take(before, told, now, isFresh) {
    const known = new Map((before || EMPTY).calls.map((call) => [call.number, call]));
    const called = told.called || [];
    const calledAt = new Map(called.map((call) => [call.number, Date.parse(call.calledAt)]));
    const ahead = aheadMs(before || EMPTY, told, now, isFresh);
    // Without the time of a call, its arrival counts. What is there when the screen is switched on was called before.
    const arrived = before ? now : now - NEWEST_MS;
    const ranks = new Map(called.map((call, index) => [call.number, index]));
    const calls = told.ready.map(function (number, index) {
      const said = calledAt.get(number);
      const one = known.get(number);
      const at = said === undefined || isNaN(said + ahead) ? (one ? one.at : arrived) : Math.min(now, said + ahead);
      return { number: number, at: at, calledAt: said === undefined ? NaN : said, index: index };
    });
    const rankOf = (/** @type {{number: number, index: number}} */ call) => {
      const rank = ranks.get(call.number);
      return rank === undefined ? -call.index : rank; // a later order of `ready` was called later, as far as we know
    };
    calls.sort((a, b) => b.at - a.at || rankOf(a) - rankOf(b));
    return {
      vendorName: told.vendorName || (before || EMPTY).vendorName,
      preparing: told.preparing.slice(),
      calls: calls.map((call) => ({ number: call.number, at: call.at, calledAt: call.calledAt })),
      readyMinutes: told.readyMinutes === undefined ? (before || EMPTY).readyMinutes : told.readyMinutes,
      aheadMs: ahead,
    };
  }

  /** The numbers called between two boards, also those that were called again.
   * @param {BoardShown | null} before @param {BoardShown} after @returns {number[]} the newest first */
  function newCalls(before, after) {
    if (!before) return [];
    const known = new Map(before.calls.map((call) => [call.number, call]));
    return after.calls.filter(function (call) {
      const old = known.get(call.number);
      return !old || call.calledAt > old.calledAt;
    }).map((call) => call.number);
  }

  /** The numbers to show now. @param {BoardShown} shown @param {number} now
   * @returns {{preparing: number[], ready: number[], newest: number | null}} ready: the newest call first, without those
   *   that are too old; newest: the number called last, for a minute */
  function numbersOf(shown, now) {
    const maxMs = shown.readyMinutes > 0 ? shown.readyMinutes * 60000 : Infinity;
    const young = shown.calls.filter((call) => now - call.at < maxMs);
    const [first] = young;
    return {
      preparing: shown.preparing,
      ready: young.map((call) => call.number),
      newest: first && now - first.at < NEWEST_MS ? first.number : null,
    };
  }

  return { NEWEST_MS, EMPTY, take, newCalls, numbersOf };
})();
