// @ts-check
import { el, whileBusy } from "../../../ui/dom.js";
import { formatMoney } from "../../../ui/format/money.js";
import { heldWords } from "../../../ui/format/notices.js";
import { showBadge } from "../../../ui/sections.js";
import { formatWhen } from "../../../ui/format/time.js";
import { toast } from "../../../ui/toast.js";
import { commandWords } from "../../../ui/format/words.js";
import { ask } from "../ask.js";
import { sendMoney, waitsWords } from "../deeds/second.js";
import { findPerson } from "../people/find.js";
import { createPaged } from "../paged.js";

/** @typedef {{fundsId: string, provider: string, externalId: string, amount: number, held?: number, currency: string, currencyDigits: number,
 *   donorName?: string | null, donorEmail?: string | null, reason?: string | null, timestamp: string,
 *   wantedUserId?: string | null, wantedName?: string | null, wantedCode?: string | null}} Funds
 *   held: what is left of the amount; wanted…: for whom it was meant, as it was sent */

/** How much is still held; pure. @param {Funds} funds */
export const leftOf = ({ amount, held = amount }) => held;

/** For whom money was meant; pure. @param {Funds} funds @returns {string} empty: nobody was named */
export function meantWords({ wantedUserId, wantedName, wantedCode }) {
  const code = wantedCode ? `code “${wantedCode}”` : "";
  if (wantedName) return `Meant for ${wantedName} (${[wantedUserId, code].filter(Boolean).join(", ")})`;
  const named = [wantedUserId && `user id “${wantedUserId}”`, code].filter(Boolean).join(", ");
  return named && `Sent with ${named}, which nobody has`;
}

/** Money that arrived without a known owner, to be assigned by hand or given back.
 * @param {import("../../../sdk/festival-push.js").Client} client */
export function createHeld(client) {
  const pathOf = (/** @type {Funds} */ { fundsId }) => `/v1/admin/funds/${encodeURIComponent(fundsId)}`;
  const donorOf = (/** @type {Funds} */ { donorName }) => donorName || "an unknown donor";

  /** What is left of it, after some has gone. @param {Funds} funds @param {number} amount */
  const took = (funds, amount) => {
    const left = leftOf(funds) - amount;
    if (left > 0) held.put({ ...funds, held: left });
    else held.drop(funds.fundsId);
  };

  /** @param {Funds} funds @param {string} owner @param {HTMLButtonElement} button */
  const assign = (funds, owner, button) => whileBusy(button, async () => {
    try {
      const found = await findPerson(client, owner);
      if ("problem" in found) return toast(found.problem, "error");
      const { userId, name } = found.person;
      const left = leftOf(funds);
      const money = (/** @type {number} */ amount) => formatMoney(amount, funds);
      const answered = await ask({ title: `Give ${money(left)} to ${name}`, action: "Give it", amount: left,
        words: `Up to ${money(left)} from ${donorOf(funds)} go into the wallet of ${name} (${userId}).` }, funds);
      if (!answered) return;
      const sum = money(answered.amount);
      const sent = await sendMoney(client, `${pathOf(funds)}/assign`, { userId, ...(answered.amount < left ? { amount: answered.amount } : {}) });
      if (!sent) return;
      if (sent.isWaiting) return toast(waitsWords(`${sum} for ${name}`), "info");
      took(funds, answered.amount);
      toast(`${sum} given to ${name} (${userId}).`, "success");
    } catch (error) {
      toast(commandWords(error, funds), "error");
    }
  });

  /** @param {Funds} funds @param {HTMLButtonElement} button */
  const giveBack = (funds, button) => whileBusy(button, async () => {
    const left = leftOf(funds);
    const answered = await ask({ title: `Give ${formatMoney(left, funds)} back`, action: "It goes back", amount: left, reason: "Reason",
      words: `To ${donorOf(funds)}, who paid it: pay it back at ${funds.provider} too, because this page only records it.` }, funds);
    if (!answered) return;
    try {
      const sum = formatMoney(answered.amount, funds);
      const sent = await sendMoney(client, `${pathOf(funds)}/give-back`, { amount: answered.amount, reason: answered.reason });
      if (!sent) return;
      if (sent.isWaiting) return toast(waitsWords(`${sum} back to ${donorOf(funds)}`), "info");
      took(funds, answered.amount);
      toast(`${sum} recorded as given back.`, "success");
    } catch (error) {
      toast(commandWords(error, funds), "error");
    }
  });

  /** @param {Funds} funds */
  const card = (funds) => {
    const id = `assign-${funds.fundsId}`;
    const sum = formatMoney(leftOf(funds), funds);
    const owner = el("input", { id, required: true, list: "people", placeholder: "User id or code", autocapitalize: "none", spellcheck: "false" });
    if (funds.wantedName) owner.value = funds.wantedUserId ?? "";
    const give = el("button", { class: "primary", type: "submit" }, "Assign");
    const form = el("form", { class: "assign", autocomplete: "off" },
      el("label", { class: "sr-only", for: id }, `Owner of ${sum} from ${funds.donorName ?? funds.provider}`), owner, give);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void assign(funds, owner.value.trim(), give);
    });
    const back = el("button", { onclick: () => void giveBack(funds, back) }, "Give back…", el("span", { class: "sr-only" }, ` ${sum} from ${donorOf(funds)}`));
    const of = leftOf(funds) < funds.amount ? ` of ${formatMoney(funds.amount, funds)}` : "";
    const meant = meantWords(funds);
    return el("li", { class: "card held" },
      el("p", {}, el("strong", {}, sum), `${of} from ${donorOf(funds)}`),
      meant && el("p", {}, meant),
      el("p", { class: "muted" }, [funds.donorEmail, heldWords(funds.reason), `${funds.provider} ${funds.externalId}`, formatWhen(funds.timestamp)].filter(Boolean).join(" · ")),
      form, funds.held === undefined ? null : back); // an older server gives nothing back
  };

  const held = createPaged(client, {
    name: "held",
    path: () => "/v1/admin/funds/held",
    keyOf: (/** @type {Funds} */ { fundsId }) => fundsId,
    row: card,
    empty: "All money has an owner.",
    changed: (items) => showBadge("held-count", items.length),
  });
  return { load: held.restart };
}
