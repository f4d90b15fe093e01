// @ts-check
import { byId, el, showList } from "./dom.js";
import { formatWhen } from "./format/time.js";
import { ProblemError } from "../sdk/problem.js";
import { deviceStore } from "../sdk/storage.js";

/** @typedef {{announcementId: string, message: string, title?: string | null, priority?: string | null,
 *   createdAt: string}} Announcement */

const DISMISSED_MAX = 50;

/** The organiser's words, on top of the page until they are dismissed or withdrawn.
 * @param {import("../sdk/festival-push.js").Client} client @param {string} userId  whose dismissals are kept
 * @returns {{load(): Promise<void>, apply(type: string, data: any): void}} */
export function createAnnouncements(client, userId) {
  const name = `festival-push.dismissed-announcements.${userId}`;
  let announcements = /** @type {Announcement[]} */ ([]);

  const dismissed = () => (deviceStore.get(name) ?? "").split(" ").filter(Boolean);

  /** @param {Announcement} announcement */
  const card = ({ announcementId, message, title, priority, createdAt }) => {
    const isUrgent = priority === "high";
    return el("li", { class: "announcement", "data-priority": priority ?? "normal", role: isUrgent ? "alert" : null },
      el("div", { class: "grow" }, el("strong", {}, title ?? (isUrgent ? "Important" : "Announcement")),
        el("p", {}, message), el("p", { class: "announcement-when" }, formatWhen(createdAt))),
      el("button", { class: "quiet", "aria-label": `Dismiss: ${title ?? message}`, onclick: () => {
        deviceStore.set(name, [...dismissed(), announcementId].slice(-DISMISSED_MAX).join(" "));
        show();
      } }, "✕"));
  };

  const show = () => {
    const gone = new Set(dismissed());
    showList(byId("announcements"), announcements.filter(({ announcementId }) => !gone.has(announcementId)), ({ announcementId }) => announcementId, card);
  };

  /** @param {string} announcementId */
  const without = (announcementId) => announcements.filter((one) => one.announcementId !== announcementId);

  return {
    /** Read what stands now; a server that has no such list is no error. */
    async load() {
      try {
        ({ items: announcements } = await client.get("/v1/announcements"));
        show();
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error;
      }
    },
    /** @param {string} type  of the event @param {any} data */
    apply(type, data) {
      const announcementId = data.announcementId ?? data.timestamp; // an older server gives it no id
      const known = announcements.find((one) => one.announcementId === announcementId);
      if (type === "announcement-withdrawn") announcements = without(announcementId);
      else if (known || type === "new-notification") announcements = [{ createdAt: data.timestamp, ...known, ...data, announcementId }, ...without(announcementId)];
      show();
    },
  };
}
