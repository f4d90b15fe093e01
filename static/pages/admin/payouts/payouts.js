// @ts-check
import { byId, el, input } from "../../../ui/dom.js";
import { formatMoney } from "../../../ui/format/money.js";
import { formatWhen } from "../../../ui/format/time.js";
import { groupedIban } from "../../../ui/payouts/iban.js";
import { toast } from "../../../ui/toast.js";
import { commandWords } from "../../../ui/format/words.js";
import { ask } from "../ask.js";
import { sendMoney, waitsWords } from "../deeds/second.js";
import { createPaged } from "../paged.js";

/** @typedef {{payoutId: string, userId: string, name: string, ownerId: string, amount: number, fee?: number, account?: "wallet" | "till",
 *   status: "requested" | "completed" | "rejected", withdrawn?: boolean, runId?: string, iban?: string, accountHolder?: string,
 *   note?: string | null, reason?: string | null, reversed?: number, atDesk?: boolean, createdAt: string}} Payout */

const STATUS_WORDS = { requested: "Waits", completed: "Paid", rejected: "Rejected" };

/** Where a payout stands, for the office; pure. @param {Payout} payout */
export function standsWords({ status, withdrawn, runId, atDesk }) {
  if (atDesk) return "Paid in cash at the desk";
  if (withdrawn) return "Taken back by its owner";
  if (status === "requested" && runId) return "In a run";
  return STATUS_WORDS[status] ?? status;
}

/** Money that people want back. @param {import("../../../sdk/festival-push.js").Client} client @param {import("../../../sdk/types.js").Currency} currency
 * @param {(payout: Payout) => Promise<boolean>} takeOut  of its run; whether it was */
export function createPayouts(client, currency, takeOut) {
  /** @param {Payout} payout @returns what is not back yet, as people read it */
  const left = (payout) => formatMoney(payout.amount - (payout.reversed ?? 0), currency);

  /** @param {Payout} payout @param {"complete" | "reject"} step @param {Record<string, unknown>} body */
  const settle = async (payout, step, body) => {
    try {
      const sent = await sendMoney(client, `/v1/payouts/${encodeURIComponent(payout.payoutId)}/${step}`, body);
      if (sent?.isWaiting) toast(waitsWords(`The payout to ${payout.name}`), "info");
      else if (sent) list.put(sent.data.payout);
    } catch (error) {
      toast(commandWords(error, currency), "error");
      await list.load();
    }
  };

  /** @param {Payout} payout */
  const reject = async (payout) => {
    const answered = await ask({ title: "Reject the payout", action: "Give the money back", reason: "Reason, for its owner",
      words: `${left(payout)} go back into the ${payout.account === "till" ? "till" : "wallet"} of ${payout.name}.` }, currency);
    if (answered) await settle(payout, "reject", { reason: answered.reason });
  };

  /** @param {Payout} payout */
  const complete = async (payout) => {
    const sum = left(payout);
    const where = payout.iban ? ` Account: ${groupedIban(payout.iban)}, ${payout.accountHolder ?? ""}.` : "";
    const answered = await ask({ title: `${sum} are paid out to ${payout.name}`, action: "They are paid",
      words: `Say so only once you have handed over ${sum} or sent them.${where} ${payout.note ?? ""}` }, currency);
    if (answered) await settle(payout, "complete", {});
  };

  /** @param {Payout} payout */
  const actions = (payout) => {
    if (payout.status !== "requested") return el("span", { class: "chip" }, standsWords(payout));
    const name = el("span", { class: "sr-only" }, ` out to ${payout.name}`);
    if (payout.runId) {
      return el("div", { class: "actions" }, el("span", { class: "chip" }, standsWords(payout)),
        el("button", { class: "small", onclick: () => void takeOut(payout).then((done) => (done ? list.load() : null)) }, "Take out of the run", el("span", { class: "sr-only" }, `: ${payout.name}`)));
    }
    return el("div", { class: "actions" }, el("button", { class: "small primary", onclick: () => void complete(payout) }, "Paid", name),
      el("button", { class: "small danger", onclick: () => void reject(payout) }, "Reject"));
  };

  /** @param {Payout} payout */
  const row = (payout) => el("li", { class: "row wrap" },
    el("div", { class: "grow" }, el("strong", {}, payout.name), payout.note && el("p", {}, payout.note),
      payout.iban ? el("p", { class: "code" }, groupedIban(payout.iban)) : null, payout.accountHolder ? el("p", {}, payout.accountHolder) : null,
      payout.reason && el("p", {}, `Rejected: ${payout.reason}`),
      payout.reversed ? el("p", {}, `${formatMoney(payout.reversed, currency)} came back`) : null,
      payout.fee ? el("p", { class: "muted" }, `Fee ${formatMoney(payout.fee, currency)}`) : null,
      el("p", { class: "muted" }, [formatWhen(payout.createdAt), payout.account, payout.ownerId].filter(Boolean).join(" · "))),
    el("span", { class: "price" }, formatMoney(payout.amount, currency)), actions(payout));

  const shown = () => input("payouts-status").value;
  const list = createPaged(client, {
    name: "payouts",
    path() {
      const run = shown().startsWith("run:") ? shown().slice(4) : "";
      return run ? `/v1/admin/payout-runs/${encodeURIComponent(run)}?limit=50` : `/v1/payouts?limit=50${shown() ? `&status=${shown()}` : ""}`;
    },
    keyOf: (/** @type {Payout} */ { payoutId }) => payoutId,
    row,
    empty: "No payouts here.",
  });
  byId("payouts-status").addEventListener("change", () => void list.restart());

  return {
    open: () => void list.restart(),
    /** Show those of one run. @param {string} runId @param {string} name */
    showRun(runId, name) {
      const select = byId("payouts-status");
      for (const option of Array.from(select.querySelectorAll("[value^='run:']"))) option.remove();
      select.append(el("option", { value: `run:${runId}` }, name));
      input("payouts-status").value = `run:${runId}`;
      void list.restart();
      scrollTo({ top: 0 }); // the list is above, at the head of the view
    },
    changed() {
      if (!byId("view-payouts").hidden) void list.load();
    },
  };
}
