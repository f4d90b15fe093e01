// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { markOf, taxRows, timeWords } from "../../../../static/pages/receipt/paper.js";
import { receiptPath } from "../../../../static/ui/format/receipt-link.js";

const BEER = { taxBp: 1_900, gross: 900, net: 756, tax: 144, returned: 450, taxReturned: 72 };
const SOUP = { taxBp: 700, gross: 600, net: 561, tax: 39, returned: 0, taxReturned: 0 };
const CUP = { gross: 100, net: 100, tax: 0, returned: 0, taxReturned: 0 };

test("each rate that was said has a letter, and what went back is not taxed", () => {
  assert.deepEqual(taxRows([BEER, SOUP, CUP]), [
    { mark: "A", taxBp: 1_900, net: 378, tax: 72, gross: 450 },
    { mark: "B", taxBp: 700, net: 561, tax: 39, gross: 600 },
  ]);
  assert.deepEqual([markOf([BEER, SOUP], 700), markOf([BEER], undefined), markOf([BEER], 1_600)], ["B", "", ""]);
});

test("where nobody has said a rate, a receipt claims no tax", () => {
  assert.deepEqual(taxRows([CUP]), []);
});

test("times are the festival's, wherever it is printed", () => {
  assert.equal(timeWords("2026-07-04T10:00:00.000Z", "Asia/Kolkata").replaceAll("\u202f", " "), "Jul 4, 2026, 3:30 PM");
  assert.equal(timeWords("2026-07-04T10:00:00.000Z", "Nowhere/None"), "2026-07-04 10:00 UTC");
});

test("a receipt's address names an order or a top-up, and nothing else", () => {
  assert.equal(receiptPath({ orderId: "a&b" }), "/receipt/?order=a%26b");
  assert.equal(receiptPath({ transactionId: "t/1" }), "/receipt/?transaction=t%2F1");
});
