// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { amountProblem, currencyOf, exampleMoney, formatMoney, parseMoney, plainMoney } from "../../../static/ui/format/money.js";

const [EUR, JPY, KWD, HUF] = [["EUR", 2], ["JPY", 0], ["KWD", 3], ["HUF", 2]].map(([currency, currencyDigits]) =>
  /** @type {import("../../../static/sdk/types.js").Currency} */ ({ currency, currencyDigits }));
if (!EUR || !JPY || !KWD || !HUF) throw new Error("unreachable");

test("amounts are read digit by digit", () => {
  const cases = { "12.50": 1250, "12,50": 1250, 12: 1200, 12.5: 1250, " 0.01 ": 1, "0.29": 29, "1.15": 115, "4.35": 435, "999999999.99": 99999999999 };
  for (const [text, amount] of Object.entries(cases)) assert.equal(parseMoney(text, EUR), amount, text);
});

test("what isn't an amount above zero is not guessed at", () => {
  for (const text of ["", "0", "0.00", "-5", "+5", "1.234", "1,234.50", "1,500", "1 000", "1e3", "12.", ".5", "NaN", "٣", "0x10", "9999999999"]) {
    assert.equal(parseMoney(text, EUR), null, text);
  }
});

test("the server says where the point goes", () => {
  assert.equal(parseMoney("1250", JPY), 1250);
  assert.equal(parseMoney("12.5", JPY), null);
  assert.equal(parseMoney("1.234", KWD), 1234);
  assert.equal(parseMoney("1500", { currency: "HUF", currencyDigits: 0 }), 1500);
  assert.equal(parseMoney("1500", HUF), 150_000);
  assert.deepEqual(currencyOf({ ...KWD, ...{ balance: 5 } }), KWD);
});

test("who types what can't be read is told why, and what would do", () => {
  assert.match(amountProblem("1,500", EUR), /^1,500 could be two amounts\. .* like 1500\.$/);
  assert.match(amountProblem("1.500", JPY), /like 1500\.$/);
  assert.match(amountProblem("1,234.50", EUR), /like 1234\.50\.$/);
  assert.match(amountProblem("1 234 567,5", EUR), /like 1234567\.5\.$/);
  assert.equal(amountProblem("4.50", JPY), "JPY has no digits after the point. Type it like 450.");
  assert.equal(amountProblem("4.5055", EUR), "EUR has 2 digits after the point. Type it like 4.50.");
  assert.equal(amountProblem("4.55", { currency: "TOK", currencyDigits: 1 }), "TOK has one digit after the point. Type it like 4.5.");
  assert.equal(amountProblem("0", EUR), "It must be more than nothing. Type it like 4.50.");
  for (const text of ["", "four", "-5"]) assert.equal(amountProblem(text, KWD, 1250), "Type it like 12.500.");
});

test("money is shown with its currency, and signed where asked", () => {
  assert.equal(formatMoney(123456, EUR).replace(/[^\d.,€]/g, ""), "€1,234.56");
  assert.match(formatMoney(500, EUR, { signed: true }), /\+/);
  assert.doesNotMatch(formatMoney(0, EUR, { signed: true }), /[+-]/);
});

test("amounts have the server's digits, whatever the browser thinks of the currency", () => {
  assert.match(formatMoney(125_000, HUF), /1,250\.00/);
  assert.match(formatMoney(1_250, { currency: "HUF", currencyDigits: 0 }), /1,250$/);
  assert.match(formatMoney(1_250, { currency: "IQD", currencyDigits: 3 }), /1\.250$/);
});

/** The server's table. @type {Record<string, number>} */
const DIGITS = JSON.parse(process.env.FESTIVAL_CURRENCIES ?? '{"EUR": 2, "JPY": 0, "KWD": 3, "HUF": 2, "CLF": 4}');

test("in every currency an amount survives being shown, and being typed", () => {
  for (const [currency, currencyDigits] of Object.entries(DIGITS)) {
    const money = { currency, currencyDigits };
    for (const amount of [1, 9, 10, 99, 100, 450, 1_001, 12_345, 100_000, 123_456_789]) {
      assert.equal(parseMoney(plainMoney(amount, money), money), amount, currency);
      const shown = formatMoney(amount, money).replace(/^[^\d]*/, "").replace(/[^\d]*$/, "");
      assert.equal(shown.replaceAll(",", ""), plainMoney(amount, money), currency);
    }
    assert.notEqual(parseMoney(exampleMoney(money), money), null, currency);
    assert.equal(parseMoney(`1.${"5".padEnd(currencyDigits + 1, "0")}`, money), null, currency);
  }
});
