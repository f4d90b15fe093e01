// @ts-check
/** The organiser's announcements. They stay on a page until somebody dismisses them there, or they are withdrawn. */
import { ProblemError } from "../sdk/problem.js";
import { deviceStore } from "../sdk/storage.js";
import { byId, el, showList } from "./dom.js";
import { formatWhen } from "./format/time.js";
import { whenBack } from "./link-state.js";
import { rest } from "./touch/rest.js";
import { createReading, oneAtATime } from "./state/reading.js";

/** @typedef {import("../sdk/types.js").Announcement} Announcement */
/** @typedef {import("../sdk/types.js").Notification} Notification */

const OLDER_MS_MAX = 12 * 60 * 60 * 1_000; // of a server that doesn't say which still stand: yesterday's rain is no news
const OLDER_PAGE = 50;
const DISMISSED_MAX = 100;
const RANKS = ["high", "normal", "low"];
const isUrgent = (/** @type {Announcement} */ { priority }) => priority === "high";
const rankOf = (/** @type {Announcement} */ { priority }) => RANKS.indexOf(priority ?? "normal");

/** A short mark of an announcement's words, to know them again. @param {Announcement} announcement @returns {string} */
function wordsMark({ message, title, priority }) {
  let sum = 0x811c9dc5; // FNV-1a
  for (const char of JSON.stringify([message, title ?? "", priority ?? "normal"])) sum = Math.imul(sum ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return sum.toString(36);
}

/** What is kept on the device when one is dismissed. @param {Announcement} announcement */
export const markOf = (announcement) => `${announcement.announcementId}~${wordsMark(announcement)}`;

/** Return whether somebody has dismissed it here. One that was edited since comes back only if it is urgent; pure.
 * @param {Announcement} announcement @param {readonly string[]} dismissed  marks; older pages kept the time alone */
export function isDismissed(announcement, dismissed) {
  const { announcementId, createdAt, editedAt } = announcement;
  const own = dismissed.map((mark) => mark.split("~")).filter(([id]) => id === announcementId || id === createdAt);
  if (!own.length || !isUrgent(announcement)) return own.length > 0;
  const words = wordsMark(announcement);
  return own.some(([, mark]) => mark === words || (mark === undefined && !editedAt));
}

/** Choose what a page shows, urgent ones first; pure.
 * @param {Announcement[]} announcements  newest first @param {readonly string[]} dismissed */
export const announcementsOf = (announcements, dismissed) =>
  announcements.filter((one) => !isDismissed(one, dismissed)).sort((a, b) => rankOf(a) - rankOf(b)); // stable

/** The same out of the notifications of a server that keeps no announcements: urgent ones stay until they are dismissed,
 * the others until they are read. Pure.
 * @param {Notification[]} notifications  newest first @param {number} now  milliseconds @returns {Announcement[]} */
export const olderAnnouncements = (notifications, now) => notifications
  .filter(({ type, timestamp }) => type === "announcement" && now - Date.parse(timestamp) < OLDER_MS_MAX)
  .filter(({ priority, read }) => priority === "high" || !read)
  .map(fromNotification);

/** @param {Pick<Notification, "message" | "title" | "priority" | "timestamp" | "announcementId">} notification
 * @returns {Announcement} */
const fromNotification = ({ announcementId, message, title = null, priority = null, timestamp }) =>
  ({ announcementId: announcementId ?? timestamp, message, title, priority, createdAt: timestamp, editedAt: null });

/** Apply an event to the list; pure. @param {Announcement[]} announcements  newest first
 * @param {string} type @param {any} data @returns {Announcement[]} */
export function applyAnnouncement(announcements, type, data) {
  const others = announcements.filter(({ announcementId }) => announcementId !== (data.announcementId ?? data.timestamp));
  if (type === "announcement-withdrawn") return others;
  if (type === "new-notification") return data.type === "announcement" ? [fromNotification(data), ...others] : announcements;
  if (type !== "announcement-changed") return announcements;
  const { announcementId, message, title = null, priority, audience, timestamp } = data;
  const known = announcements.find((one) => one.announcementId === announcementId);
  const changed = { announcementId, message, title, priority, audience, createdAt: known?.createdAt ?? timestamp, editedAt: timestamp };
  return known ? announcements.map((one) => (one === known ? changed : one)) : [changed, ...announcements];
}

/** Show the announcements in `#announcements`, and several in one line before it, which the style sheet uses where there
 * is little room. @param {import("../sdk/festival-push.js").Client} client @param {string} userId  whose dismissals are kept
 * @returns {{load: () => Promise<void>, apply: (type: string, data: any) => void}} */
export function createAnnouncements(client, userId) {
  const name = `festival-push.dismissed.${userId}`;
  const box = byId("announcements");
  let announcements = /** @type {Announcement[]} */ ([]);
  let isOlder = false; // the server keeps no announcements
  let isOpen = false;

  const dismissed = () => (deviceStore.get(name) ?? "").split(" ").filter(Boolean);

  /** @param {Announcement} announcement */
  const dismiss = (announcement) => {
    rest(byId("app")); // the next one, or what stood behind it, is under the finger now
    deviceStore.set(name, [...dismissed(), markOf(announcement)].slice(-DISMISSED_MAX).join(" "));
    show();
  };

  const words = el("span", { class: "announcements-words" });
  const line = el("button", { type: "button", class: "announcements-line", hidden: true, onclick: () => {
    isOpen = !isOpen;
    rest(byId("app")); // the list, or what stood behind it, is under the finger now
    show();
  } }, words);
  const alarm = el("span", { class: "sr-only", role: "alert" }); // heard also where the card itself is not shown
  box.before(alarm, line);
  addEventListener("hashchange", () => {
    isOpen = false;
    show();
  });
  addEventListener("storage", ({ key }) => key === name && show()); // dismissed in another tab

  /** @param {Announcement} announcement */
  const card = (announcement) => {
    const { priority, title, message, createdAt, editedAt } = announcement;
    return el("li", { class: "announcement", "data-priority": priority ?? "normal" },
      el("div", { class: "grow" }, el("strong", {}, title ?? (isUrgent(announcement) ? "Important" : "Announcement")), el("p", {}, message),
        el("p", { class: "announcement-when" }, formatWhen(createdAt), editedAt && ` · changed ${formatWhen(editedAt)}`)),
      el("button", { type: "button", class: "quiet", "aria-label": `Dismiss: ${title ?? message}`, onclick: () => dismiss(announcement) }, "✕"));
  };

  const show = () => {
    const shown = announcementsOf(announcements, dismissed());
    const [first] = shown;
    const urgent = shown.filter(isUrgent);
    if (!shown.length) isOpen = false;
    line.hidden = shown.length === 0;
    line.dataset.count = String(shown.length);
    line.dataset.priority = first?.priority ?? "normal";
    line.setAttribute("aria-expanded", String(isOpen));
    const counted = shown.length === 1 ? "" : `${shown.length} announcements`;
    const told = first && (urgent.length || shown.length === 1) ? [first.title, first.message].filter(Boolean).join(": ") : "";
    words.textContent = [counted, told].filter(Boolean).join(" · ");
    const alarming = urgent.map(({ title, message }) => [title ?? "Important", message].join(": ")).join(" ");
    if (alarm.textContent !== alarming) alarm.textContent = alarming;
    showList(box, shown, ({ announcementId }) => announcementId, card);
  };

  const reading = createReading(show);
  const ask = async () => {
    try {
      const { items } = await client.get("/v1/announcements");
      return { isOlder: false, items };
    } catch (error) {
      if (!(error instanceof ProblemError) || error.status !== 404) throw error;
      const { items } = await client.get(`/v1/me/notifications?limit=${OLDER_PAGE}`);
      return { isOlder: true, items: olderAnnouncements(items, Date.now()) };
    }
  };
  const load = oneAtATime(async () => {
    try {
      await reading.read(ask, (answer) => void ({ isOlder, items: announcements } = answer));
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      whenBack(load);
    }
  });

  return {
    load,
    apply(type, data) {
      if (type === "notifications-read" && isOlder) return void load();
      if (data.announcementId || data.type === "announcement") rest(byId("app")); // it moves or covers what stood there
      reading.change(() => void (announcements = applyAnnouncement(announcements, type, data)));
    },
  };
}
