// @ts-check
/** Figures in words and tables. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bookLines, sinceWords } from "../../../../static/ui/reports/books.js";
import { dayWords, hourWords, rateWords, sumWords, tableOf, taxLines } from "../../../../static/ui/reports/figures.js";
import { fileName } from "../../../../static/ui/reports/save.js";

const EUR = { currency: "EUR", currencyDigits: 2 };
const SUMS = { orders: 2, sales: 1_500, tips: 0, refunds: 0, fees: 0, net: 1_500 };
const texts = (/** @type {{text: string}[] | null} */ cells) => (cells ?? []).map(({ text }) => text);

test("takings say what there is, and nothing of what there isn't", () => {
  assert.equal(sumWords(SUMS, EUR), "2 orders · sold €15.00");
  assert.equal(sumWords({ ...SUMS, orders: 1, tips: 80, refunds: 750, fees: 37, deposits: 200, depositsBack: 100 }, EUR),
    "1 order · sold €15.00 · tips €0.80 · given back €7.50 · fees €0.37 · deposits €2.00 · deposits back €1.00");
});

test("rates are percents, and said only where a stall has said one", () => {
  assert.deepEqual([1_900, 700, 550, 0, undefined].map(rateWords), ["19 %", "7 %", "5.5 %", "0 %", "No rate"]);
  assert.deepEqual(taxLines([{ gross: 500, net: 500, tax: 0 }], EUR), []);
  assert.deepEqual(taxLines([{ taxBp: 1_900, gross: 119, net: 100, tax: 19 }, { gross: 500, net: 500, tax: 0 }], EUR),
    [["19 %", "€1.19 = €1.00 + €0.19 tax"], ["No rate", "€5.00"]]);
});

test("a day and an hour are the festival's, whatever clock the device has", () => {
  assert.equal(dayWords("2026-07-04"), "Sat, Jul 4");
  assert.equal(hourWords("2026-07-05T00:00+02:00"), "Sun, Jul 5, 00:00");
});

test("a report is a table with a head, its rows and a total", () => {
  const row = (/** @type {string} */ key, /** @type {number} */ orders) => ({ key, orders, sales: 100 * orders, tips: 0, refunds: 50, fees: 1, net: 100 * orders - 51 });
  const report = { from: "2026-07-04", to: "2026-07-05", by: "day", left: 0, taxes: [], rows: [row("2026-07-04", 1), row("2026-07-05", 2)], total: row("total", 3) };
  const table = tableOf(report, EUR);
  assert.deepEqual(texts(table.heads), ["Day", "Orders", "Sold", "Tips", "Given back", "Fees", "Net"]);
  assert.deepEqual(table.rows.map(texts)[1], ["Sun, Jul 5", "2", "€2.00", "€0.00", "€0.50", "€0.01", "€1.49"]);
  assert.deepEqual(texts(table.total), ["Total", "3", "€3.00", "€0.00", "€0.50", "€0.01", "€2.49"]);
  assert.equal(tableOf({ ...report, rows: [row("2026-07-04", 1)] }, EUR).total, null, "one row is its own total");
});

test("items of one name at two stalls are told apart, and every row is as long as the head", () => {
  const item = (/** @type {string} */ vendorId) => ({ key: "i", name: "Beer", vendorId, taxBp: 1_900, quantity: 2, amount: 900 });
  const report = { from: "", to: "", by: "item", left: 0, taxes: [], rows: [item("sun"), item("bar"), { key: "", name: "", quantity: 1, amount: 5 }], total: { key: "total", quantity: 5, amount: 1_805 } };
  const table = tableOf(report, EUR, { sun: "Sun", bar: "Bar" });
  assert.deepEqual(table.rows.map((row) => texts(row).slice(0, 5)), [["Beer", "19 %", "Sun", "2", "€9.00"], ["Beer", "19 %", "Bar", "2", "€9.00"], ["Amounts", "No rate", "", "1", "€0.05"]]);
  assert.deepEqual(new Set([table.heads, ...table.rows, table.total].map((cells) => cells?.length)), new Set([7]));
  for (const by of ["hour", "stall", "tax", "method", "cashier"]) {
    const { heads, rows } = tableOf({ ...report, by, rows: [{ key: "2026-07-04T18:00+02:00" }] }, EUR);
    assert.equal(rows[0]?.length, heads.length, by);
  }
});

test("books say what a till-roll says", () => {
  const books = { ...SUMS, number: 1, ends: "", transfers: 3, paidOut: 0, refunds: 200, net: 1_300, taxes: [{ taxBp: 700, gross: 1_300, net: 1_215, tax: 85 }],
    items: [{ name: "Beer", quantity: 2, amount: 900 }, { name: "", quantity: 1, amount: 600 }] };
  assert.deepEqual(bookLines(books, EUR), [["Orders", "2"], ["Sold", "€15.00"], ["Given back", "-€2.00"], ["Net", "€13.00"], ["7 %", "€13.00 = €12.15 + €0.85 tax"],
    ["2 × Beer", "€9.00"], ["1 × Amounts", "€6.00"]]);
  assert.deepEqual(bookLines({ ...books, taxes: [], items: [], methods: [{ source: "desk", method: "cash", topUps: 3, amount: 6_000, back: 1_000, paidOut: 500 }] }, EUR).at(-1),
    ["Top-ups, cash (3)", "€60.00 · €10.00 back · €5.00 paid out"]);
  assert.equal(sinceWords({}), "from the beginning");
});

test("a file is called what the server calls it", () => {
  assert.equal(fileName('attachment; filename="Fest-Sun-by-item-2026-07-04.csv"'), "Fest-Sun-by-item-2026-07-04.csv");
  assert.equal(fileName(null), "festival.csv");
});
