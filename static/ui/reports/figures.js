// @ts-check
/** Figures in words and in tables; all of it pure. Amounts are minor units. */
import { formatMoney } from "../format/money.js";

/** @typedef {import("../../sdk/types.js").Currency} Currency */
/** @typedef {{taxBp?: number, gross: number, net: number, tax: number}} Tax */
/** @typedef {{itemId?: string, name: string, taxBp?: number, quantity: number, amount: number, back?: number, backAmount?: number}} Sold */
/** @typedef {{orders: number, sales: number, tips: number, refunds: number, fees: number, net: number, deposits?: number, depositsBack?: number}} Sums */
/** @typedef {Sums & {day: string, begins: string, ends: string, items: Sold[], left: number, taxes: Tax[]}} Takings */
/** @typedef {Partial<Sums> & {key: string, name?: string, vendorId?: string, taxBp?: number, gross?: number, tax?: number, quantity?: number,
 *   source?: string, method?: string, topUps?: number, amount?: number, back?: number, backAmount?: number, paidOut?: number}} ReportRow */
/** @typedef {{from: string, to: string, by: string, rows: ReportRow[], left: number, total: ReportRow, taxes: Tax[]}} Report */
/** A cell's text; one of a number stands on the right. @typedef {{text: string, number?: boolean}} Cell */
/** @typedef {{heads: Cell[], rows: Cell[][], total: Cell[] | null}} Table */

/** @param {number} orders */
export const orderWords = (orders) => (orders === 1 ? "1 order" : `${orders} orders`);

/** What a till has taken, in one line. @param {Sums} sums @param {Currency} currency */
export function sumWords({ orders, sales, tips, refunds, fees, deposits = 0, depositsBack = 0 }, currency) {
  const money = (/** @type {number} */ amount) => formatMoney(amount, currency);
  return [orderWords(orders), `sold ${money(sales)}`, tips && `tips ${money(tips)}`, refunds && `given back ${money(refunds)}`, fees && `fees ${money(fees)}`,
    deposits && `deposits ${money(deposits)}`, depositsBack && `deposits back ${money(depositsBack)}`].filter(Boolean).join(" · ");
}

/** @param {number | undefined} taxBp  undefined: the stall has not said */
export const rateWords = (taxBp) => (taxBp === undefined ? "No rate" : `${Number((taxBp / 100).toFixed(2))} %`);

/** The rates, if any stall has said one. @param {Tax[]} taxes @param {Currency} currency @returns {[string, string][]} */
export function taxLines(taxes, currency) {
  if (!taxes.some(({ taxBp }) => taxBp !== undefined)) return [];
  const money = (/** @type {number} */ amount) => formatMoney(amount, currency);
  return taxes.map(({ taxBp, gross, net, tax }) => [rateWords(taxBp), taxBp === undefined ? money(gross) : `${money(gross)} = ${money(net)} + ${money(tax)} tax`]);
}

/** @param {Sold} sold */
export const soldName = ({ name }) => name || "Amounts";

/** A day as people say it: `Sat, 4 Jul`. @param {string} day  2026-07-04 */
export const dayWords = (day) => new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" }).format(new Date(`${day}T00:00:00Z`));

/** An hour of the festival's clock, whatever this device's says. @param {string} key  2026-07-04T18:00+02:00 */
export const hourWords = (key) => `${dayWords(key.slice(0, 10))}, ${key.slice(11, 16)}`;

/** @type {Record<string, [string, (row: ReportRow) => string][]>} what stands at the beginning of a row */
const NAMES = {
  day: [["Day", ({ key }) => dayWords(key)]],
  hour: [["Hour", ({ key }) => hourWords(key)]],
  stall: [["Stall", ({ key, name }) => name ?? key]],
  item: [["Item", ({ name }) => name || "Amounts"], ["Tax rate", ({ taxBp }) => rateWords(taxBp)]],
  tax: [["Rate", ({ taxBp }) => rateWords(taxBp)]],
  method: [["Paid by", ({ method = "", source }) => (source === "provider" ? `${method} (online)` : method)]],
  cashier: [["Who", ({ key, name }) => name ?? key], ["Paid by", ({ method = "" }) => method]],
};
/** @typedef {[string, keyof ReportRow, ("count" | "money")?]} Column */
const SUMS = /** @type {Column[]} */ ([["Orders", "orders", "count"], ["Sold", "sales"], ["Tips", "tips"], ["Given back", "refunds"], ["Fees", "fees"], ["Net", "net"]]);
const DESK = /** @type {Column[]} */ ([["Top-ups", "topUps", "count"], ["Taken", "amount"], ["Taken back", "back"], ["Paid out", "paidOut"]]);
/** @type {Record<string, Column[]>} the numbers after that */
const NUMBERS = {
  day: SUMS, hour: SUMS, stall: SUMS, method: DESK, cashier: DESK,
  item: [["Sold", "quantity", "count"], ["For", "amount"], ["Given back", "back", "count"], ["Of it back", "backAmount"]],
  tax: [["Sold", "gross"], ["Net", "net"], ["Tax", "tax"]],
};

/** @param {Report} report @param {Currency} currency @param {Record<string, string>} [stalls]  names of stalls, to tell items of the same name apart
 * @returns {Table} */
export function tableOf({ by, rows, total }, currency, stalls = {}) {
  const [names, numbers] = [NAMES[by] ?? [], NUMBERS[by] ?? []];
  const isOfStalls = by === "item" && Object.keys(stalls).length > 0;
  const cells = (/** @type {ReportRow} */ row) => numbers.map(([, field, kind = "money"]) =>
    ({ number: true, text: kind === "count" ? String(row[field] ?? 0) : formatMoney(Number(row[field] ?? 0), currency) }));
  return {
    heads: [...names.map(([text]) => ({ text })), ...(isOfStalls ? [{ text: "Stall" }] : []), ...numbers.map(([text]) => ({ text, number: true }))],
    rows: rows.map((row) => [...names.map(([, words]) => ({ text: words(row) })), ...(isOfStalls ? [{ text: stalls[row.vendorId ?? ""] ?? "" }] : []), ...cells(row)]),
    total: rows.length > 1 ? [{ text: "Total" }, ...names.slice(1).map(() => ({ text: "" })), ...(isOfStalls ? [{ text: "" }] : []), ...cells(total)] : null,
  };
}
