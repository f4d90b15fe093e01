// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { heldWords, noticeWords } from "../../../../static/ui/format/notices.js";

test("a notice is worded by its code, with money as this page shows it", () => {
  const notice = { message: "12.50 EUR has arrived in your wallet.", code: "money-arrived", params: { amount: 1250 } };
  assert.deepEqual(noticeWords(notice, "EUR"), { message: "€12.50 has arrived in your wallet.", title: null });
});

test("a notice without a code, or with one that this page does not know, says what the server said", () => {
  const told = { message: "Carla asks for a payout.", title: "Money" };
  assert.deepEqual(noticeWords(told, "EUR"), told);
  assert.deepEqual(noticeWords({ ...told, code: "of-the-future", params: { amount: 1 } }, "EUR"), told);
  for (const code of ["constructor", "toString", ""]) assert.deepEqual(noticeWords({ ...told, code }, "EUR"), told);
});

test("what somebody wrote stays as it is", () => {
  const notice = { message: "With salt?", title: "Sun, order 3", code: "order-message", params: { sender: "Sun", number: 3 } };
  assert.deepEqual(noticeWords(notice, "EUR"), { message: "With salt?", title: "Sun, order 3" });
});

test("a reason is said where there is one", () => {
  const refused = { message: "", code: "second-refused", params: { amount: 100, act: "top-up" } };
  assert.equal(noticeWords(refused, "EUR").message, "€1.00 (top up): refused.");
  assert.equal(noticeWords({ ...refused, params: { ...refused.params, reason: "twice" } }, "EUR").message, "€1.00 (top up): refused. Reason: twice");
});

test("why money is held is said in words", () => {
  assert.equal(heldWords("unknown-owner"), "nobody knows whose it is");
  assert.equal(heldWords("of-the-future"), "of-the-future");
  assert.equal(heldWords(null), "");
});
