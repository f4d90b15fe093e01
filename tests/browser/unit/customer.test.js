// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { untoldWords } from "../../../static/pages/customer/coming.js";
import { createSent } from "../../../static/pages/customer/sent.js";
import { ProblemError } from "../../../static/sdk/problem.js";
import { announcementsOf, applyAnnouncement, isDismissed, markOf, olderAnnouncements } from "../../../static/ui/announcements.js";
import { createCarts } from "../../../static/ui/state/carts.js";
import { secondsToCancel } from "../../../static/ui/state/grace.js";
import { changedPrices } from "../../../static/ui/state/cart.js";
import { mergeMessages } from "../../../static/ui/conversation.js";
import { mergeNotifications, withAnnouncement } from "../../../static/pages/customer/notifications.js";

const AT = (/** @type {number} */ hour) => `2026-06-01T${String(hour).padStart(2, "0")}:00:00.000Z`;
/** @returns {import("../../../static/sdk/types.js").Announcement} */
const announced = (/** @type {number} */ hour, more = {}) => ({ announcementId: `a${hour}`, message: `m${hour}`, title: null, priority: "normal",
  audience: "all", createdAt: AT(hour), editedAt: null, ...more });
import { movementWords } from "../../../static/pages/customer/transactions.js";

test("announcements stand until they are dismissed, urgent ones first", () => {
  const list = [announced(18), announced(17, { priority: "high" }), announced(16), announced(15, { priority: "low" }), announced(13, { priority: "high" })];
  const shown = (/** @type {string[]} */ dismissed) => announcementsOf(list, dismissed).map(({ message }) => message);
  assert.deepEqual(shown([]), ["m17", "m13", "m18", "m16", "m15"]);
  assert.deepEqual(shown([markOf(announced(17, { priority: "high" })), markOf(announced(16))]), ["m13", "m18", "m15"]);
  assert.deepEqual(shown([AT(17), AT(18)]), ["m13", "m16", "m15"]); // as pages kept it before
});

test("one that was edited after it was dismissed comes back only if it is urgent", () => {
  for (const priority of ["low", "normal", "high"]) {
    const before = announced(17, { priority });
    const after = { ...before, message: "Stay away from the hill.", editedAt: AT(18) };
    for (const dismissed of [[markOf(before)], [AT(17)]]) {
      assert.equal(isDismissed(before, dismissed), true);
      assert.equal(isDismissed(after, dismissed), priority !== "high");
      assert.equal(isDismissed(after, [...dismissed, markOf(after)]), true);
    }
  }
  const raised = announced(17, { priority: "high", editedAt: AT(18) }); // the same words, urgent by now
  assert.equal(isDismissed(raised, [markOf(announced(17))]), false);
});

test("events change the list as a new answer would", () => {
  const said = { type: "announcement", announcementId: "a9", message: "m9", timestamp: AT(9) };
  let list = applyAnnouncement([announced(8)], "new-notification", said);
  assert.deepEqual(list.map(({ announcementId, createdAt }) => [announcementId, createdAt]), [["a9", AT(9)], ["a8", AT(8)]]);
  assert.equal(applyAnnouncement(list, "new-notification", said).length, 2);
  assert.equal(applyAnnouncement(list, "new-notification", { ...said, type: "order" }), list);
  list = applyAnnouncement(list, "announcement-changed", { announcementId: "a8", message: "new", priority: "high", audience: "all", timestamp: AT(10) });
  assert.deepEqual(list[1], announced(8, { message: "new", priority: "high", editedAt: AT(10) }));
  list = applyAnnouncement(list, "announcement-changed", { announcementId: "a7", message: "m7", priority: "low", audience: "customers", timestamp: AT(11) });
  assert.deepEqual(list.map(({ announcementId }) => announcementId), ["a7", "a9", "a8"]);
  list = applyAnnouncement(list, "announcement-withdrawn", { announcementId: "a9", timestamp: AT(12) });
  assert.deepEqual(list.map(({ announcementId }) => announcementId), ["a7", "a8"]);
});

