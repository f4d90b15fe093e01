// @ts-check
import { byId, el, input } from "../../ui/dom.js";
import { formatMoney } from "../../ui/format/money.js";
import { formatWhen } from "../../ui/format/time.js";
import { toast } from "../../ui/toast.js";
import { commandWords } from "../../ui/format/words.js";
import { ask } from "./ask.js";
import { sendMoney, waitsWords } from "./deeds/second.js";
import { createPaged } from "./paged.js";

/** @typedef {{payoutId: string, userId: string, name: string, ownerId: string, amount: number, account?: "wallet" | "till",
 *   status: "requested" | "completed" | "rejected",
 *   note?: string | null, reason?: string | null, reversed?: number, createdAt: string}} Payout */

const STATUS_WORDS = { requested: "Waits", completed: "Paid", rejected: "Rejected" };

/** Money that people want back. @param {import("../../sdk/festival-push.js").Client} client @param {import("../../sdk/types.js").Currency} currency */
export function createPayouts(client, currency) {
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
    const answered = await ask({ title: `${sum} are paid out to ${payout.name}`, action: "They are paid",
      words: `Say so only once you have handed over ${sum} or sent them. ${payout.note ?? ""}` }, currency);
    if (answered) await settle(payout, "complete", {});
  };

  /** @param {Payout} payout */
  const row = (payout) => {
    const paid = el("button", { class: "small primary", onclick: () => void complete(payout) }, "Paid",
      el("span", { class: "sr-only" }, ` out to ${payout.name}`));
    return el("li", { class: "row wrap" },
      el("div", { class: "grow" }, el("strong", {}, payout.name), payout.note && el("p", {}, payout.note), payout.reason && el("p", {}, `Rejected: ${payout.reason}`),
        payout.reversed ? el("p", {}, `${formatMoney(payout.reversed, currency)} came back`) : null,
        el("p", { class: "muted" }, [formatWhen(payout.createdAt), payout.account, payout.ownerId].filter(Boolean).join(" · "))),
      el("span", { class: "price" }, formatMoney(payout.amount, currency)),
      payout.status === "requested"
        ? el("div", { class: "actions" }, paid, el("button", { class: "small danger", onclick: () => void reject(payout) }, "Reject"))
        : el("span", { class: "chip" }, STATUS_WORDS[payout.status] ?? payout.status));
  };

  const list = createPaged(client, {
    name: "payouts",
    path: () => `/v1/payouts?limit=50${input("payouts-status").value ? `&status=${input("payouts-status").value}` : ""}`,
    keyOf: (/** @type {Payout} */ { payoutId }) => payoutId,
    row,
    empty: "No payouts here.",
  });
  byId("payouts-status").addEventListener("change", () => void list.restart());

  return {
    open: () => void list.restart(),
    changed() {
      if (!byId("view-payouts").hidden) void list.load();
    },
  };
}
