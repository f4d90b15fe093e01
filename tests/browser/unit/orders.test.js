// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { changeQuantity, depositIn, oldestAge, orderWish, tipOf, tipsFor, totalOf, withoutSoldOut } from "../../../static/ui/state/cart.js";
import { rememberedAt, waitOf } from "../../../static/pages/customer/orders.js";
import { applyOrderEvent, byUrgency, callOf, isAmount, isOpen, leftOf, mayCancel, mergeOrder, paidFor, refundedOf, statusWords, stepOf } from "../../../static/ui/state/order-list.js";
import { withSteps } from "../../../static/pages/vendor/orders/steps.js";

const T1 = "2026-06-01T10:00:01.000Z";
const T2 = "2026-06-01T10:00:02.000Z";
/** @returns {import("../../../static/sdk/types.js").Order} */
const order = (changes = {}) => ({ orderId: "o1", number: 7, status: "pending", vendorId: "v", items: [], total: 900, refunded: 0,
  queuePosition: 3, estimatedTime: null, createdAt: T1, updatedAt: T1, ...changes });

test("each event changes its order and no other", () => {
  const orders = [order(), order({ orderId: "o2" })];
  const cases = /** @type {[string, any, any][]} */ ([
    ["order-status-changed", { status: "preparing", estimatedTime: 10 }, { status: "preparing", estimatedTime: 10, queuePosition: 3 }],
    ["order-status-changed", { status: "cancelled", estimatedTime: null, reason: "Closing" }, { status: "cancelled", queuePosition: null, reason: "Closing" }],
    ["order-status-changed", { status: "ready", estimatedTime: null }, { status: "ready", readyAt: T2, calledAt: T2, comingAt: null, completedAt: null }],
    ["order-status-changed", { status: "completed", estimatedTime: null }, { status: "completed", completedAt: T2 }],
    ["order-ready", { message: "m" }, { status: "ready", queuePosition: null }],
    ["customer-coming", { comingAt: T2 }, { comingAt: T2 }],
    ["queue-updated", { queuePosition: 1, estimatedTime: 4 }, { queuePosition: 1, estimatedTime: 4, updatedAt: T1 }], // the queue moved, not the order
    ["order-refunded", { amount: 400 }, { refunded: 0 }], // its answer may have counted already
  ]);
  for (const [type, data, expected] of cases) {
    const [changed, other] = applyOrderEvent(orders, type, { orderId: "o1", timestamp: T2, ...data });
    assert.deepEqual({ ...changed, updatedAt: T2, ...expected }, changed, type);
    assert.equal(other, orders[1]);
  }
  assert.equal(applyOrderEvent(orders, "order-ready", { orderId: "o9" }), orders);
});

test("a recall calls the customer again, who has not answered this call yet", () => {
  const done = order({ status: "completed", readyAt: T1, calledAt: T1, comingAt: T1, completedAt: T1 });
  const [back] = applyOrderEvent([done], "order-status-changed", { orderId: "o1", status: "ready", timestamp: T2 });
  assert.deepEqual([back?.readyAt, back?.calledAt, back?.comingAt, back?.completedAt], [T1, T2, null, null]);
  assert.ok(back);
  assert.deepEqual([callOf(done), callOf(back), callOf(order())], [`o1~${T1}`, `o1~${T2}`, "o1~"]);
});

test("a customer may cancel what nobody has accepted, and for some time what is accepted", () => {
  const until = { cancellableUntil: T2 };
  const cases = /** @type {[any, string, boolean][]} */ ([
    [{ status: "pending", cancellableUntil: null }, T2, true],
    [{ status: "confirmed", ...until }, T1, true],
    [{ status: "preparing", ...until }, T1, true],
    [{ status: "preparing", ...until }, T2, false],
    [{ status: "preparing", cancellableUntil: null }, T1, false],
    [{ status: "preparing" }, T1, false], // as an older server says it
    [{ status: "ready", ...until }, T1, false],
  ]);
  for (const [changes, now, may] of cases) assert.equal(mayCancel(order(changes), Date.parse(now)), may, JSON.stringify(changes));
});

