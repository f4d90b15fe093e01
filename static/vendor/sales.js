// @ts-check
import { setText } from "../js/dom.js";
import { formatMoney } from "../js/money.js";
import { sameDay } from "../js/time.js";

/** @typedef {import("../js/types.js").Transaction} Transaction */

const PAGE = 100;
const PAGES_MAX = 20;
const WAIT_MS = 1_500; // a rush of orders asks once

/** What was sold on this day, refunds taken off; pure.
 * @param {Iterable<Transaction>} transactions @param {Date} today @returns {number} minor units */
export function salesOf(transactions, today) {
  let sum = 0;
  for (const { kind, amount, timestamp } of transactions) {
    if (["sale", "refund", "fee"].includes(kind) && sameDay(new Date(timestamp), today)) sum += amount;
  }
  return sum;
}

/** @param {import("../js/festival-push.js").Client} client @param {string} currency */
export function createSales(client, currency) {
  const known = /** @type {Map<string, Transaction>} */ (new Map());
  let timer = 0;

  /** Read back, newest first, until today is complete or the rest is known. */
  const load = async () => {
    let before = "";
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const { items, next } = await client.get(`/v1/me/transactions?limit=${PAGE}${before}`);
      const newOnes = /** @type {Transaction[]} */ (items).filter(({ transactionId }) => !known.has(transactionId));
      for (const transaction of newOnes) known.set(transaction.transactionId, transaction);
      const oldest = items[items.length - 1];
      if (!next || newOnes.length < items.length || !sameDay(new Date(oldest.timestamp), new Date())) break;
      before = `&before=${encodeURIComponent(next)}`;
    }
    setText("sales", formatMoney(salesOf(known.values(), new Date()), currency));
  };
  const read = () => void load().catch(() => setText("sales", "–"));
  const changed = () => {
    timer ||= setTimeout(() => {
      timer = 0;
      read();
    }, WAIT_MS);
  };
  read();
  return { changed };
}
