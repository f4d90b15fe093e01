// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { changesOf, choicesOf, readMore } from "../../../../static/pages/vendor/menu/item-more.js";

const EUR = { currency: "EUR", currencyDigits: 2 };
const EMPTY = { tax: "", age: "", deposit: "", stock: "" };
const NONE = { taxBp: null, ageMin: null, deposit: null, stock: null };

test("empty fields say nothing, and none of them is 0", () => {
  assert.deepEqual(readMore(EMPTY, EUR), { more: NONE });
  assert.deepEqual(readMore({ tax: "0", age: "16", deposit: "2,00", stock: " 0 " }, EUR), { more: { taxBp: 0, ageMin: 16, deposit: 200, stock: 0 } });
});

test("what can't be read is named with its field", () => {
  for (const deposit of ["two", "1,500", "-1", "0"]) assert.equal(readMore({ ...EMPTY, deposit }, EUR).field, "item-deposit", deposit);
  for (const stock of ["-1", "4.5", "many", "1234567"]) assert.equal(readMore({ ...EMPTY, stock }, EUR).field, "item-stock", stock);
  assert.match(readMore({ ...EMPTY, deposit: "x" }, EUR).problem ?? "", /like 2\.00\./);
});

test("only what was touched is sent, so that a count that sells meanwhile does not come back", () => {
  const item = { taxBp: 1_900, stock: 40 };
  assert.deepEqual(changesOf({ ...NONE, taxBp: 1_900, stock: 40 }, item), {});
  assert.deepEqual(changesOf({ ...NONE, taxBp: 700, stock: 40 }, item), { taxBp: 700 });
  assert.deepEqual(changesOf(NONE, item), { taxBp: null, stock: null }); // null clears
  assert.deepEqual(changesOf(NONE, null), {}); // a new item has no nulls
  assert.deepEqual(changesOf({ ...NONE, stock: 0, deposit: 200 }, null), { stock: 0, deposit: 200 });
});

test("a value that is not offered any more stays a choice of the item that has it", () => {
  assert.deepEqual(choicesOf([1_900, 700], 1_600), [1_900, 700, 1_600]);
  assert.deepEqual(choicesOf([1_900, 700], 700), [1_900, 700]);
  assert.deepEqual(choicesOf([], undefined), []);
});
