// @ts-check
/** The pure parts of selling at once, of clearing, and of giving lines back. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { countsOf } from "../../../../static/pages/vendor/orders/counts.js";
import { doneOf } from "../../../../static/pages/vendor/orders/done.js";
import { readyOf } from "../../../../static/pages/vendor/selling/clear.js";
import { backOf, hasLines, leftOfLine } from "../../../../static/pages/vendor/selling/giving-back.js";
import { soldOf } from "../../../../static/pages/vendor/selling/sold.js";
import { paidWords } from "../../../../static/pages/pay/paid.js";
import { noticeWords } from "../../../../static/ui/format/notices.js";
import { humanWords } from "../../../../static/ui/format/words.js";
import { backSummaryOf, isHandedOver, statusWords } from "../../../../static/ui/state/order-list.js";
import { ProblemError } from "../../../../static/sdk/problem.js";

const EURO = { currency: "EUR", currencyDigits: 2 };
const AT = "2026-06-01T12:00:00.000Z";
const beer = { itemId: "beer", name: "Beer", quantity: 2, unitPrice: 450, total: 900, deposit: 200 };
const nuts = { itemId: "nuts", name: "Nuts", quantity: 1, unitPrice: 300, total: 300 };
/** @returns {import("../../../../static/sdk/types.js").Order} */
const order = (changes = {}) => ({ orderId: "o1", number: 7, status: "preparing", vendorId: "v", items: [beer, nuts], total: 1_200, tip: 100, deposit: 400, createdAt: AT, updatedAt: AT, ...changes });

test("lines that go back cost what they cost, with their deposit", () => {
  assert.deepEqual(backOf(order(), [1, 0]), { lines: [{ index: 0, quantity: 1 }], amount: 650, isRest: false });
  assert.deepEqual(backOf(order(), [0, 1]), { lines: [{ index: 1, quantity: 1 }], amount: 300, isRest: false });
  assert.deepEqual(backOf(order(), []), { lines: [], amount: 0, isRest: false });
});

test("with the last lines all that is left goes back, and of an open order the tip", () => {
  assert.deepEqual(backOf(order(), [2, 1]), { lines: [{ index: 0, quantity: 2 }, { index: 1, quantity: 1 }], amount: 1_700, isRest: true });
  assert.equal(backOf(order({ status: "completed" }), [2, 1]).amount, 1_600);
  assert.equal(backOf(order({ refunded: 200 }), [2, 1]).amount, 1_500); // an amount was refunded before
  const half = order({ items: [{ ...beer, refunded: 1 }, nuts], refunded: 450, depositRefunded: 200 });
  assert.deepEqual(backOf(half, [1, 1]), { lines: [{ index: 0, quantity: 1 }, { index: 1, quantity: 1 }], amount: 1_050, isRest: true });
});

test("nothing goes back of what has gone back", () => {
  assert.equal(leftOfLine({ ...beer, refunded: 2 }), 0);
  assert.equal(hasLines(order()), true);
  assert.equal(hasLines(order({ items: [{ ...beer, refunded: 2 }] })), false);
  assert.equal(hasLines(order({ status: "cancelled" })), false);
});

test("the kitchen does not count what was given back", () => {
  const open = order({ items: [{ ...beer, refunded: 1 }, { ...nuts, refunded: 1 }] });
  assert.deepEqual(countsOf([open], () => false), [{ name: "Beer", count: 1 }]);
});

test("what was handed over at once is paid, has no number, and is nothing to call back", () => {
  const sold = order({ status: "completed", atOnce: true });
  assert.equal(isHandedOver(sold), true);
  assert.equal(isHandedOver(order({ items: [{ ...nuts, itemId: null }] })), true);
  assert.equal(isHandedOver(order()), false);
  assert.equal(statusWords(sold), "Paid");
  assert.match(paidWords(sold, String), /Show this to the stall/);
  assert.deepEqual(doneOf([sold], []), []);
  assert.deepEqual(soldOf([order(), sold]), [sold]);
  assert.equal(soldOf(Array.from({ length: 40 }, () => sold)).length, 30);
});

test("a customer reads which lines are back", () => {
  assert.equal(backSummaryOf(order({ items: [{ ...beer, refunded: 1 }, nuts] })), "1\u00a0× Beer");
  assert.equal(backSummaryOf(order()), "");
});

test("only what the server knows to be ready is cleared, up to the newest call", () => {
  const calls = ["2026-06-01T12:00:01.000Z", "2026-06-01T12:00:03.000Z", "2026-06-01T12:00:02.000Z"];
  const ready = calls.map((calledAt, index) => order({ orderId: `o${index}`, status: "ready", calledAt }));
  assert.deepEqual(readyOf([...ready, order()]), { count: 3, calledUntil: calls[1] });
  assert.deepEqual(readyOf([{ ...order({ status: "ready", calledAt: AT }), unsent: true }]), { count: 0, calledUntil: "" });
});

test("notices and refusals of selling are worded", () => {
  const notice = (/** @type {string} */ code, params = {}) => noticeWords(/** @type {any} */ ({ code, params, message: "m", type: "payment" }), EURO).message;
  assert.equal(notice("paid-at-once", { stall: "Bar", items: "2 × Beer" }), "Paid at Bar: 2 × Beer");
  assert.match(notice("sale-refunded", { stall: "Bar", amount: 450, reason: "spilt" }), /4\.50 of what you paid at Bar.*spilt/);
  const problem = (/** @type {string} */ code, params = {}) => new ProblemError({ status: 409, code, title: "T", params });
  assert.match(humanWords(problem("line-gone", { left: 1 })), /Only 1 of this/);
  assert.match(humanWords(problem("sale-over")), /festival office/);
  assert.match(humanWords(problem("till-short", { available: 450 }), EURO), /only €4\.50.*festival office/);
});
