// @ts-check
import { byId, el, setText, showList, whileBusy } from "../../ui/dom.js";
import { formatMoney } from "../../ui/format/money.js";
import { receiptLink } from "../../ui/format/receipt-link.js";
import { oneAtATime, withNewest } from "../../ui/state/reading.js";
import { formatWhen } from "../../ui/format/time.js";
import { whenBack } from "../../ui/link-state.js";
import { listWords } from "../../ui/format/words.js";

/** @typedef {import("../../sdk/types.js").Transaction} Transaction */

/** @type {Record<string, string>} */
const KIND_WORDS = { "top-up": "Top-up", purchase: "Order", tip: "Tip", sale: "Sale", refund: "Refund", payout: "Payout", fee: "Fee" };
const PAGE = 20;

/** What a movement of one's money was; pure. @param {Transaction} transaction */
export function movementWords({ kind, amount, vendorName }) {
  const at = vendorName ? ` · ${vendorName}` : "";
  if (kind === "payout" && amount > 0) return "Payout given back";
  if (kind === "fee" && amount > 0) return "Fee given back";
  if (kind === "donation") return amount > 0 ? "Donation given back" : "Donation";
  if (kind === "deposit") return amount < 0 ? "Deposit" : "Deposit back";
  if (kind === "allowance") return amount > 0 ? "From your drink tickets" : "Back to your drink tickets";
  if (kind === "moved") return amount < 0 ? "Moved to your other wallet" : "Moved here from your other wallet";
  if (kind === "adjustment") return amount < 0 ? "Taken back" : "Given back"; // by the office, or by whoever paid
  return `${KIND_WORDS[kind] ?? kind}${at}`;
}

/** @param {import("../../sdk/festival-push.js").Client} client @param {import("../../sdk/types.js").Currency} currency
 * @param {string} query  of whose account */
export function createTransactions(client, currency, query) {
  let shown = /** @type {import("../../ui/state/reading.js").Page<Transaction>} */ ({ items: [], next: null });
  let fresh = false; // nothing has happened since it was asked for
  const more = /** @type {HTMLButtonElement} */ (byId("transactions-more"));

  /** @param {Transaction} transaction */
  const row = (transaction) => {
    const { transactionId, kind, orderId, note, amount, balance, timestamp } = transaction;
    const receipt = kind === "top-up" ? { transactionId } : kind === "purchase" && orderId ? { orderId } : null;
    return el("li", { class: "row" },
      el("div", { class: "grow" }, el("strong", {}, movementWords(transaction)), note && el("p", {}, note),
        el("p", { class: "muted" }, formatWhen(timestamp),
          receipt && receiptLink(receipt, "customer", { class: "receipt-link", "aria-label": `Receipt: ${movementWords(transaction)}, ${formatWhen(timestamp)}` }))),
      el("div", { class: "amounts" }, el("p", { class: amount < 0 ? "price" : "price plus" }, formatMoney(amount, currency, { signed: true })),
        el("p", { class: "muted" }, formatMoney(balance, currency))));
  };

  const keyOf = (/** @type {Transaction} */ { transactionId }) => transactionId;
  /** @param {string | null} before  null: from the newest */
  const load = async (before) => {
    try {
      const page = await client.get(`/v1/me/transactions?limit=${PAGE}${query}${before ? `&before=${encodeURIComponent(before)}` : ""}`);
      if (before && before !== shown.next) return; // the list begins anew
      shown = before ? { items: [...shown.items, ...page.items], next: page.next } : withNewest(shown, page, keyOf);
      setText("transactions-state", shown.items.length ? "" : "No payments yet.");
    } catch (error) {
      fresh = false;
      setText("transactions-state", listWords(error));
      whenBack(loadNewest);
    }
    showList(byId("transactions"), shown.items, keyOf, row);
    more.hidden = shown.next === null;
  };
  more.addEventListener("click", () => void whileBusy(more, () => load(shown.next)));
  const loadNewest = oneAtATime(() => {
    fresh = true;
    return load(null);
  });

  return {
    open: () => void (fresh || loadNewest()),
    /** The wallet has moved: what is on screen is read again, the rest when it is looked at. */
    changed() {
      fresh = false;
      if (!byId("view-wallet").hidden) void loadNewest();
    },
  };
}
