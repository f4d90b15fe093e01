// @ts-check
import { byId, el, setText, showList } from "../js/dom.js";
import { formatMoney } from "../js/money.js";
import { formatWhen } from "../js/time.js";

/** @typedef {{transactionId: string, kind: string, amount: number, debit: string, credit: string, platformFee: number,
 *   timestamp: string}} Transfer */

const SHOWN_MAX = 200;

/** The organiser's feed, the newest on top. @param {import("../js/festival-push.js").Client} client @param {string} currency */
export function createLedger(client, currency) {
  let transfers = /** @type {Transfer[]} */ ([]);
  const fresh = /** @type {Set<string>} */ (new Set());

  /** @param {Transfer} transfer */
  const row = (transfer) => el("tr", { "data-new": String(fresh.has(transfer.transactionId)) },
    el("td", {}, formatWhen(transfer.timestamp)), el("td", {}, transfer.kind),
    el("td", { class: "number" }, formatMoney(transfer.amount, currency)), el("td", { class: "mono" }, transfer.debit),
    el("td", { class: "mono" }, transfer.credit),
    el("td", { class: "number" }, transfer.platformFee ? formatMoney(transfer.platformFee, currency) : "–"));

  const show = () => {
    byId("transactions-box").hidden = transfers.length === 0;
    setText("transactions-state", transfers.length ? "" : "Waiting for the first one…");
    showList(byId("transactions"), transfers, ({ transactionId }) => transactionId, row, ({ transactionId }) => transactionId);
  };

  /** @param {Transfer[]} more */
  const merge = (more) => {
    const known = new Set(more.map(({ transactionId }) => transactionId));
    transfers = [...more, ...transfers.filter(({ transactionId }) => !known.has(transactionId))]
      .sort((a, b) => (a.timestamp < b.timestamp ? 1 : a.timestamp > b.timestamp ? -1 : 0)).slice(0, SHOWN_MAX);
    show();
  };

  return {
    /** What happened before this page was opened; the feed works without. */
    load: () => client.get(`/v1/admin/transactions?limit=50`).then(({ items }) => merge(items), show),
    /** @param {Transfer} transfer  a `new-transaction` */
    add(transfer) {
      fresh.add(transfer.transactionId);
      merge([transfer]);
    },
  };
}
