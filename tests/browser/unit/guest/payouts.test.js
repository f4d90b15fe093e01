// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { standsWords } from "../../../../static/pages/admin/payouts/payouts.js";
import { payoutsWords } from "../../../../static/pages/admin/payouts/runs.js";
import { reversibleOf, wayBackWords } from "../../../../static/pages/admin/today/take-back.js";
import { movementWords } from "../../../../static/pages/customer/transactions.js";
import { groupedIban, ibanProblem, plainIban } from "../../../../static/ui/payouts/iban.js";
import { statusWords } from "../../../../static/ui/payouts/own.js";
import { NO_TERMS, payoutOf, termsWords } from "../../../../static/ui/payouts/terms.js";
import { humanWords } from "../../../../static/ui/format/words.js";
import { ProblemError } from "../../../../static/sdk/problem.js";

const EUR = { currency: "EUR", currencyDigits: 2 };

test("an IBAN is taken however it is typed", () => {
  for (const typed of ["DE89 3704 0044 0532 0130 00", "de89370400440532013000", " DE89-3704-0044-0532-0130-00\u200b"]) {
    assert.equal(ibanProblem(typed), "", typed);
    assert.equal(plainIban(typed), "DE89370400440532013000");
  }
  for (const typed of ["GB29NWBK60161331926819", "NL91ABNA0417164300", "FR1420041010050500013M02606", "MT84MALT011000012345MTLCAST001S"]) assert.equal(ibanProblem(typed), "", typed);
});

test("a wrong digit, and what is no IBAN at all, is found before it is sent", () => {
  assert.match(ibanProblem("DE89 3704 0044 0532 0130 01"), /wrong digit/);
  for (const typed of ["", "cash", "4111 1111 1111 1111", "DE8", "DE89" + "1".repeat(31)]) assert.match(ibanProblem(typed), /no IBAN/, typed);
  const right = "DE89370400440532013000";
  for (let place = 4; place < right.length; place++) {
    const wrong = right.slice(0, place) + ((Number(right[place]) + 1) % 10) + right.slice(place + 1);
    assert.match(ibanProblem(wrong), /wrong digit/, wrong);
  }
});

test("an IBAN is shown in groups, a masked one as it is", () => {
  assert.equal(groupedIban("DE89370400440532013000"), "DE89 3704 0044 0532 0130 00");
  assert.equal(groupedIban("DE…3000"), "DE…3000");
});

test("terms are told as sentences, and only those that there are", () => {
  assert.equal(termsWords(NO_TERMS, EUR), "");
  assert.match(termsWords({ min: 500, fee: 150, over: false }, EUR), /At least €5\.00 are paid out\. Each payout costs €1\.50/);
  assert.match(termsWords({ min: 0, fee: 0, over: false, until: "2026-08-31T21:59:00Z" }, EUR), /^You can ask until August 31, 2026/);
  assert.match(termsWords({ min: 500, fee: 0, over: true, until: "2026-08-31T21:59:00Z" }, EUR), /^The time to ask for a payout was over on August 31, 2026/);
});

test("a payout takes amount and fee, and all of it is all but the fee", () => {
  const terms = { min: 500, fee: 150, over: false };
  const of = (/** @type {number | null} */ typed, balance = 2_000) => payoutOf({ typed, balance, terms, currency: EUR });
  assert.deepEqual(of(1_000), { amount: 1_000, rest: 850, problem: "" });
  assert.deepEqual(of(null), { amount: 1_850, rest: 0, problem: "" });
  assert.match(of(1_900).problem, /With the fee this takes €20\.50\. Your balance is €20\.00/);
  assert.match(of(5_000).problem, /Your balance is €20\.00/);
  assert.match(of(499).problem, /At least €5\.00/);
  assert.match(of(null, 150).problem, /Your balance is €1\.50, and a payout costs €1\.50/);
  assert.match(of(null, 600).problem, /At least €5\.00/);
  assert.match(payoutOf({ typed: null, balance: 0, terms: NO_TERMS, currency: EUR }).problem, /Your balance is €0\.00/);
});

test("where a payout stands is told to who asked and to the office", () => {
  const payout = { payoutId: "p", userId: "anna", ownerId: "anna", name: "Anna", amount: 1, status: /** @type {const} */ ("requested"), createdAt: "" };
  assert.deepEqual([statusWords(payout), standsWords(payout)], ["Asked for", "Waits"]);
  const inRun = { ...payout, runId: "r" };
  assert.deepEqual([statusWords(inRun), standsWords(inRun)], ["On its way to the bank", "In a run"]);
  const back = { ...payout, status: /** @type {const} */ ("rejected"), withdrawn: true };
  assert.deepEqual([statusWords(back), standsWords(back)], ["Taken back", "Taken back by its owner"]);
  assert.deepEqual([payoutsWords(1), payoutsWords(5000)], ["1 payout", "5000 payouts"]);
});

test("the office takes a donation back into the wallet that gave it", () => {
  const given = { transactionId: "t", kind: "donation", amount: 500, debit: "user:anna", credit: "donations", timestamp: "" };
  assert.equal(reversibleOf({ ...given, reversed: 200 }), 300);
  assert.equal(reversibleOf({ ...given, reverses: "g" }), 0);
  assert.match(wayBackWords(given), /back into user:anna, whose owner gave it/);
});

test("fees and donations are named in the list of payments", () => {
  const moved = { transactionId: "t", kind: "fee", amount: -150, balance: 0, timestamp: "" };
  assert.deepEqual([movementWords(moved), movementWords({ ...moved, amount: 150 })], ["Fee", "Fee given back"]);
  assert.deepEqual([movementWords({ ...moved, kind: "donation" }), movementWords({ ...moved, kind: "donation", amount: 9 })], ["Donation", "Donation given back"]);
});

test("refusals of payouts and runs are told to the person in front of the screen", () => {
  const words = (/** @type {string} */ code, params = {}) => humanWords(new ProblemError({ status: 409, code, title: code, params }), EUR);
  assert.match(words("payout-too-small", { payoutMin: 500 }), /At least €5\.00 are paid out/);
  for (const code of ["payout-in-run", "payouts-over", "no-donations", "nothing-to-pay", "run-settled"]) assert.notEqual(words(code), code);
  assert.match(words("not-sepa", { why: "currency" }), /euros only/);
  assert.match(words("not-sepa", { why: "outside", payoutIds: ["p"] }), /outside SEPA/);
});
