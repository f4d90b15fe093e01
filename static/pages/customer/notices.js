// @ts-check
import { byId, el, setText, showList, whileBusy } from "../../ui/dom.js";
import { createReading, oneAtATime } from "../../ui/reading.js";
import { showBadge } from "../../ui/sections.js";
import { formatWhen } from "../../ui/format/time.js";
import { toast } from "../../ui/toast.js";
import { humanWords } from "../../ui/format/words.js";

/** @typedef {import("../../sdk/types.js").Notice} Notice */

const PAGE = 50;
const KEPT_MAX = 500;

/** Put notices into a list, newest first; the read mark of the newer answer counts. @param {Notice[]} old @param {Notice[]} more */
export function mergeNotices(old, more) {
  const byPosition = new Map(old.map((notice) => [notice.position, notice]));
  for (const notice of more) byPosition.set(notice.position, notice);
  return Array.from(byPosition.values()).sort((a, b) => b.position - a.position).slice(0, KEPT_MAX);
}

/** @typedef {object} Around
 * @property {() => number} position  of the last event seen: what came up to there has been read when the list is open
 * @property {(notice: Notice) => boolean} isSaid  the page says it in another way, so it isn't shown in passing
 * @property {(notices: Notice[]) => void} changed */

/** What was told to this person, and how far they have read it on whichever of their devices.
 * @param {import("../../sdk/festival-push.js").Client} client @param {number} firstUnread @param {Around} around */
export function createNotices(client, firstUnread, { position, isSaid, changed }) {
  let notices = /** @type {Notice[]} */ ([]);
  let next = /** @type {string | null} */ (null);
  let unread = firstUnread;
  let isLoaded = false;
  let markedUpTo = 0; // by this page: what it marks while somebody looks stays marked as new until they look again
  let dots = /** @type {Set<number>} */ (new Set()); // positions of what is new to whoever looks at the list
  const more = /** @type {HTMLButtonElement} */ (byId("notices-more"));
  const isOpen = () => !byId("view-notices").hidden;

  /** @param {Notice} notice */
  const row = (notice) => el("li", { class: "row", "data-tone": notice.type, "data-new": String(dots.has(notice.position)) },
    el("div", { class: "grow" }, dots.has(notice.position) && el("span", { class: "sr-only" }, "New: "),
      notice.title && el("strong", {}, notice.title), el("p", {}, notice.message),
      el("p", { class: "muted" }, formatWhen(notice.timestamp))),
    notice.orderId && el("a", { class: "button small", href: "#view=orders" }, "Orders"));

  const show = () => {
    showBadge("notices-badge", unread);
    showList(byId("notices"), notices, (notice) => String(notice.position), row, (notice) => `${dots.has(notice.position)}`);
    more.hidden = next === null;
    changed(notices);
  };

  const markRead = () => {
    dots = new Set(notices.filter(({ read }) => !read).map(({ position: at }) => at));
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
        notices = before ? mergeNotices(notices, page.items) : page.items; // what is here may be from before a restore
        isLoaded = true;
        setText("notices-state", notices.length ? "" : "Nothing yet.");
      });
    } catch (error) {
      if (!notices.length) setText("notices-state", humanWords(error));
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
    /** @param {Notice} notice  just arrived */
    add(notice) {
      const arrived = { ...notice, position: position(), read: false };
      reading.change(() => {
        notices = mergeNotices(notices, [arrived]);
        setText("notices-state", "");
      });
      unread += 1;
      if (!isSaid(notice)) toast(notice.message, notice.type, notice.title ?? null);
      if (isOpen()) markRead();
      show();
    },
    /** Read up to here, on this device or another one. @param {{upTo: number, unread: number}} mark */
    markedRead(mark) {
      unread = mark.unread;
      if (mark.upTo !== markedUpTo) dots = new Set(Array.from(dots).filter((at) => at > mark.upTo));
      reading.change(() => {
        notices = notices.map((notice) => (notice.position <= mark.upTo ? { ...notice, read: true } : notice));
      });
    },
    /** @param {number} count */
    setUnread(count) {
      unread = count;
      show();
    },
  };
}