test("an amount is paid, and neither prepared nor picked up", () => {
  const deposit = order({ status: "completed", items: [{ itemId: null, name: "Deposit", quantity: 1, unitPrice: 250, total: 250 }] });
  const wrap = order({ status: "completed", items: [{ itemId: "wrap", name: "Wrap", quantity: 1, unitPrice: 250, total: 250 }] });
  assert.deepEqual([isAmount(deposit), statusWords(deposit)], [true, "Paid"]);
  assert.deepEqual(["Picked up", "Paid"], [statusWords({ status: "completed" }), statusWords({ status: "completed", atOnce: true })], "the desk has no items");
  assert.deepEqual([isAmount(wrap), statusWords(wrap), isAmount(order())], [false, "Picked up", false]);
});

test("an answer that was overtaken by its own event does not turn an order back", () => {
  const ready = applyOrderEvent([order()], "order-ready", { orderId: "o1", timestamp: T2 });
  assert.equal(mergeOrder(ready, order({ status: "pending", updatedAt: T1 })), ready);
  assert.equal(mergeOrder(ready, order({ status: "completed", updatedAt: T2 }))[0]?.status, "completed");
});

test("orders stand newest first, each once", () => {
  const list = [order({ orderId: "a", createdAt: T1 }), order({ orderId: "b", createdAt: T2 }), order({ orderId: "a", createdAt: T1 })]
    .reduce(mergeOrder, /** @type {any[]} */ ([]));
  assert.deepEqual(list.map(({ orderId }) => orderId), ["b", "a"]);
});

test("steps and open orders follow the state machine", () => {
  assert.deepEqual(["pending", "confirmed", "preparing", "ready", "completed", "cancelled"].map((status) => stepOf(/** @type {any} */ (status))), [0, 0, 1, 2, 3, -1]);
  assert.deepEqual([isOpen(order({ status: "ready" })), isOpen(order({ status: "completed" })), isOpen(order({ status: "cancelled" }))], [true, false, false]);
});

test("what can be picked up stands first", () => {
  const list = ["completed", "pending", "ready", "cancelled", "preparing"].map((status) => order({ orderId: status, status }));
  assert.deepEqual(byUrgency(list).map(({ orderId }) => orderId), ["ready", "pending", "preparing", "completed", "cancelled"]);
});

test("the wait is said in words", () => {
  assert.equal(waitOf(order({ queuePosition: 1, estimatedTime: 10 })), "You're next · about 10 min");
  assert.equal(waitOf(order({ queuePosition: 3 })), "Number 3 in the queue");
  assert.equal(waitOf(order({ queuePosition: 17 })), "About number 17 in the queue");
  assert.equal(waitOf(order({ status: "ready", queuePosition: null })), "Pick it up at the stall.");
  assert.equal(waitOf(order({ status: "ready", queuePosition: null, vendorName: "Sun" })), "Pick it up at Sun.");
});

test("what is over says nothing of minutes or queues, and keeps its time", () => {
  for (const status of ["completed", "cancelled"]) assert.equal(waitOf(order({ status, queuePosition: 3, estimatedTime: 15 })), "");
  assert.equal(rememberedAt(order({ updatedAt: T2 })), T1);
  assert.equal(rememberedAt(order({ status: "completed", updatedAt: T2 })), T2); // a server that doesn't tell it
  assert.equal(rememberedAt(order({ status: "completed", completedAt: T1, updatedAt: T2 })), T1);
  const picked = applyOrderEvent([order({ status: "ready" })], "order-status-changed", { orderId: "o1", status: "completed", timestamp: T2 });
  assert.equal(picked[0]?.completedAt, T2);
  const recalled = applyOrderEvent(picked, "order-status-changed", { orderId: "o1", status: "ready", timestamp: T2 });
  assert.equal(recalled[0]?.completedAt, null);
});

const MENU = [
  { itemId: "a", vendorId: "v", name: "A", price: 950, available: true },
  { itemId: "b", vendorId: "v", name: "B", price: 300, available: true },
];

test("the cart adds up in minor units and never goes below nothing", () => {
  let cart = new Map();
  for (const [itemId, step] of /** @type {[string, number][]} */ ([["a", 1], ["a", 1], ["b", 1], ["b", -1], ["b", -1]])) cart = changeQuantity(cart, itemId, step);
  assert.deepEqual(Array.from(cart), [["a", 2]]);
  assert.deepEqual(totalOf(cart, MENU), { count: 2, total: 1900 });
  assert.equal(changeQuantity(new Map([["a", 99]]), "a", 1).get("a"), 99);
});

