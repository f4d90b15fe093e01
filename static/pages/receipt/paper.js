// @ts-check
/** What stands on a receipt. */
import { el } from "../../ui/dom.js";
import { taxWords } from "../../ui/format/items.js";
import { formatMoney } from "../../ui/format/money.js";

/** @typedef {import("../../sdk/types.js").OrderLine} OrderLine */
/** @typedef {import("../../sdk/types.js").Currency} Currency */
/** @typedef {{taxBp?: number, gross: number, net: number, tax: number, returned: number, taxReturned: number}} Tax */
/** @typedef {{account: string, amount: number, returned: number}} Payment */
/** @typedef {{kind: string, amount: number, reason?: string, timestamp: string}} Refund */
/** @typedef {Currency & {festival: string, timezone: string, vendorName: string, legalName?: string, taxId?: string, address?: string,
 *   orderId: string, number: number, status: string, atOnce?: boolean, timestamp: string, items: OrderLine[], total: number, taxes: Tax[],
 *   tip: number, deposit: number, paid: number, payments: Payment[], refunds: Refund[], returned: number, kept: number}} OrderReceipt */
/** @typedef {Currency & {festival: string, timezone: string, transactionId: string, name: string, amount: number, returned: number,
 *   method?: string, provider?: string, note?: string, timestamp: string}} TopUpReceipt */

/** @type {Record<string, string>} */
const ACCOUNTS = { wallet: "From the wallet", allowance: "Drink tickets" };

/** The letter by which a line names its rate: A for the highest. Pure. @param {readonly Tax[]} taxes @param {number | undefined} taxBp */
export function markOf(taxes, taxBp) {
  const at = taxBp === undefined ? -1 : taxes.findIndex((tax) => tax.taxBp === taxBp);
  return at < 0 ? "" : String.fromCharCode(65 + at);
}

/** The rates that somebody has said, as they are after what went back; pure. @param {readonly Tax[]} taxes */
export const taxRows = (taxes) => taxes.flatMap(({ taxBp, gross, tax, returned, taxReturned }) =>
  (taxBp === undefined ? [] : [{ mark: markOf(taxes, taxBp), taxBp, net: gross - returned - (tax - taxReturned), tax: tax - taxReturned, gross: gross - returned }]));

/** In the festival's own time, wherever it is printed. @param {string} timestamp @param {string} timeZone */
export function timeWords(timestamp, timeZone) {
  /** @type {Intl.DateTimeFormatOptions} */
  const clock = { dateStyle: "medium", timeStyle: "short" };
  try {
    return new Intl.DateTimeFormat(undefined, { ...clock, timeZone }).format(new Date(timestamp));
  } catch { // a browser that does not know the zone
    return `${timestamp.slice(0, 16).replace("T", " ")} UTC`;
  }
}

/** @param {string} words @param {string} sum @param {string} [name]  of the row's class */
const row = (words, sum, name) => el("tr", { class: name ?? null }, el("th", { scope: "row" }, words), el("td", { class: "sum" }, sum));

/** @param {...(HTMLElement | false | null | undefined | 0 | "")} rows */
const table = (...rows) => el("table", {}, el("tbody", {}, ...rows));

/** @param {OrderReceipt} receipt @returns {HTMLElement[]} */
export function orderPaper(receipt) {
  const { taxes, items, payments, refunds, timezone } = receipt;
  const money = (/** @type {number} */ amount) => formatMoney(amount, receipt);
  const rows = taxRows(taxes);
  const lines = items.map(({ quantity, name, unitPrice, total, taxBp, refunded = 0 }) => el("tr", {},
    el("th", { scope: "row" }, `${quantity}\u00a0× ${name}`, markOf(taxes, taxBp) && `\u00a0(${markOf(taxes, taxBp)})`,
      quantity > 1 && el("span", { class: "small" }, ` à\u00a0${money(unitPrice)}`),
      refunded > 0 && el("span", { class: "small" }, ` · ${refunded} given back`)),
    el("td", { class: "sum" }, money(total))));
  return [
    el("p", { class: "centre" }, receipt.festival),
    el("h2", {}, receipt.vendorName),
    ...[receipt.legalName, receipt.address, receipt.taxId && `Tax id ${receipt.taxId}`].filter(Boolean).map((words) => el("p", { class: "centre small" }, words)),
    el("section", {},
      table(!receipt.atOnce && row("Order", String(receipt.number)), row("Paid", timeWords(receipt.timestamp, timezone)), receipt.status === "cancelled" && row("Status", "Cancelled"))),
    el("section", {}, table(...lines,
      receipt.deposit > 0 && row("Deposit", money(receipt.deposit)),
      receipt.tip > 0 && row("Tip", money(receipt.tip)),
      row("Total", money(receipt.paid), "total"))),
    el("section", {}, table(...payments.map(({ account, amount }) => row(ACCOUNTS[account] ?? account, money(amount))),
      ...refunds.map(({ kind, amount, reason, timestamp }) =>
        row([kind === "deposit" ? "Deposit back" : "Given back", timeWords(timestamp, timezone), reason].filter(Boolean).join(" · "), money(-amount))),
      receipt.returned > 0 && row("Paid in the end", money(receipt.kept), "total"))),
    el("section", {}, rows.length > 0 && el("table", {},
      el("thead", {}, el("tr", {}, ...["Tax in it", "Net", "Tax", "With tax"].map((words, at) => el("th", { scope: "col", class: at ? "sum" : null }, words)))),
      el("tbody", {}, ...rows.map(({ mark, taxBp, net, tax, gross }) => el("tr", {}, el("th", { scope: "row" }, `${mark}\u00a0${taxWords(taxBp)}`),
        ...[net, tax, gross].map((amount) => el("td", { class: "sum" }, money(amount)))))))),
    el("p", { class: "centre small" }, `Receipt ${receipt.orderId}`),
  ];
}

/** @param {TopUpReceipt} receipt @returns {HTMLElement[]} */
export function topUpPaper(receipt) {
  const money = (/** @type {number} */ amount) => formatMoney(amount, receipt);
  const how = receipt.method ?? receipt.provider;
  return [
    el("p", { class: "centre" }, receipt.festival),
    el("h2", {}, "Top-up"),
    el("section", {}, table(row("For", receipt.name), row("Paid", timeWords(receipt.timestamp, receipt.timezone)),
      how && row("By", how), receipt.note && row("Note", receipt.note))),
    el("section", {}, table(row("Into the wallet", money(receipt.amount), "total"),
      receipt.returned > 0 && row("Taken back", money(-receipt.returned)),
      receipt.returned > 0 && row("What stays", money(receipt.amount - receipt.returned)))),
    el("section", {}, el("p", { class: "small" }, "Nothing was bought by this yet, so there is no tax in it. Each order has its own receipt.")),
    el("p", { class: "centre small" }, `Receipt ${receipt.transactionId}`),
  ];
}
