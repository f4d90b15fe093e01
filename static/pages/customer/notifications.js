// @ts-check
import { byId, el, setText, showList, whileBusy } from "../../ui/dom.js";
import { createReading, oneAtATime } from "../../ui/state/reading.js";
import { showBadge } from "../../ui/sections.js";
import { formatWhen } from "../../ui/format/time.js";
import { toast } from "../../ui/toast.js";
import { whenBack } from "../../ui/link-state.js";
import { noticeWords } from "../../ui/format/notices.js";
import { listWords } from "../../ui/format/words.js";

/** @typedef {import("../../sdk/types.js").Notification} Notification */

const PAGE = 50;
const KEPT_MAX = 500;

/** Put notifications into a list, newest first; the read mark of the newer answer counts.
 * @param {Notification[]} old @param {Notification[]} more */
export function mergeNotifications(old, more) {
  const byPosition = new Map(old.map((notification) => [notification.position, notification]));
  for (const notification of more) byPosition.set(notification.position, notification);
  return Array.from(byPosition.values()).sort((a, b) => b.position - a.position).slice(0, KEPT_MAX);
}

/** @typedef {object} Around
 * @property {string} currency
 * @property {() => number} position  of the last event seen: what came up to there has been read when the list is open
 * @property {(notification: Notification) => boolean} isSaid  true if the page says it in another way: no toast then */

/** Follow an announcement that was edited or withdrawn; pure. What was read stays read.
 * @param {Notification[]} notifications @param {any} data  of `announcement-changed`; null: withdrawn
 * @param {string} announcementId @returns {Notification[]} */
export const withAnnouncement = (notifications, data, announcementId) => data === null
  ? notifications.filter((one) => one.announcementId !== announcementId)
  : notifications.map((one) => (one.announcementId === announcementId
    ? { ...one, message: data.message, title: data.title ?? null, priority: data.priority } : one));

/** The list of what was told to this person. What they read on one of their devices counts as read on all.
 * @param {import("../../sdk/festival-push.js").Client} client @param {number} firstUnread @param {Around} around */
export function createNotifications(client, firstUnread, { currency, position, isSaid }) {
  let notifications = /** @type {Notification[]} */ ([]);
  let next = /** @type {string | null} */ (null);
  let unread = firstUnread;
  let isLoaded = false;
  let markedUpTo = 0; // by this page: what it marks while somebody looks stays marked as new until they look again
  let dots = /** @type {Set<number>} */ (new Set()); // positions of the notifications that are marked as new
  const more = /** @type {HTMLButtonElement} */ (byId("notifications-more"));
  const isOpen = () => !byId("view-notifications").hidden;

  /** @param {Notification} notification */
  const row = (notification) => {
    const { position: at, type, timestamp, orderId, vendorId } = notification;
    const { message, title } = noticeWords(notification, currency);
    return el("li", { class: "row", "data-tone": type, "data-new": String(dots.has(at)) },
      el("div", { class: "grow" }, dots.has(at) && el("span", { class: "sr-only" }, "New: "),
        title && el("strong", {}, title), el("p", {}, message), el("p", { class: "muted" }, formatWhen(timestamp))),
      orderId && !vendorId && el("a", { class: "button small", href: "#view=orders" }, "Orders")); // else of a stall that they keep
  };

  const show = () => {
    showBadge("notifications-badge", unread);
    showList(byId("notifications"), notifications, ({ position: at }) => String(at), row,
      ({ position: at, title, message }) => JSON.stringify([dots.has(at), title, message]));
    more.hidden = next === null;
  };

  const markRead = () => {
    dots = new Set(notifications.filter(({ read }) => !read).map(({ position: at }) => at));
    if (unread === 0) return;
    unread = 0;
    markedUpTo = position();
    client.post("/v1/me/notifications/read", { upTo: markedUpTo }).catch(() => {}); // next time, then
  };

  const reading = createReading(show);
  /** @param {string | null} before  null: from the newest */
  const load = async (before) => {
    try {
      await reading.read(() => client.get(`/v1/me/notifications?limit=${PAGE}${before ? `&before=${encodeURIComponent(before)}` : ""}`), (page) => {
        if (before && before !== next) return; // the list begins anew
        next = page.next ?? null;
        // A first page replaces the list: what is in it may be from before a restore.
        notifications = before ? mergeNotifications(notifications, page.items) : page.items;
        isLoaded = true;
        setText("notifications-state", notifications.length ? "" : "Nothing yet.");
      });
    } catch (error) {
      if (!notifications.length) setText("notifications-state", listWords(error));
      whenBack(restart);
    }
    if (isOpen()) markRead();
    show();
  };
  more.addEventListener("click", () => void whileBusy(more, () => load(next)));
  const restart = oneAtATime(() => load(null));

  show();
  return {
    /** Somebody looks at the list. */
    open() {
      if (!isLoaded) void restart();
      markRead();
      show();
    },
    /** Read it all again. */
    restart: () => void restart(),
    /** @param {Notification} notification  just arrived */
    add(notification) {
      const arrived = { ...notification, position: position(), read: false };
      reading.change(() => {
        notifications = mergeNotifications(notifications, [arrived]);
        setText("notifications-state", "");
      });
      unread += 1;
      const { message, title } = noticeWords(notification, currency);
      if (!isSaid(notification)) toast(message, notification.type, title);
      if (isOpen()) markRead();
      show();
    },
    /** @param {string} announcementId @param {any} data  of `announcement-changed`; null: withdrawn */
    announcementChanged(announcementId, data) {
      const isUnread = notifications.some((one) => one.announcementId === announcementId && !one.read);
      if (data === null && isUnread) unread = Math.max(0, unread - 1);
      reading.change(() => void (notifications = withAnnouncement(notifications, data, announcementId)));
    },
    /** Read up to here, on this device or another one. @param {{upTo: number, unread: number}} mark */
    markedRead(mark) {
      unread = mark.unread;
      if (mark.upTo !== markedUpTo) dots = new Set(Array.from(dots).filter((at) => at > mark.upTo));
      reading.change(() => {
        notifications = notifications.map((each) => (each.position <= mark.upTo ? { ...each, read: true } : each));
      });
    },
    /** @param {number} count */
    setUnread(count) {
      unread = count;
      show();
    },
  };
}
