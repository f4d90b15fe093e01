// @ts-check
/** What a provider has proved and nobody could read: an organiser books the money, or dismisses the report. */
import { byId, el, whileBusy } from "../../../ui/dom.js";
import { formatMoney, parseMoney } from "../../../ui/format/money.js";
import { formatWhen } from "../../../ui/format/time.js";
import { toast } from "../../../ui/toast.js";
import { commandWords } from "../../../ui/format/words.js";
import { ask } from "../ask.js";
import { sendMoney, waitsWords } from "../deeds/second.js";
import { createPaged } from "../paged.js";
import { findPerson } from "../people/find.js";

/** @typedef {{unreadId: string, provider: string, externalId?: string | null, meaning?: string, field: string, detail: string,
 *   body: string, status: string, createdAt: string}} Unread */

/** What is wrong with a report; pure. @param {Unread} unread */
export const troubleWords = ({ meaning, field, detail }) =>
  [meaning && meaning !== "paid" && `Reports: ${meaning.replaceAll("_", " ")}.`, field ? `${field}: ${detail}` : detail].filter(Boolean).join(" ");

/** Only what may be money that came in can be booked; pure. @param {Unread} unread */
export const isBookable = ({ meaning = "" }) => meaning === "" || meaning === "paid";

/** @param {import("../../../sdk/festival-push.js").Client} client @param {string} currency */
export function createUnread(client, currency) {
  const pathOf = (/** @type {Unread} */ { unreadId }) => `/v1/admin/funds/unread/${encodeURIComponent(unreadId)}`;

  /** @param {Unread} unread @param {{amount: string, owner: string, externalId: string}} typed */
  const book = async (unread, typed) => {
    try {
      const amount = parseMoney(typed.amount, currency);
      if (amount === null) return toast("Type the amount like 12.50.", "error");
      const found = typed.owner ? await findPerson(client, typed.owner) : null;
      if (found && "problem" in found) return toast(found.problem, "error");
      const sum = formatMoney(amount, currency);
      const place = found ? `go into the wallet of ${found.person.name} (${found.person.userId}) at once` : "are held until you find their owner";
      const answered = await ask({ title: `Book ${sum}`, action: `Book ${sum}`,
        words: `${sum} from ${unread.provider} ${place}. Only if the provider has them: look there.` }, currency);
      if (!answered) return;
      const wish = { amount, ...(found ? { userId: found.person.userId } : {}), ...(typed.externalId ? { externalId: typed.externalId } : {}) };
      const sent = await sendMoney(client, `${pathOf(unread)}/book`, wish);
      if (!sent) return;
      if (sent.isWaiting) return toast(waitsWords(`${sum} from ${unread.provider}`), "info");
      list.drop(unread.unreadId);
      toast(sent.data.status === "held" ? `${sum} booked; they are held.` : `${sum} booked.`, "success");
    } catch (error) {
      toast(commandWords(error, currency), "error");
      await list.restart();
    }
  };

  /** @param {Unread} unread */
  const dismiss = async (unread) => {
    const answered = await ask({ title: "Dismiss the report", action: "Dismiss it", reason: "Reason, for the record",
      words: `Nothing is booked. The report of ${unread.provider} is kept with your reason.` }, currency);
    if (!answered) return;
    try {
      await client.command(`${pathOf(unread)}/dismiss`, { reason: answered.reason });
      list.drop(unread.unreadId);
    } catch (error) {
      toast(commandWords(error, currency), "error");
      await list.restart();
    }
  };

  /** @param {Unread} unread */
  const form = (unread) => {
    const idOf = (/** @type {string} */ name) => `unread-${name}-${unread.unreadId}`;
    const field = (/** @type {string} */ name, /** @type {string} */ label, /** @type {Record<string, unknown>} */ more) => {
      const line = /** @type {HTMLInputElement} */ (el("input", { id: idOf(name), ...more }));
      return { line, box: el("div", { class: "field" }, el("label", { for: idOf(name) }, label), line) };
    };
    const amount = field("amount", `Amount (${currency})`, { required: true, inputmode: "decimal", placeholder: "12.50" });
    const owner = field("owner", "Whose (or leave it empty)", { list: "people", placeholder: "User id or code", autocapitalize: "none", spellcheck: "false" });
    const payment = unread.externalId ? null : field("payment", "Its id at the provider (optional)", { maxlength: 255, pattern: "[!-~]+", autocapitalize: "none", spellcheck: "false" });
    const send = el("button", { class: "primary", type: "submit" }, "Book…");
    const box = el("form", { class: "stack", autocomplete: "off" }, amount.box, owner.box, payment?.box ?? null, send);
    box.addEventListener("submit", (event) => {
      event.preventDefault();
      void whileBusy(send, () => book(unread, { amount: amount.line.value, owner: owner.line.value.trim(), externalId: payment?.line.value.trim() ?? "" }));
    });
    return box;
  };

  /** @param {Unread} unread */
  const card = (unread) => el("li", { class: "card held" },
    el("p", {}, el("strong", {}, unread.provider), unread.externalId ? ` ${unread.externalId}` : ""),
    el("p", {}, troubleWords(unread)),
    el("p", { class: "muted" }, formatWhen(unread.createdAt)),
    el("details", {}, el("summary", {}, "What was sent"), el("pre", { class: "sent" }, unread.body)),
    isBookable(unread) && form(unread),
    el("button", { class: "danger", onclick: () => void dismiss(unread) }, "Dismiss…"));

  const list = createPaged(client, {
    name: "unread",
    path: () => "/v1/admin/funds/unread?status=waiting",
    keyOf: (/** @type {Unread} */ { unreadId }) => unreadId,
    row: card,
    empty: "",
    changed: (items) => void (byId("unread-section").hidden = items.length === 0), // there hardly ever is one
  });
  return { load: list.restart };
}
