// @ts-check
import { el, whileBusy } from "../../../ui/dom.js";
import { formatMoney } from "../../../ui/format/money.js";
import { showBadge } from "../../../ui/sections.js";
import { formatWhen } from "../../../ui/format/time.js";
import { toast } from "../../../ui/toast.js";
import { commandWords } from "../../../ui/format/words.js";
import { ask } from "../ask.js";
import { sendMoney, waitsWords } from "../deeds/second.js";
import { findPerson } from "../people/find.js";
import { createPaged } from "../paged.js";

/** @typedef {{fundsId: string, provider: string, externalId: string, amount: number, currency: string,
 *   donorName?: string | null, donorEmail?: string | null, reason?: string | null, timestamp: string}} Funds */

/** Money that arrived without a known owner, to be assigned by hand.
 * @param {import("../../../sdk/festival-push.js").Client} client */
export function createHeld(client) {
  /** @param {Funds} funds @param {string} owner @param {HTMLButtonElement} button */
  const assign = (funds, owner, button) => whileBusy(button, async () => {
    try {
      const found = await findPerson(client, owner);
      if ("problem" in found) return toast(found.problem, "error");
      const { userId, name } = found.person;
      const sum = formatMoney(funds.amount, funds.currency);
      const answered = await ask({ title: `Give ${sum} to ${name}`, action: `Give ${sum}`,
        words: `The ${sum} from ${funds.donorName || "an unknown donor"} go into the wallet of ${name} (${userId}).` }, funds.currency);
      if (!answered) return;
      const sent = await sendMoney(client, `/v1/admin/funds/${encodeURIComponent(funds.fundsId)}/assign`, { userId });
      if (!sent) return;
      if (sent.isWaiting) return toast(waitsWords(`${sum} for ${name}`), "info");
      held.drop(funds.fundsId);
      toast(`${sum} given to ${name} (${userId}).`, "success");
    } catch (error) {
      toast(commandWords(error, funds.currency), "error");
    }
  });

  /** @param {Funds} funds */
  const card = (funds) => {
    const id = `assign-${funds.fundsId}`;
    const owner = el("input", { id, required: true, list: "people", placeholder: "User id or code", autocapitalize: "none", spellcheck: "false" });
    const give = el("button", { class: "primary", type: "submit" }, "Assign");
    const form = el("form", { class: "assign", autocomplete: "off" },
      el("label", { class: "sr-only", for: id }, `Owner of ${formatMoney(funds.amount, funds.currency)} from ${funds.donorName ?? funds.provider}`),
      owner, give);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void assign(funds, owner.value.trim(), give);
    });
    return el("li", { class: "card held" },
      el("p", {}, el("strong", {}, formatMoney(funds.amount, funds.currency)), ` from ${funds.donorName || "an unknown donor"}`),
      el("p", { class: "muted" }, [funds.donorEmail, funds.reason, `${funds.provider} ${funds.externalId}`, formatWhen(funds.timestamp)].filter(Boolean).join(" · ")),
      form);
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
