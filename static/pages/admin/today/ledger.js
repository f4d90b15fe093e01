// @ts-check
import { byId, el, setText, whileBusy } from "../../../ui/dom.js";
import { formatMoney } from "../../../ui/format/money.js";
import { formatWhen } from "../../../ui/format/time.js";
import { actorWords } from "../deeds/deeds.js";
import { createPaged } from "../paged.js";
import { reversibleOf, takeBack } from "./take-back.js";

/** @typedef {{transactionId: string, kind: string, amount: number, debit: string, credit: string, note?: string,
 *   timestamp: string, actor?: string, reverses?: string, reversed?: number}} Transfer
 *   actor: who moved it; events don't say it; reverses: which one it takes back; reversed: how much of it was taken back */

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

  let canReverse = false; // an older server can't: it does not say how much was taken back

  /** @param {Transfer} transfer */
  const back = (transfer) => {
    if (!canReverse || !reversibleOf(transfer)) return null;
    const button = el("button", { class: "small", onclick: () => void whileBusy(button, async () => {
      const taken = await takeBack(client, transfer, currency);
      if (taken) list.put({ ...transfer, reversed: (transfer.reversed ?? 0) + taken });
      else await list.load(); // perhaps it was somebody else
    }) }, "Take back…", el("span", { class: "sr-only" }, ` ${formatMoney(transfer.amount, currency)}, ${transfer.kind}`));
    return button;
  };

  /** @param {Transfer} transfer */
  const noteOf = ({ note, reversed, reverses }) => [reversed && `${formatMoney(reversed, currency)} taken back`, reverses && "takes back", note].filter(Boolean).join(" · ");

  /** @param {Transfer} transfer */
  const row = (transfer) => el("tr", { "data-new": String(fresh.has(transfer.transactionId)) },
    el("td", {}, formatWhen(transfer.timestamp)), el("td", {}, transfer.kind),
    el("td", { class: "number" }, formatMoney(transfer.amount, currency)), el("td", {}, back(transfer)), el("td", { class: "mono" }, transfer.debit),
    el("td", { class: "mono" }, transfer.credit), el("td", { class: "mono" }, transfer.actor ? actorWords(transfer.actor) : ""), el("td", { class: "note" }, noteOf(transfer)));

  const showWaiting = () => {
    byId("transactions-new").hidden = waiting.length === 0;
    setText("transactions-new", `Show ${waiting.length} new`);
  };

  const list = createPaged(client, {
    name: "transactions",
    path: () => "/v1/admin/transactions?limit=50",
    read: ({ items }) => void (canReverse ||= items.some((/** @type {Transfer} */ { reversed }) => reversed !== undefined)),
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
