// @ts-check
import { byId, el, setText, showList } from "../js/dom.js";
import { formatWhen } from "../js/time.js";
import { toast } from "../js/toast.js";
import { humanWords } from "../js/words.js";
import { showBadge } from "./views.js";

/** @typedef {import("../js/types.js").Notice} Notice */

const KEPT_MAX = 100;

/** @param {Notice} notice */
const keyOf = ({ timestamp, message }) => `${timestamp} ${message}`;

/** @param {import("../js/festival-push.js").Client} client @param {number} firstUnread
 * @param {() => number} position  of the last event seen: what came up to there has been read when the list is open */
export function createNotices(client, firstUnread, position) {
  let notices = /** @type {Notice[]} */ ([]);
  let unread = firstUnread;
  const isOpen = () => !byId("view-notices").hidden;

  const show = () => {
    showBadge("notices-badge", unread);
    showList(byId("notices"), notices, keyOf, (notice) => el("li", { class: "row", "data-tone": notice.type },
      el("div", { class: "grow" }, notice.title && el("strong", {}, notice.title), el("p", {}, notice.message),
        el("p", { class: "muted" }, formatWhen(notice.timestamp)))));
  };

  const markRead = () => {
    if (unread === 0) return;
    unread = 0;
    client.post("/v1/me/notifications/read", { upTo: position() }).catch(() => {}); // next time, then
  };

  show();
  return {
    async open() {
      try {
        const { items } = await client.get("/v1/me/notifications?limit=50");
        const known = new Set(items.map(keyOf));
        notices = [...notices.filter((notice) => !known.has(keyOf(notice))), ...items]
          .sort((a, b) => (a.timestamp < b.timestamp ? 1 : -1)).slice(0, KEPT_MAX);
        setText("notices-state", notices.length ? "" : "Nothing yet.");
      } catch (error) {
        if (!notices.length) setText("notices-state", humanWords(error));
      }
      markRead();
      show();
    },
    /** @param {Notice} notice  just arrived */
    add(notice) {
      notices = [notice, ...notices].slice(0, KEPT_MAX);
      unread += 1;
      setText("notices-state", "");
      toast(notice.message, notice.type, notice.title ?? null);
      if (isOpen()) markRead();
      show();
    },
    /** @param {number} count */
    setUnread(count) {
      unread = count;
      show();
    },
  };
}
