/** A payout in cash at the desk, in its guest's list and in the office's. */
import assert from "node:assert/strict";
import { test } from "node:test";
import "../support.js";
import { standsWords } from "../../../../static/pages/admin/payouts/payouts.js";
import { statusWords } from "../../../../static/ui/payouts/own.js";

test("a payout at the desk says so, and others what became of them", () => {
  const payout = { payoutId: "p", name: "Anna", userId: "anna", ownerId: "anna", account: "wallet", amount: 500, createdAt: "" };
  for (const words of [statusWords, standsWords]) {
    assert.equal(words({ ...payout, status: "completed", atDesk: true }), "Paid in cash at the desk");
    assert.notEqual(words({ ...payout, status: "completed" }), "Paid in cash at the desk");
    assert.notEqual(words({ ...payout, status: "requested" }), "Paid in cash at the desk");
  }
});
