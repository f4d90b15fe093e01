// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { spentWords } from "../../../../static/ui/arrive/new-sign-in.js";
import { noticeWords } from "../../../../static/ui/format/notices.js";
import { humanWords } from "../../../../static/ui/format/words.js";
import { ProblemError } from "../../../../static/sdk/problem.js";

const EUR = { currency: "EUR", currencyDigits: 2 };
const problem = (/** @type {string} */ code, status = 409) => new ProblemError({ status, code, title: "T" });

test("whoever comes with an offer that is void is sent to the desk", () => {
  assert.match(spentWords(problem("new-sign-in-spent")), /used already.*cash desk/);
  for (const code of ["invalid-credentials", "token-expired", "invalid-request"]) assert.match(spentWords(problem(code, 401)), /not valid, or it has expired.*cash desk/);
  assert.match(spentWords(problem("suspended", 403)), /suspended/);
});

test("a frozen and a moved wallet are told in words", () => {
  const said = (/** @type {string} */ code, /** @type {Record<string, string | number>} */ params) => noticeWords({ message: "server", code, params }, EUR).message;
  assert.match(said("wallet-frozen", { reason: "phone lost" }), /frozen.*Reason: phone lost/);
  assert.doesNotMatch(said("wallet-frozen", {}), /undefined|Reason/);
  assert.match(said("wallet-moved", { reason: "phone lost" }), /moved to another.*phone lost/);
  assert.equal(said("money-moved", { amount: 1250, name: "Anna" }), "€12.50 from the wallet of Anna is in yours now.");
  for (const code of ["wallet-unfrozen", "sign-in-offered"]) assert.notEqual(said(code, {}), "server");
});

test("what a frozen wallet refuses was not charged", () => {
  assert.match(humanWords(problem("wallet-frozen")), /frozen.*Nothing was charged/);
  assert.doesNotMatch(humanWords(problem("wallet-moved")), /^T$/);
});