test("a server that keeps no announcements tells them as notifications: urgent ones stay, the others until they are read", () => {
  const told = (/** @type {number} */ hour, more = {}) => ({ message: `m${hour}`, type: "announcement", timestamp: AT(hour), position: hour, read: false, ...more });
  const notifications = [told(18), told(17, { priority: "high", read: true }), told(16, { read: true }), told(14, { type: "info" }), told(1, { priority: "high" })];
  const list = olderAnnouncements(notifications, Date.parse(AT(20)));
  assert.deepEqual(list.map(({ message }) => message), ["m18", "m17"]);
  assert.deepEqual(announcementsOf(list, [AT(17)]).map(({ message }) => message), ["m18"]);
});

test("notifications follow their announcement, and what was read stays read", () => {
  const list = [{ position: 2, read: true, message: "old", type: "announcement", timestamp: "t", announcementId: "a1" }, { position: 1, read: false, message: "m", type: "info", timestamp: "t" }];
  const [changed] = withAnnouncement(list, { message: "new", title: "T", priority: "high" }, "a1");
  assert.deepEqual([changed?.message, changed?.title, changed?.read], ["new", "T", true]);
  assert.deepEqual(withAnnouncement(list, null, "a1"), [list[1]]);
});

const memory = () => {
  const kept = new Map();
  return { kept, get: (/** @type {string} */ name) => kept.get(name) ?? null, set: kept.set.bind(kept), remove: kept.delete.bind(kept) };
};

test("what was chosen is kept by stall, for one person, for half a day", () => {
  const store = memory();
  let now = 0;
  const carts = createCarts(/** @type {any} */ (store), "anna", () => now);
  const chosen = { cart: new Map([["wrap", 2], ["ayran", 1]]), wishes: new Map([["wrap", "no onions"]]), prices: new Map([["wrap", 750]]), tipPart: 0.1 };
  carts.keep("sun", chosen);
  now = 1;
  carts.keep("moon", { ...chosen, cart: new Map([["pizza", 1]]), wishes: new Map(), prices: new Map() });
  assert.deepEqual(carts.read("sun"), chosen);
  assert.deepEqual(carts.read("moon")?.cart, new Map([["pizza", 1]]));
  assert.equal(createCarts(/** @type {any} */ (store), "ben", () => now).read("sun"), null);
  now = 12 * 60 * 60 * 1_000;
  assert.equal(carts.read("sun"), null);
  assert.ok(carts.read("moon"));
  carts.keep("moon", { ...chosen, cart: new Map() });
  assert.equal(store.kept.size, 0);
});

test("carts are bounded, and what is broken is left out", () => {
  const store = memory();
  let now = 0;
  const carts = createCarts(/** @type {any} */ (store), "anna", () => now);
  const chosen = { cart: new Map([["wrap", 1]]), wishes: new Map(), prices: new Map(), tipPart: 0 };
  for (now = 1; now <= 30; now += 1) carts.keep(`stall${now}`, chosen);
  assert.equal(Object.keys(JSON.parse(Array.from(store.kept.values())[0])).length, 12);
  assert.equal(carts.read("stall1"), null);
  assert.ok(carts.read("stall30"));
  const [name] = Array.from(store.kept.keys());
  for (const broken of ["{", "null", "7", '{"sun": 7}', '{"sun": {"at": 29, "lines": [[1, 2], ["wrap", -1], ["wrap", 1.5], null]}}', '{"sun": {"at": "x", "lines": [["wrap", 1]]}}']) {
    store.kept.set(name, broken);
    assert.equal(carts.read("sun"), null, broken);
  }
  store.kept.set(name, JSON.stringify({ sun: { at: 29, lines: [["wrap", 2, "dear", "x".repeat(500)]] } }));
  assert.equal(carts.read("sun")?.wishes.get("wrap")?.length, 140);
});

