// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { formatMoney, minorDigits, parseMoney, plainMoney } from "../../../static/ui/format/money.js";

test("amounts are read digit by digit", () => {
  const cases = { "12.50": 1250, "12,50": 1250, 12: 1200, 12.5: 1250, " 0.01 ": 1, "0.29": 29, "1.15": 115, "4.35": 435, "999999999.99": 99999999999 };
  for (const [text, amount] of Object.entries(cases)) assert.equal(parseMoney(text, "EUR"), amount, text);
});

test("what isn't an amount above zero is not guessed at", () => {
  for (const text of ["", "0", "0.00", "-5", "+5", "1.234", "1,234.50", "1 000", "1e3", "12.", ".5", "NaN", "٣", "0x10", "9999999999"]) {
    assert.equal(parseMoney(text, "EUR"), null, text);
  }
});

test("the currency says where the point goes", () => {
  assert.deepEqual(["EUR", "JPY", "KWD"].map(minorDigits), [2, 0, 3]);
  assert.equal(parseMoney("1250", "JPY"), 1250);
  assert.equal(parseMoney("12.5", "JPY"), null);
  assert.equal(parseMoney("1.234", "KWD"), 1234);
});

test("every amount survives being shown in a field and read back", () => {
  for (const currency of ["EUR", "JPY", "KWD"]) {
    for (let amount = 1; amount < 30_000; amount += 7) assert.equal(parseMoney(plainMoney(amount, currency), currency), amount);
  }
});

test("money is shown with its currency, and signed where asked", () => {
  assert.equal(formatMoney(123456, "EUR").replace(/[^\d.,€]/g, ""), "€1,234.56");
  assert.match(formatMoney(500, "EUR", { signed: true }), /\+/);
  assert.doesNotMatch(formatMoney(0, "EUR", { signed: true }), /[+-]/);
});

test("amounts have the server's digits, whatever the browser thinks of the currency", () => {
  assert.match(formatMoney(125_000, "HUF"), /1,250\.00/);
  assert.equal(parseMoney("1250", "HUF"), 125_000);
});
