// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { ageMark, ageWords, depositOf, depositWords, itemFacts, taxWords } from "../../../../static/ui/format/items.js";

const EUR = { currency: "EUR", currencyDigits: 2 };

test("what an item does not say has no words", () => {
  assert.deepEqual([ageMark({}), ageWords({}), depositWords({}, EUR), itemFacts({}, EUR)], ["", "", "", ""]);
});

test("ages are marked for who reads, and said for who hears", () => {
  assert.deepEqual([ageMark({ ageMin: 16 }), ageWords({ ageMin: 18 })], ["16+", "From 18 years"]);
});

test("rates are said as people say them", () => {
  assert.deepEqual([1_900, 700, 770, 0, 2_125].map(taxWords), ["19%", "7%", "7.7%", "0%", "21.25%"]);
});

test("deposits are of each, and add up over the lines", () => {
  assert.equal(depositWords({ deposit: 200 }, EUR), "+\u00a0€2.00 deposit");
  assert.equal(depositOf([{ quantity: 2, deposit: 200 }, { quantity: 9 }, { quantity: 1, deposit: 50 }]), 450);
});

test("a stall reads in one line what it has said", () => {
  assert.equal(itemFacts({ taxBp: 0, ageMin: 16, deposit: 200, stock: 0 }, EUR), "0% tax · 16+ · +\u00a0€2.00 deposit · 0 left");
});
