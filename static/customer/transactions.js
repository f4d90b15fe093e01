// @ts-check
import { byId, el, setText, showList, whileBusy } from "../js/dom.js";
import { formatMoney } from "../js/money.js";
import { formatWhen } from "../js/time.js";
import { humanWords } from "../js/words.js";

/** @typedef {import("../js/types.js").Transaction} Transaction */

/** @type {Record<string, string>} */
const KIND_WORDS = { "top-up": "Top-up", purchase: "Order", sale: "Sale", refund: "Refund", payout: "Payout", fee: "Fee",
  adjustment: "Correction" };
const PAGE = 20;

/** @param {import("../js/festival-push.js").Client} client @param {string} currency */
export function createTransactions(client, currency) {
  let transactions = /** @type {Transaction[]} */ ([]);
  let next = /** @type {string | null} */ (null);
  let fresh = false;
  const more = /** @type {HTMLButtonElement} */ (byId("transactions-more"));

  /** @param {Transaction} transaction */
  const row = ({ kind, note, amount, balance, timestamp }) => el("li", { class: "row" },
    el("div", { class: "grow" }, el("strong", {}, kind === "payout" && amount > 0 ? "Payout given back" : (KIND_WORDS[kind] ?? kind)), note && el("p", {}, note),
      el("p", { class: "muted" }, formatWhen(timestamp))),
    el("div", { class: "amounts" }, el("p", { class: amount < 0 ? "price" : "price plus" }, formatMoney(amount, currency, { signed: true })),
      el("p", { class: "muted" }, formatMoney(balance, currency))));

  /** @param {string | null} before  null: from the newest */
  const load = async (before) => {
    try {
      const page = await client.get(`/v1/me/transactions?limit=${PAGE}${before ? `&before=${encodeURIComponent(before)}` : ""}`);
      const overlaps = page.items.some((/** @type {Transaction} */ one) => one.transactionId === transactions[0]?.transactionId);
      const known = new Set(page.items.map((/** @type {Transaction} */ one) => one.transactionId));
      const others = transactions.filter(({ transactionId }) => !known.has(transactionId));
      transactions = before ? [...others, ...page.items] : overlaps ? [...page.items, ...others] : page.items;
      if (before || !overlaps) next = page.next ?? null; // else the older ones on screen go on where they ended
      fresh = true;
      setText("transactions-state", transactions.length ? "" : "No payments yet.");
    } catch (error) {
      setText("transactions-state", humanWords(error));
    }
    showList(byId("transactions"), transactions, ({ transactionId }) => transactionId, row);
    more.hidden = next === null;
  };
  more.addEventListener("click", () => void whileBusy(more, () => load(next)));

  return {
    open: () => void (fresh || load(null)),
    /** The wallet has moved: what is on screen is read again, the rest when it is looked at. */
    changed() {
      fresh = false;
      if (!byId("view-wallet").hidden) void load(null);
    },
  };
}
