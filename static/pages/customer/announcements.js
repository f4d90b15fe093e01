// @ts-check
import { byId, el, showList } from "../../ui/dom.js";
import { deviceStore } from "../../sdk/storage.js";
import { formatWhen } from "../../ui/format/time.js";

/** @typedef {import("../../sdk/types.js").Notice} Notice */

const SHOWN_MAX = 3;
const SHOWN_MS = 12 * 60 * 60 * 1_000; // yesterday's rain is no news
const DISMISSED_MAX = 50;
const RANKS = ["high", "normal", "low"];
const rankOf = (/** @type {Notice} */ { priority }) => RANKS.indexOf(priority ?? "normal");

/** What should stand on top of the page: the urgent ones until they are dismissed, the others until they are read; pure.
 * @param {Notice[]} notices  newest first @param {ReadonlySet<string>} dismissed  their times @param {number} now  milliseconds */
export function announcementsOf(notices, dismissed, now) {
  return notices
    .filter(({ type, timestamp }) => type === "announcement" && now - Date.parse(timestamp) < SHOWN_MS && !dismissed.has(timestamp))
    .filter(({ priority, read }) => priority === "high" || !read)
    .sort((a, b) => rankOf(a) - rankOf(b)) // sorting is stable: newest first within each
    .slice(0, SHOWN_MAX);
}

/** The organiser's words, on top of every section. @param {string} userId  whose dismissals are kept */
export function createAnnouncements(userId) {
  const name = `festival-push.dismissed.${userId}`;
  let notices = /** @type {Notice[]} */ ([]);

  /** @returns {string[]} */
  const dismissed = () => (deviceStore.get(name) ?? "").split(" ").filter(Boolean);

  /** @param {Notice} notice */
  const dismiss = ({ timestamp }) => {
    deviceStore.set(name, [...dismissed(), timestamp].slice(-DISMISSED_MAX).join(" "));
    show();
  };

  /** @param {Notice} notice */
  const card = (notice) => el("li", { class: "announcement", "data-priority": notice.priority ?? "normal",
    role: notice.priority === "high" ? "alert" : null },
  el("div", { class: "grow" }, el("strong", {}, notice.title ?? (notice.priority === "high" ? "Important" : "Announcement")),
    el("p", {}, notice.message), el("p", { class: "announcement-when" }, formatWhen(notice.timestamp))),
  el("button", { class: "quiet", "aria-label": `Dismiss: ${notice.title ?? notice.message}`, onclick: () => dismiss(notice) }, "✕"));

  const show = () => showList(byId("announcements"), announcementsOf(notices, new Set(dismissed()), Date.now()),
    ({ timestamp, message }) => `${timestamp} ${message}`, card, ({ timestamp, message }) => `${timestamp} ${message}`);

  return {
    /** @param {Notice[]} list  newest first */
    update(list) {
      notices = list;
      show();
    },
  };
}
