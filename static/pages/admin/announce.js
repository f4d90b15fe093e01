// @ts-check
import { byId, el, input, onSubmit, setText } from "../../ui/dom.js";
import { ProblemError } from "../../sdk/problem.js";
import { formatWhen } from "../../ui/format/time.js";
import { toast } from "../../ui/toast.js";
import { commandWords, humanWords, listWords } from "../../ui/format/words.js";
import { ask } from "./ask.js";
import { createPaged } from "./paged.js";

/** @typedef {import("../../sdk/types.js").Announcement & {reach?: {people: number, read: number},
 *   withdrawnAt?: string | null}} Announced */

const AUDIENCE_WORDS = { all: "everyone", customers: "all guests", vendors: "all stalls" };
/** @type {Record<string, string>} */
const PRIORITY_WORDS = { high: "Urgent", normal: "Normal", low: "Low" };

/** Say whom an announcement is for and whom it has reached; pure. @param {Announced} announced @returns {string} */
export function reachWords({ audience, reach, withdrawnAt }) {
  const whom = `For ${AUDIENCE_WORDS[/** @type {keyof typeof AUDIENCE_WORDS} */ (audience)] ?? audience}`;
  const read = reach ? `read by ${reach.read} of ${reach.people}` : "";
  return [whom, read, withdrawnAt && `withdrawn ${formatWhen(withdrawnAt)}`].filter(Boolean).join(" · ");
}

/** What was announced, and saying something to everybody.
 * @param {import("../../sdk/festival-push.js").Client} client @param {import("../../sdk/types.js").Currency} currency */
export function createAnnounce(client, currency) {
  let edited = /** @type {Announced | null} */ (null); // instead of a new one
  const pathOf = (/** @type {Announced} */ { announcementId }) => `/v1/admin/announcements/${encodeURIComponent(announcementId)}`;

  /** Fill the form. @param {Announced | null} announced  null: for a new one */
  const edit = (announced) => {
    edited = announced;
    /** @type {HTMLFormElement} */ (byId("announce")).reset();
    setText("announce-problem", "");
    setText("announce-heading", announced ? "Change the announcement" : "Announcement");
    setText("announce-send", announced ? "Save the change" : "Announce");
    byId("announce-back").hidden = announced === null;
    // Those who were told can't be untold, and the others never were.
    /** @type {HTMLSelectElement} */ (byId("announce-audience")).disabled = announced !== null;
    if (!announced) return;
    setText("announce-done", "");
    input("announce-message").value = announced.message;
    input("announce-title").value = announced.title ?? "";
    input("announce-audience").value = announced.audience ?? "all";
    input("announce-priority").value = announced.priority ?? "normal";
    byId("announce").scrollIntoView({ block: "nearest" });
    input("announce-message").focus();
  };

  /** @param {Announced} announced */
  const withdraw = async (announced) => {
    const answered = await ask({ title: "Withdraw the announcement", action: "Withdraw it", words: `It goes from all pages and screens: ${announced.message}` }, currency);
    if (!answered) return;
    try {
      await client.del(pathOf(announced));
      if (edited?.announcementId === announced.announcementId) edit(null);
      await list.load();
    } catch (error) {
      toast(humanWords(error), "error");
    }
  };

  /** @param {Announced} announced */
  const row = (announced) => {
    const { message, title, priority, createdAt, editedAt, withdrawnAt } = announced;
    const named = el("span", { class: "sr-only" }, ` ${title ?? message}`);
    return el("li", { class: "row wrap", "data-withdrawn": String(Boolean(withdrawnAt)) },
      el("div", { class: "grow" }, title && el("strong", {}, title), el("p", {}, message),
        el("p", { class: "muted" }, [PRIORITY_WORDS[priority ?? "normal"], formatWhen(createdAt), editedAt && `changed ${formatWhen(editedAt)}`].filter(Boolean).join(" · ")),
        el("p", { class: "muted" }, reachWords(announced))),
      !withdrawnAt && el("div", { class: "actions" },
        el("button", { class: "small", onclick: () => edit(announced) }, "Edit", named),
        el("button", { class: "small danger", onclick: () => void withdraw(announced) }, "Withdraw", named.cloneNode(true))));
  };

  const list = createPaged(client, {
    name: "announced",
    path: () => "/v1/admin/announcements?limit=20",
    keyOf: (/** @type {Announced} */ { announcementId }) => announcementId,
    row,
    empty: "Nothing was announced yet.",
    problem: (error) => error instanceof ProblemError && [404, 405].includes(error.status)
      ? "This server is older than this page: it keeps no list of announcements." : listWords(error),
  });

  /** @param {string} message @param {keyof typeof AUDIENCE_WORDS} audience */
  const confirm = (message, audience) => ask({ title: `Announce to ${AUDIENCE_WORDS[audience]}`, action: "Announce",
    words: `All of them see this at once${audience === "all" ? ", and so do the pickup screens" : ""}: ${message}` }, currency);

  const send = async () => {
    const title = input("announce-title").value.trim();
    const audience = /** @type {keyof typeof AUDIENCE_WORDS} */ (input("announce-audience").value);
    const message = input("announce-message").value.trim().replace(/\s+/g, " "); // it is one line on every page
    const priority = input("announce-priority").value;
    setText("announce-problem", "");
    setText("announce-done", "");
    const changed = edited;
    if (!changed && audience !== "vendors" && !(await confirm(message, audience))) return;
    try {
      if (changed) await client.patch(pathOf(changed), { message, title, priority }); // an empty title takes it away
      else await client.command("/v1/admin/announcements", { message, audience, priority, ...(title ? { title } : {}) });
      edit(null);
      setText("announce-done", changed ? `Changed: ${message}` : `Sent to ${AUDIENCE_WORDS[audience]}: ${message}`);
      await list.load();
    } catch (error) {
      setText("announce-problem", commandWords(error));
    }
  };
  onSubmit("announce", "announce-send", send);
  byId("announce-back").addEventListener("click", () => edit(null));

  return {
    open: () => void list.load(),
    /** It was announced, edited, withdrawn or read by somebody: the list is read again if somebody looks at it. */
    changed() {
      if (!byId("view-announce").hidden) void list.load();
    },
  };
}
