// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { announcementsOf } from "../../../static/pages/customer/announcements.js";
import { changedPrices } from "../../../static/ui/state/cart.js";
import { mergeMessages } from "../../../static/ui/conversation.js";
import { mergeNotifications } from "../../../static/pages/customer/notifications.js";

test("urgent announcements stay until they are dismissed, the others until they are read", () => {
  const at = (/** @type {number} */ hour) => `2026-06-01T${String(hour).padStart(2, "0")}:00:00.000Z`;
  const said = (/** @type {number} */ hour, more = {}) => ({ message: `m${hour}`, type: "announcement", timestamp: at(hour), position: hour, read: false, ...more });
  const notifications = [said(18), said(17, { priority: "high", read: true }), said(16, { read: true }), said(15, { priority: "low" }),
    said(14, { type: "info" }), said(13, { priority: "high" }), said(1, { priority: "high" })];
  const now = Date.parse(at(20));
  const shown = (/** @type {string[]} */ dismissed) => announcementsOf(notifications, new Set(dismissed), now).map(({ position }) => position);
  assert.deepEqual(shown([]), [17, 13, 18]);
  assert.deepEqual(shown([at(17), at(13)]), [18, 15]);
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
