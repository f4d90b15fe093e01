/** What is said when somebody can't be erased. */
import assert from "node:assert/strict";
import { test } from "node:test";
import "../support.js";
import { humanWords } from "../../../../static/ui/format/words.js";
import { ProblemError } from "../../../../static/sdk/problem.js";

const EUR = { currency: "EUR", currencyDigits: 2 };

/** @param {string} code @param {Record<string, unknown>} params */
const refused = (code, params = {}) => new ProblemError({ code, title: code, status: 409, params });

test("what is in the way of an erasing is said with what to do", () => {
  assert.match(humanWords(refused("wallet-not-empty", { balance: 1250, payouts: 0 }), EUR), /12\.50.*payout, donate it or spend it/);
  assert.match(humanWords(refused("wallet-not-empty", { balance: 0, payouts: 1 }), EUR), /payout is still waiting/);
  assert.match(humanWords(refused("orders-open", { orders: 1 })), /not finished/);
  assert.match(humanWords(refused("still-staff")), /Give that up first/);
});
