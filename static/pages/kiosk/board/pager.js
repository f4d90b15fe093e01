// @ts-check
/** Pages that turn by themselves. All functions are pure; times are in ms of a clock that nobody sets. */

/** @typedef {{page: number, turnedAt: number, next: number}} Pager  page: on the screen, from 0; next: the one after it,
 *   also where a call has interrupted the order */

const BoardPager = (function () {
  "use strict";

  const PAGE_MS = 8000; // with a tick of a second, a page stays for less than ten

  /** @param {number} now @returns {Pager} */
  const started = (now) => ({ page: 0, turnedAt: now, next: 1 });

  /** The pager at `now`, if there are this many pages. @param {Pager} pager @param {number} pages @param {number} now
   * @returns {Pager} */
  function turned(pager, pages, now) {
    if (pages <= 1) return started(now);
    const isGone = pager.page >= pages;
    if (!isGone && now - pager.turnedAt < PAGE_MS) return pager;
    const page = pager.next < pages && !isGone ? pager.next : 0;
    return { page: page, turnedAt: now, next: page + 1 };
  }

  /** A number was called: show the first page, where it is; then go on behind the page that was interrupted, so that
   * every page is seen however often somebody is called. @param {Pager} pager @param {number} now @returns {Pager} */
  const called = (pager, now) => (pager.page === 0 ? pager : { page: 0, turnedAt: now, next: pager.page + 1 });

  /** @param {Pager} pager @param {number} now @returns {number} the part of the page's time that is over, 0 to 1 */
  const partOver = (pager, now) => Math.min(1, Math.max(0, (now - pager.turnedAt) / PAGE_MS));

  return { PAGE_MS, started, turned, called, partOver };
})();