test("what has sold out leaves the cart", () => {
  const menu = MENU.map((item) => ({ ...item, available: item.itemId === "b" }));
  assert.deepEqual(Array.from(withoutSoldOut(new Map([["a", 1], ["b", 2], ["gone", 1]]), menu)), [["b", 2]]);
});

test("an order says what the customer saw, and each wish goes with its own item", () => {
  const cart = new Map([["a", 2], ["b", 1]]);
  const items = [{ itemId: "a", quantity: 2 }, { itemId: "b", quantity: 1 }];
  assert.deepEqual(orderWish("v", cart, MENU, new Map()), { vendorId: "v", items, expectedTotal: 2200, expectedDeposit: 0 });
  const wishes = new Map([["a", " "], ["b", " no onions,\n allergy "], ["gone", "x"]]);
  assert.deepEqual(orderWish("v", cart, MENU, wishes).items, [items[0], { ...items[1], notes: "no onions, allergy" }]);
  assert.equal(orderWish("v", cart, MENU, new Map(), 220).tip, 220);
});

test("deposits add up beside the total, and the oldest age counts", () => {
  const menu = [{ ...MENU[0], deposit: 200, ageMin: 16 }, { ...MENU[1], ageMin: 18 }, { ...MENU[1], itemId: "c", deposit: 50 }].map((item) => /** @type {any} */ (item));
  const cart = new Map([["a", 2], ["c", 3]]);
  assert.equal(depositIn(cart, menu), 550);
  assert.equal(oldestAge(cart, menu), 16);
  assert.equal(oldestAge(new Map([["b", 1]]), menu), 18);
  assert.equal(oldestAge(new Map([["c", 1]]), menu), 0);
  assert.deepEqual([totalOf(cart, menu).total, orderWish("v", cart, menu, new Map()).expectedDeposit], [2_800, 550]);
});

test("what was paid and what went back have the deposit in them", () => {
  const beer = order({ total: 900, tip: 50, deposit: 400, refunded: 450, depositRefunded: 200 });
  assert.deepEqual([paidFor(beer), refundedOf(beer), leftOf(beer)], [1_350, 650, 700]);
});

test("tips are easy to say, rise, and come once each", () => {
  const amounts = (/** @type {number} */ total, /** @type {number} */ step) => tipsFor(total, step).map(({ tip }) => tip);
  assert.deepEqual(amounts(750, 10), [0, 40, 80, 110]);
  assert.deepEqual(amounts(60, 10), [0, 10]);
  assert.deepEqual(amounts(7, 1), [0, 1]);
  assert.deepEqual(amounts(0, 10), [0]);
});

test("the chosen part of the total stays chosen when the total changes", () => {
  const [, , ten] = tipsFor(750, 10);
  assert.equal(ten?.part, 0.1);
  assert.equal(tipOf(1500, 0.1, 10), 150);
});

test("what was paid, has gone back and is left counts the tip", () => {
  const order = /** @type {any} */ ({ total: 750, tip: 80, refunded: 750, tipRefunded: 0 });
  assert.deepEqual([paidFor(order), refundedOf(order), leftOf(order)], [830, 750, 80]);
  assert.deepEqual([leftOf({ ...order, tipRefunded: 80 }), paidFor(/** @type {any} */ ({ total: 5 }))], [0, 5]);
});

test("a kitchen sees what it has done, also while that waits to be sent", () => {
  const steps = /** @type {any[]} */ ([{ orderId: "o1", status: "preparing" }, { orderId: "o1", status: "ready" }, { orderId: "o2", status: "completed" }]);
  const shown = withSteps([order(), order({ orderId: "o2", status: "ready" }), order({ orderId: "o3" })], steps);
  assert.deepEqual(shown.map(({ orderId, status, unsent }) => [orderId, status, unsent]), [["o1", "ready", true], ["o3", "pending", undefined]]);
});

test("what nobody can serve any more may be cancelled while it waits, however long ago it was paid", () => {
  const order = (/** @type {any} */ status) => /** @type {any} */ ({ status, cancellableUntil: "2026-07-04T10:00:20.000Z" });
  const late = Date.parse("2026-07-04T12:00:00.000Z");
  for (const status of ["confirmed", "preparing"]) assert.deepEqual([mayCancel(order(status), late), mayCancel(order(status), late, false)], [false, true]);
  for (const status of ["ready", "completed", "cancelled"]) assert.equal(mayCancel(order(status), late, false), false);
  assert.equal(mayCancel(order("pending"), late, false), true);
});
