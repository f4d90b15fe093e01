// @ts-check
import { byId, el, showList } from "../../ui/dom.js";
import { deviceStore } from "../../sdk/storage.js";
import { formatWhen } from "../../ui/format/time.js";

/** @typedef {import("../../sdk/types.js").Notification} Notification */

const SHOWN_MAX = 3;
const SHOWN_MS = 12 * 60 * 60 * 1_000; // yesterday's rain is no news
const DISMISSED_MAX = 50;
const RANKS = ["high", "normal", "low"];
const rankOf = (/** @type {Notification} */ { priority }) => RANKS.indexOf(priority ?? "normal");

/** Choose what stands on top of the page: urgent announcements until dismissed, the others until read; pure.
 * @param {Notification[]} notifications  newest first
 * @param {ReadonlySet<string>} dismissed  their times @param {number} now  milliseconds */
export function announcementsOf(notifications, dismissed, now) {
  return notifications
    .filter(({ type, timestamp }) => type === "announcement" && now - Date.parse(timestamp) < SHOWN_MS && !dismissed.has(timestamp))
    .filter(({ priority, read }) => priority === "high" || !read)
    .sort((a, b) => rankOf(a) - rankOf(b)) // sorting is stable: newest first within each
    .slice(0, SHOWN_MAX);
}

/** The organiser's words, on top of every section. @param {string} userId  whose dismissals are kept */
export function createAnnouncements(userId) {
  const name = `festival-push.dismissed.${userId}`;
  let notifications = /** @type {Notification[]} */ ([]);

  /** @returns {string[]} */
  const dismissed = () => (deviceStore.get(name) ?? "").split(" ").filter(Boolean);

  /** @param {Notification} notification */
  const dismiss = ({ timestamp }) => {
    deviceStore.set(name, [...dismissed(), timestamp].slice(-DISMISSED_MAX).join(" "));
    show();
  };

  /** @param {Notification} notification */
  const card = (notification) => {
    const { priority, title, message, timestamp } = notification;
    const isUrgent = priority === "high";
    return el("li", { class: "announcement", "data-priority": priority ?? "normal", role: isUrgent ? "alert" : null },
      el("div", { class: "grow" }, el("strong", {}, title ?? (isUrgent ? "Important" : "Announcement")),
        el("p", {}, message), el("p", { class: "announcement-when" }, formatWhen(timestamp))),
      el("button", { class: "quiet", "aria-label": `Dismiss: ${title ?? message}`, onclick: () => dismiss(notification) }, "✕"));
  };

  const show = () => showList(byId("announcements"), announcementsOf(notifications, new Set(dismissed()), Date.now()),
    ({ timestamp, message }) => `${timestamp} ${message}`, card, ({ timestamp, message }) => `${timestamp} ${message}`);

  return {
    /** @param {Notification[]} list  newest first */
    update(list) {
      notifications = list;
      show();
    },
  };
}
