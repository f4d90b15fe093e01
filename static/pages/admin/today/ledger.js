// @ts-check
import { byId, el, setText } from "../../../ui/dom.js";
import { formatMoney } from "../../../ui/format/money.js";
import { formatWhen } from "../../../ui/format/time.js";
import { actorWords } from "../deeds/deeds.js";
import { createPaged } from "../paged.js";

/** @typedef {{transactionId: string, kind: string, amount: number, debit: string, credit: string, note?: string,
 *   timestamp: string, actor?: string}} Transfer  actor: who moved it; events don't say it */

const WAITING_MAX = 500; // nobody has tapped for so long: nobody has a pointer there

/** The whole ledger, the newest on top. What comes in while somebody looks waits for a tap, so that no row moves under
 * the pointer.
 * @param {import("../../../sdk/festival-push.js").Client} client @param {string} currency */
export function createLedger(client, currency) {
  const fresh = /** @type {Set<string>} */ (new Set());
  let waiting = /** @type {Transfer[]} */ ([]); // the oldest first
  let isEmpty = true;
  const keyOf = (/** @type {Transfer} */ { transactionId }) => transactionId;
  const isSeen = () => !byId("view-today").hidden && document.visibilityState === "visible";

  /** @param {Transfer} transfer */
  const row = (transfer) => el("tr", { "data-new": String(fresh.has(transfer.transactionId)) },
    el("td", {}, formatWhen(transfer.timestamp)), el("td", {}, transfer.kind),
    el("td", { class: "number" }, formatMoney(transfer.amount, currency)), el("td", { class: "mono" }, transfer.debit),
    el("td", { class: "mono" }, transfer.credit), el("td", { class: "mono" }, transfer.actor ? actorWords(transfer.actor) : ""), el("td", { class: "note" }, transfer.note ?? ""));

  const showWaiting = () => {
    byId("transactions-new").hidden = waiting.length === 0;
    setText("transactions-new", `Show ${waiting.length} new`);
  };

  const list = createPaged(client, {
    name: "transactions",
    path: () => "/v1/admin/transactions?limit=50",
    keyOf,
    row,
    empty: "Waiting for the first one…",
    changed(items) {
      isEmpty = items.length === 0;
      byId("transactions-box").hidden = isEmpty;
      const listed = new Set(items.map(keyOf));
      waiting = waiting.filter((transfer) => !listed.has(keyOf(transfer)));
      showWaiting();
    },
  });
  const takeIn = () => {
    for (const transfer of waiting) fresh.add(keyOf(transfer));
    list.put(...waiting);
  };
  byId("transactions-new").addEventListener("click", takeIn);

  return {
    load: list.load,
    /** @param {Transfer} transfer  a `new-transaction` */
    add(transfer) {
      waiting.push(transfer);
      if (isEmpty || !isSeen() || waiting.length >= WAITING_MAX) takeIn();
      else showWaiting();
    },
  };
}