test("an order without an answer is kept by stall with its key", () => {
  const store = memory();
  const sent = createSent(/** @type {any} */ (store), "anna");
  const one = { body: { vendorId: "sun", items: [{ itemId: "wrap", quantity: 1 }], expectedTotal: 750 }, key: "k", at: 5 };
  for (const none of ["sun", "constructor", "__proto__"]) assert.equal(sent.read(none), null, none);
  sent.keep("sun", one);
  assert.deepEqual(sent.read("sun"), one);
  assert.deepEqual([sent.read("moon"), createSent(/** @type {any} */ (store), "ben").read("sun")], [null, null]);
  sent.forget("sun");
  assert.equal(sent.read("sun"), null);
  store.kept.set("festival-push.sent anna", '{"sun": {"key": "k"}}');
  assert.equal(sent.read("sun"), null);
});

test("the time to cancel is the server's, and ends when the food is ready", () => {
  const order = (/** @type {any} */ changes) => /** @type {any} */ ({ status: "preparing", cancellableUntil: "2026-06-01T10:00:20.000Z", ...changes });
  const at = (/** @type {string} */ time) => Date.parse(`2026-06-01T10:00:${time}Z`);
  assert.deepEqual(["00.000", "02.900", "19.001", "20.000", "30.000"].map((time) => secondsToCancel(order({}), at(time))), [20, 18, 1, 0, 0]);
  for (const changes of [{ cancellableUntil: null }, { cancellableUntil: undefined }, { status: "ready" }, { status: "cancelled" }, { status: "pending" }]) {
    assert.equal(secondsToCancel(order(changes), at("05.000")), 0);
  }
});

test("a stall that was not told is not said to know", () => {
  const problem = (/** @type {number} */ status, /** @type {string} */ code) => untoldWords(new ProblemError({ status, code, title: "T" }));
  assert.deepEqual([problem(404, "not-found"), problem(409, "not-ready")], ["", ""]);
  assert.match(problem(0, "offline"), /offline: the stall doesn't know/);
  assert.match(problem(0, "network"), /can't tell whether/);
  assert.match(problem(403, "forbidden"), /could not be told/);
});

test("a price that changed under an order is remembered until the order is without it", () => {
  const [before, after] = [[{ itemId: "a", price: 100 }], [{ itemId: "a", price: 120 }]];
  const menu = /** @type {any[]} */ (before);
  const changed = changedPrices(menu, after, new Map([["a", 1]]), new Map());
  assert.deepEqual(changed, new Map([["a", 100]]));
  assert.deepEqual(changedPrices(/** @type {any[]} */ (after), [{ itemId: "a", price: 130 }], new Map([["a", 1]]), changed), new Map([["a", 100]]));
  assert.deepEqual(changedPrices(/** @type {any[]} */ (after), before, new Map([["a", 1]]), changed), new Map());
  assert.deepEqual(changedPrices(/** @type {any[]} */ (after), after, new Map(), changed), new Map());
});

test("lists of notifications and messages hold each once, in order", () => {
  const told = (/** @type {number} */ position, read = false) => ({ position, read, message: "m", type: "info", timestamp: "t" });
  assert.deepEqual(mergeNotifications([told(3), told(1)], [told(2), told(1, true)]), [told(3), told(2), told(1, true)]);
  const message = (/** @type {string} */ timestamp) => /** @type {const} */ ({ sender: "vendor", orderId: "o", message: "m", timestamp });
  assert.deepEqual(mergeMessages([message("1"), message("3")], [message("3"), message("2")]), [message("1"), message("2"), message("3")]);
});

test("a statement says what was taken back, and what was given back", () => {
  const moved = { transactionId: "t", kind: "adjustment", amount: -500, balance: 0, timestamp: "" };
  assert.equal(movementWords(moved), "Taken back");
  assert.equal(movementWords({ ...moved, amount: 500 }), "Given back");
  assert.equal(movementWords({ ...moved, kind: "payout", amount: 500 }), "Payout given back");
  assert.equal(movementWords({ ...moved, kind: "moved", amount: 500 }), "Moved here from your other wallet");
  assert.equal(movementWords({ ...moved, kind: "moved" }), "Moved to your other wallet");
  assert.equal(movementWords({ ...moved, kind: "of-the-future" }), "of-the-future");
  assert.equal(movementWords({ ...moved, kind: "purchase", vendorName: "Sun" }), "Order · Sun", "a line without a stall says nothing");
});
