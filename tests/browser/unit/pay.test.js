// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { itemOffer, readAddress, readOffer, requestOffer } from "../../../static/pages/pay/offer.js";
import { paidWords } from "../../../static/pages/pay/paid.js";
import { createUnanswered } from "../../../static/pages/pay/unanswered.js";
import { countdown } from "../../../static/pages/vendor/charge/charge.js";

const ITEM = { itemId: "wrap", vendorId: "sun", name: "Wrap", price: 750, available: true };
const REQUEST = {
  requestId: "q/1", vendorId: "sun", vendorName: "Sun", vendorOpen: true, total: 250, status: "open", expiresAt: "2026-07-04T10:05:00.000Z",
  items: [{ itemId: null, name: "Deposit", quantity: 1, unitPrice: 250, total: 250, notes: null }],
};

/** @param {Record<string, any>} answers  by path */
const clientOf = (answers) => /** @type {any} */ ({ get: async (/** @type {string} */ path) => answers[path] ?? assert.fail(path) });

test("an address names one thing, or nothing of ours", () => {
  assert.deepEqual(readAddress("?request=q1"), { requestId: "q1" });
  assert.deepEqual(readAddress("?vendor=sun&item=wrap"), { vendorId: "sun", itemId: "wrap" });
  assert.deepEqual(readAddress("?order=o1&request=q1"), { orderId: "o1" });
  for (const none of ["", "?item=wrap", "?vendor=sun", "?request="]) assert.equal(readAddress(none), null);
});

test("an item is offered in any number, at the menu's price", () => {
  const offer = itemOffer(ITEM, { name: "Sun" }, 3);
  assert.equal(offer.total, 2_250);
  assert.equal(offer.vendorOpen, true);
  assert.deepEqual(offer.wish, { path: "/v1/orders", body: { vendorId: "sun", items: [{ itemId: "wrap", quantity: 3 }], expectedTotal: 2_250, expectedDeposit: 0 } });
  assert.equal(itemOffer({ ...ITEM, available: false }, { name: "Sun", open: false }, 1).status, "gone");
});

test("the deposit stands beside the total, and is what the payer has seen", () => {
  const offer = itemOffer({ ...ITEM, deposit: 200, ageMin: 16 }, { name: "Sun" }, 3);
  assert.deepEqual([offer.total, offer.deposit, /** @type {any} */ (offer.wish.body).expectedDeposit], [2_250, 600, 600]);
  assert.deepEqual(offer.lines, [{ name: "Wrap", quantity: 3, total: 2_250, ageMin: 16, deposit: 200 }]);
  const items = [{ ...REQUEST.items[0], name: "Beer", quantity: 2, deposit: 200 }, { ...REQUEST.items[0], quantity: 5 }];
  assert.equal(requestOffer({ ...REQUEST, items }).deposit, 400);
  assert.equal(requestOffer(REQUEST).deposit, 0);
});

test("a request is offered as it stands, and paid by its own command", () => {
  const offer = requestOffer(REQUEST);
  assert.deepEqual(offer.wish, { path: "/v1/payment-requests/q%2F1/pay", body: {} });
  assert.equal(offer.item, undefined);
  assert.equal(offer.lines[0]?.name, "Deposit");
});

test("what an offer says comes from the server alone", async () => {
  const client = clientOf({
    "/v1/payment-requests/q%2F1": REQUEST,
    "/v1/vendors": { items: [{ vendorId: "sun", name: "Sun", open: false }] },
    "/v1/vendors/sun/menu": { items: [ITEM] },
  });
  assert.equal((await readOffer(client, { requestId: "q/1" }, 1))?.total, 250);
  const offer = await readOffer(client, { vendorId: "sun", itemId: "wrap" }, 2);
  assert.deepEqual([offer?.total, offer?.vendorName, offer?.vendorOpen], [1_500, "Sun", false]);
  assert.equal(await readOffer(client, { vendorId: "sun", itemId: "none" }, 1), null);
});

test("an order without an answer is kept for its item, as long as its key", () => {
  const kept = new Map();
  const store = { get: (/** @type {string} */ name) => kept.get(name) ?? null, set: kept.set.bind(kept), remove: kept.delete.bind(kept) };
  let now = 0;
  const unanswered = createUnanswered(/** @type {any} */ (store), () => now);
  const { body } = itemOffer(ITEM, { name: "Sun" }, 2).wish;
  assert.equal(unanswered.read("wrap"), null);
  unanswered.keep(body);
  assert.deepEqual(unanswered.read("wrap"), body);
  assert.equal(unanswered.read("ayran"), null);
  now = 10 * 60 * 1_000;
  assert.equal(unanswered.read("wrap"), null);
  now = 0;
  unanswered.forget();
  assert.equal(unanswered.read("wrap"), null);
  kept.set("festival-push.unanswered", "{");
  assert.equal(unanswered.read("wrap"), null);
});

test("what was paid says what comes next", () => {
  const money = (/** @type {number} */ amount) => `${amount}`;
  const order = (/** @type {any} */ changes) => /** @type {any} */ ({ status: "preparing", total: 250, items: [{ itemId: "wrap" }], ...changes });
  assert.match(paidWords(order({}), money), /You paid 250\. This page says when it is ready/);
  assert.match(paidWords(order({ status: "completed", items: [{ itemId: null }] }), money), /Show this to the stall/);
  assert.equal(paidWords(order({ status: "cancelled", refunded: 250 }), money), "250 went back into your wallet.");
});

test("a countdown ends at zero, and shows whole seconds", () => {
  assert.deepEqual([300_000, 299_001, 61_000, 999, 0, -5].map(countdown), ["5:00", "5:00", "1:01", "0:01", "0:00", "0:00"]);
});
