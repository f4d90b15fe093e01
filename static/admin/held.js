// @ts-check
import { byId, el, setText, showList, whileBusy } from "../js/dom.js";
import { formatMoney } from "../js/money.js";
import { formatWhen } from "../js/time.js";
import { toast } from "../js/toast.js";
import { commandWords, humanWords } from "../js/words.js";

/** @typedef {{fundsId: string, provider: string, externalId: string, amount: number, currency: string,
 *   donorName?: string | null, donorEmail?: string | null, reason?: string | null, timestamp: string}} Funds */

/** Money that arrived without a known owner, to be assigned by hand. @param {import("../js/festival-push.js").Client} client */
export function createHeld(client) {
  let held = /** @type {Funds[]} */ ([]);
  let next = /** @type {string | null} */ (null);
  const more = /** @type {HTMLButtonElement} */ (byId("held-more"));

  /** @param {Funds} funds @param {string} userId @param {HTMLButtonElement} button */
  const assign = (funds, userId, button) => whileBusy(button, async () => {
    try {
      await client.command(`/v1/admin/funds/${encodeURIComponent(funds.fundsId)}/assign`, { userId });
      held = held.filter(({ fundsId }) => fundsId !== funds.fundsId);
      show();
      toast(`${formatMoney(funds.amount, funds.currency)} given to ${userId}.`, "success");
    } catch (error) {
      toast(commandWords(error, funds.currency), "error");
    }
  });

  /** @param {Funds} funds */
  const card = (funds) => {
    const id = `assign-${funds.fundsId}`;
    const owner = el("input", { id, required: true, list: "people", placeholder: "User id", autocapitalize: "none", spellcheck: "false" });
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

  const show = () => {
    const badge = byId("held-count");
    badge.hidden = held.length === 0;
    badge.textContent = `${held.length}${next ? "+" : ""}`;
    setText("held-state", held.length ? "" : "All money has an owner.");
    more.hidden = next === null;
    showList(byId("held"), held, ({ fundsId }) => fundsId, card);
  };

  /** @param {string | null} before  null: from the newest */
  const load = async (before = null) => {
    try {
      const page = await client.get(`/v1/admin/funds/held${before ? `?before=${encodeURIComponent(before)}` : ""}`);
      held = before ? [...held, ...page.items] : page.items;
      next = page.next ?? null;
      show();
    } catch (error) {
      setText("held-state", humanWords(error));
    }
  };
  more.addEventListener("click", () => void whileBusy(more, () => load(next)));
  return { load: () => load() };
}
