// @ts-check
/** The announcements for everybody that stand now. All functions are pure. */

/** @typedef {{announcementId: string, message: string, title?: string, priority?: string, audience?: string,
 *   type?: string, timestamp?: string}} BoardNotice */

const BoardNotices = (function () {
  "use strict";

  /** Urgent ones first; among equals, the one that came last. @param {BoardNotice[]} notices */
  const inOrder = (notices) => notices.filter((one) => one.priority === "high").concat(notices.filter((one) => one.priority !== "high"));

  /** @param {BoardNotice} notice */
  const isForAll = (notice) => Boolean(notice.announcementId && notice.message) && (!notice.audience || notice.audience === "all");

  /** What the server lists. @param {{items?: BoardNotice[]} | null} answer  the newest first @returns {BoardNotice[]} */
  const listed = (answer) => inOrder(((answer && answer.items) || []).filter(isForAll));

  /** Apply an event; others than those about announcements change nothing. Applying it twice changes nothing more.
   * @param {BoardNotice[]} notices @param {string} type @param {BoardNotice} data @returns {BoardNotice[]} */
  function heard(notices, type, data) {
    const isNew = type === "new-notification" && data.type === "announcement";
    const isChanged = type === "announcement-changed";
    if (!isNew && !isChanged && type !== "announcement-withdrawn") return notices;
    const others = notices.filter((one) => one.announcementId !== data.announcementId);
    return (isNew || isChanged) && isForAll(data) ? inOrder([data].concat(others)) : others;
  }

  return { listed, heard };
})();
