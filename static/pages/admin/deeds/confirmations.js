// @ts-check
/** Commands above the festival's limit wait here for a second organiser. */
import { el } from "../../../ui/dom.js";
import { formatMoney } from "../../../ui/format/money.js";
import { formatWhen } from "../../../ui/format/time.js";
import { commandWords } from "../../../ui/format/words.js";
import { showBadge } from "../../../ui/sections.js";
import { toast } from "../../../ui/toast.js";
import { ask } from "../ask.js";
import { createPaged } from "../paged.js";
import { findPerson } from "../people/find.js";
import { actWords } from "./deeds.js";
import { sendMoney } from "./second.js";

/** @typedef {{confirmationId: string, act: string, subject: string, amount: number, askedBy: string, createdAt: string,
 *   expiresAt: string, name?: string}} Confirmation  name: of the person whom it is about, once it is known here */

const PERSON = "user:"; // before the id, in a subject

/** @param {import("../../../sdk/festival-push.js").Client} client @param {string} currency @param {string} userId  of
 *   who looks: nobody confirms what they have asked for */
export function createConfirmations(client, currency, userId) {
  /** @param {Confirmation} one */
  const whatOf = ({ act, amount, subject, name }) => `${actWords(act)} of ${formatMoney(amount, currency)} for ${name ? `${name} (${subject.slice(PERSON.length)})` : subject}`;

  const asked = /** @type {Set<string>} */ (new Set());
  /** Find out whom it is about: nobody should confirm an id that they can't read. @param {Confirmation[]} items */
  const findNames = (items) => {
    for (const { confirmationId, subject, name } of items) {
      if (name || !subject.startsWith(PERSON) || asked.has(confirmationId)) continue;
      asked.add(confirmationId);
      findPerson(client, subject.slice(PERSON.length)).then((found) => {
        asked.delete(confirmationId); // the list may be read anew, without names
        if ("person" in found) list.amend(confirmationId, { name: found.person.name });
      }, () => {}); // then the id must do
    }
  };

  /** @param {Confirmation} one @param {"confirm" | "refuse"} answer @param {Record<string, unknown>} body */
  const send = async (one, answer, body) => {
    try {
      const sent = await sendMoney(client, `/v1/admin/confirmations/${encodeURIComponent(one.confirmationId)}/${answer}`, body);
      if (sent) list.drop(one.confirmationId);
    } catch (error) {
      toast(commandWords(error, currency), "error");
      await list.load();
    }
  };

  /** @param {Confirmation} one */
  const confirm = async (one) => {
    const answered = await ask({ title: "Confirm it", action: "Confirm", words: `${one.askedBy} asks for this: ${whatOf(one)}. The money moves at once.` }, currency);
    if (answered) await send(one, "confirm", {});
  };
  /** @param {Confirmation} one */
  const refuse = async (one) => {
    const answered = await ask({ title: "Refuse it", action: "Refuse", words: `${whatOf(one)}: nothing moves, and ${one.askedBy} sees that.` }, currency);
    if (answered) await send(one, "refuse", {});
  };

  /** @param {Confirmation} one */
  const row = (one) => {
    const named = el("span", { class: "sr-only" }, ` ${whatOf(one)}`);
    const isOwn = one.askedBy === userId;
    return el("li", { class: "row wrap" },
      el("div", { class: "grow" }, el("strong", {}, whatOf(one)),
        el("p", { class: "muted" }, `asked by ${one.askedBy} ${formatWhen(one.createdAt)} · until ${formatWhen(one.expiresAt)}`)),
      el("div", { class: "actions" },
        isOwn ? el("span", { class: "chip" }, "Waits for somebody else") : el("button", { class: "small primary", onclick: () => void confirm(one) }, "Confirm", named),
        el("button", { class: "small danger", onclick: () => void refuse(one) }, isOwn ? "Take it back" : "Refuse", named.cloneNode(true))));
  };

  const list = createPaged(client, {
    name: "confirmations",
    path: () => "/v1/admin/confirmations?status=waiting&limit=50",
    keyOf: (/** @type {Confirmation} */ { confirmationId }) => confirmationId,
    row,
    empty: "Nothing waits for a second person.",
    changed(items) {
      showBadge("confirmations-count", items.length);
      findNames(items);
    },
  });
  return { load: () => void list.load() };
}
