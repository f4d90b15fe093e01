// @ts-check
import { byId, el } from "../../../ui/dom.js";
import { formatMoney } from "../../../ui/format/money.js";
import { formatWhen } from "../../../ui/format/time.js";
import { createPaged } from "../paged.js";

/** @typedef {{transactionId: string, kind: string, amount: number, debit: string, credit: string, note?: string,
 *   timestamp: string}} Transfer */

/** The whole ledger, the newest on top, as it happens.
 * @param {import("../../../sdk/festival-push.js").Client} client @param {string} currency */
export function createLedger(client, currency) {
  const fresh = /** @type {Set<string>} */ (new Set());

  /** @param {Transfer} transfer */
  const row = (transfer) => el("tr", { "data-new": String(fresh.has(transfer.transactionId)) },
    el("td", {}, formatWhen(transfer.timestamp)), el("td", {}, transfer.kind),
    el("td", { class: "number" }, formatMoney(transfer.amount, currency)), el("td", { class: "mono" }, transfer.debit),
    el("td", { class: "mono" }, transfer.credit), el("td", { class: "note" }, transfer.note ?? ""));

  const list = createPaged(client, {
    name: "transactions",
    path: () => "/v1/admin/transactions?limit=50",
    keyOf: (/** @type {Transfer} */ { transactionId }) => transactionId,
    row,
    empty: "Waiting for the first one…",
    changed: (items) => (byId("transactions-box").hidden = items.length === 0),
  });
  return {
    load: list.load,
    /** @param {Transfer} transfer  a `new-transaction` */
    add(transfer) {
      fresh.add(transfer.transactionId);
      list.put(transfer);
    },
  };
}
