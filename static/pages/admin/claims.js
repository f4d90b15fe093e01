// @ts-check
/** What providers take back of payments: refunds, and disputes of whoever paid. */
import { el } from "../../ui/dom.js";
import { formatMoney } from "../../ui/format/money.js";
import { formatWhen } from "../../ui/format/time.js";
import { createPaged } from "./paged.js";

/** @typedef {{claimId: string, provider: string, externalId: string, paymentId: string, kind: string, amount: number,
 *   taken: number, lost: number, status: string, userId?: string, createdAt: string}} Claim */

/** @type {Record<string, string>} */
const KIND_WORDS = { refund: "Refund", dispute: "Dispute" };

/** What has become of a claim; pure. @param {Claim} claim @param {(amount: number) => string} money */
export function claimWords({ kind, status, taken, lost }, money) {
  if (status === "waiting") return "The payment itself was not reported yet.";
  if (status === "won") return "The dispute was won: the money is back.";
  const how = kind === "dispute" ? "Lost dispute: " : "";
  return `${how}${money(taken)} taken back${lost ? `, ${money(lost)} lost: spent already` : ""}.`;
}

/** @param {import("../../sdk/festival-push.js").Client} client @param {string} currency */
export function createClaims(client, currency) {
  const money = (/** @type {number} */ amount) => formatMoney(amount, currency);
  const list = createPaged(client, {
    name: "claims",
    path: () => "/v1/admin/funds/claims",
    keyOf: (/** @type {Claim} */ { claimId }) => claimId,
    row: (claim) => el("li", { class: "row wrap" },
      el("div", { class: "grow" }, el("strong", {}, `${KIND_WORDS[claim.kind] ?? claim.kind} at ${claim.provider}`), el("p", {}, claimWords(claim, money)),
        el("p", { class: "muted" }, [formatWhen(claim.createdAt), claim.userId, `payment ${claim.paymentId}`].filter(Boolean).join(" · "))),
      el("span", { class: "price" }, money(claim.amount))),
    empty: "No provider has taken anything back.",
  });
  return { open: () => void list.restart() };
}
