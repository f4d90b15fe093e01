// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { reachWords } from "../../../static/pages/admin/announce.js";
import { orderMatches } from "../../../static/pages/admin/orders.js";
import { figuresOf } from "../../../static/pages/admin/today/overview.js";
import { roleOf, roleOptions } from "../../../static/pages/admin/people/people.js";

test("a role that is chosen is told as the server wants it", () => {
  const [[guest], , [own], [theirs]] = /** @type {any} */ (roleOptions([{ vendorId: "a:b", name: "Sun" }]));
  assert.deepEqual([guest, own, theirs].map(roleOf), [{ role: "customer" }, { role: "vendor" }, { role: "vendor", vendorId: "a:b" }]);
});

test("an order is found by number, id, stall or guest", () => {
  const order = /** @type {any} */ ({ number: 7, orderId: "xYz", vendorName: "Falafel Sun", customerName: "Anna" });
  for (const text of ["", " 7 ", "xyz", "sun", "ANN"]) assert.ok(orderMatches(order, text), text);
  for (const text of ["77", "moon"]) assert.ok(!orderMatches(order, text), text);
});

test("the figures add up what belongs together", () => {
  const overview = { users: { customer: 5, vendor: 2, admin: 1 }, suspended: 1, vendors: 2, vendorsOpen: 1, cameIn: 900, wallets: 700, held: 100, fees: 40,
    paidOut: 60, payoutsRequested: 1, streams: 4, orders: { pending: 1, confirmed: 2, preparing: 3, ready: 4, completed: 5, cancelled: 6 } };
  const figures = new Map(figuresOf(overview, String).map(([name, value, detail]) => [name, `${value}, ${detail}`]));
  assert.equal(figures.get("Orders open"), "10, 4 ready, 5 picked up");
  assert.equal(figures.get("People"), "8, 5 guests, 1 suspended");
  assert.equal(figures.get("Paid out"), "60, 1 waits for you");
});

test("an announcement says whom it is for, and whom it has reached", () => {
  const announced = /** @type {any} */ ({ announcementId: "a", message: "m", audience: "all", createdAt: "2026-06-01T10:00:00Z" });
  assert.equal(reachWords({ ...announced, reach: { people: 300, read: 120 } }), "For everyone · read by 120 of 300");
  assert.equal(reachWords({ ...announced, audience: "vendors" }), "For all stalls");
  assert.match(reachWords({ ...announced, withdrawnAt: "2026-06-01T11:00:00Z" }), /withdrawn/);
});
