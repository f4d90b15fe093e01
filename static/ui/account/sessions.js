// @ts-check
import { el, showList, whileBusy } from "../dom.js";
import { formatWhen } from "../format/time.js";
import { humanWords, listWords } from "../format/words.js";
import { oneAtATime } from "../state/reading.js";
import { toast } from "../toast.js";

/** @typedef {{sessionId: string, current?: boolean, device?: string | null, createdAt: string, lastSeenAt?: string | null,
 *   expiresAt?: string | null}} Session */

/** Say where and since when somebody is signed in; pure. @param {Session} session @returns {[string, string]} */
export const sessionWords = ({ device, createdAt, lastSeenAt }) => [device || "A device",
  [`since ${formatWhen(createdAt)}`, lastSeenAt && `last used ${formatWhen(lastSeenAt)}`].filter(Boolean).join(" · ")];

/** Where somebody is signed in, to end one or all of it: a phone that was lost, a tablet that was lent.
 * @param {import("../../sdk/festival-push.js").Client} client */
export function createSessions(client) {
  const state = el("p", { class: "muted", role: "status" }, "Loading…");
  const list = el("ul", { class: "rows" });
  const all = el("button", { type: "button", class: "danger wide", onclick: () => void whileBusy(all, endAll) }, "Sign out everywhere else");

  /** @param {Session} session @param {HTMLButtonElement} button */
  const end = (session, button) => whileBusy(button, async () => {
    try {
      await client.del(`/v1/me/sessions/${encodeURIComponent(session.sessionId)}`);
      await load();
    } catch (error) {
      toast(humanWords(error), "error");
    }
  });
  const endAll = async () => {
    try {
      await client.post("/v1/me/sessions/end-all", { keepThis: true });
      await load();
      toast("You are signed out on all your other devices.", "success");
    } catch (error) {
      toast(humanWords(error), "error");
    }
  };

  /** @param {Session} session */
  const row = (session) => {
    const [where, since] = sessionWords(session);
    const button = el("button", { type: "button", class: "small danger", onclick: () => void end(session, button) }, "Sign out",
      el("span", { class: "sr-only" }, ` ${where}`));
    return el("li", { class: "row" }, el("div", { class: "grow" }, el("strong", {}, where), el("p", { class: "muted" }, since)),
      session.current ? el("span", { class: "chip" }, "This one") : button);
  };

  const load = oneAtATime(async () => {
    try {
      const { items } = /** @type {{items: Session[]}} */ (await client.get("/v1/me/sessions"));
      showList(list, items, ({ sessionId }) => sessionId, row);
      const isListed = items.some(({ current }) => current);
      state.textContent = isListed ? "" : "This device is not in the list: it was signed in by a link, or before there was a list.";
      all.hidden = items.length < (isListed ? 2 : 1);
    } catch (error) {
      state.textContent = listWords(error);
    }
  });
  return { element: el("div", { class: "stack" }, state, list, all), load };
}
