// @ts-check
import { setText } from "../../ui/dom.js";
import { later } from "../../ui/later.js";
import { formatMoney } from "../../ui/format/money.js";
import { oneAtATime } from "../../ui/state/reading.js";
import { sameDay } from "../../ui/format/time.js";

/** @typedef {import("../../sdk/types.js").Transaction} Transaction */

const PAGE = 100;
const PAGES_MAX = 20;
const WAIT_MS = 1_500; // a rush of orders asks once

/** Return what was sold on this day; pure. Refunds and fees are negative.
 * @param {Iterable<Transaction>} transactions @param {Date} today
 * @returns {{orders: number, sale: number, tip: number, refund: number, fee: number, net: number}} minor units */
export function takingsOf(transactions, today) {
  const takings = { orders: 0, sale: 0, tip: 0, refund: 0, fee: 0, net: 0 };
  for (const { kind, amount, timestamp } of transactions) {
    if ((kind === "sale" || kind === "tip" || kind === "refund" || kind === "fee") && sameDay(new Date(timestamp), today)) {
      takings[kind] += amount;
      takings.net += amount;
      takings.orders += kind === "sale" ? 1 : 0;
    }
  }
  return takings;
}

/** @param {import("../../sdk/festival-push.js").Client} client @param {string} currency @param {string} [query]  of whose till */
export function createSales(client, currency, query = "") {
  const known = /** @type {Map<string, Transaction>} */ (new Map());

  /** @param {ReturnType<typeof takingsOf>} takings */
  const show = ({ orders, sale, tip, refund, fee, net }) => {
    const money = (/** @type {number} */ amount) => formatMoney(amount, currency);
    setText("sales", money(net));
    setText("sales-detail", [orders === 1 ? "1 order" : `${orders} orders`, `sold ${money(sale)}`, tip && `tips ${money(tip)}`, refund && `given back ${money(-refund)}`,
      fee && `fees ${money(-fee)}`].filter(Boolean).join(" · "));
  };

  /** Read backwards from the newest, until today is complete or the rest is known. If a page fails, nothing is kept,
   * because a gap would stay. */
  const load = async () => {
    const found = [];
    let before = "";
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const { items, next } = await client.get(`/v1/me/transactions?limit=${PAGE}${query}${before}`);
      const newOnes = /** @type {Transaction[]} */ (items).filter(({ transactionId }) => !known.has(transactionId));
      found.push(...newOnes);
      const oldest = items[items.length - 1];
      if (!next || newOnes.length < items.length || !sameDay(new Date(oldest.timestamp), new Date())) break;
      before = `&before=${encodeURIComponent(next)}`;
    }
    for (const transaction of found) known.set(transaction.transactionId, transaction);
    show(takingsOf(known.values(), new Date()));
  };
  const read = oneAtATime(() => load().catch(() => setText("sales", "–")));
  void read();
  return { changed: later(() => void read(), WAIT_MS) };
}
