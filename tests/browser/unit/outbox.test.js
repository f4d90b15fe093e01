// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "../../../static/sdk/festival-push.js";
import { answer, fakeBrowser, settle } from "./support.js";

/** A stall's server: orders by id, and what it was asked to do. */
function stall() {
  const orders = /** @type {Record<string, string>} */ ({ a: "confirmed", b: "confirmed" });
  const done = new Map();
  const server = { orders, isAway: false, isDeaf: false, steps: /** @type {string[]} */ ([]), fault: 0 };
  const { env, browser } = fakeBrowser(({ path, body, headers }) => {
    if (server.isAway) return new TypeError("network");
    const orderId = path.split("/")[3] ?? "";
    if (server.fault) return answer(server.fault, { code: "internal" });
    const key = headers["Idempotency-Key"];
    if (!done.has(key)) {
      const hasMoved = body.from && orders[orderId] !== body.from && orders[orderId] !== body.status;
      if (!hasMoved) server.steps.push(`${orderId} ${body.status}`);
      if (hasMoved || (orders[orderId] === "completed" && !body.from)) done.set(key, [409, { code: "invalid-transition", orderStatus: orders[orderId] }]);
      else done.set(key, [200, { order: { orderId, status: (orders[orderId] = body.status) } }]);
    }
    if (server.isDeaf) return new TypeError("the answer was lost");
    return answer(...done.get(key));
  });
  const told = /** @type {string[]} */ ([]);
  const open = () => createClient({ env }).outbox({
    userId: "falafel",
    onSent: ({ orderId, status }) => told.push(`sent ${orderId} ${status}`),
    onRefused: ({ orderId, status }, { code }) => told.push(`refused ${orderId} ${status} ${code}`),
  });
  return { server, browser, told, open };
}

test("a step is sent at once when the server is there", async () => {
  const { server, told, browser, open } = stall();
  const outbox = open();
  await outbox.add({ orderId: "a", status: "preparing", estimatedTime: 5 });
  await browser.advance(10);
  assert.deepEqual([server.steps, told, outbox.pending()], [["a preparing"], ["sent a preparing"], []]);
  assert.deepEqual(browser.requests[0]?.body, { status: "preparing", estimatedTime: 5 });
});

test("steps made offline are kept over a reload and sent in order when the network is back", async () => {
  const { server, told, browser, open } = stall();
  server.isAway = true;
  const before = open();
  await before.add({ orderId: "a", status: "preparing", from: "confirmed" });
  await before.add({ orderId: "b", status: "ready", from: "confirmed" });
  await before.add({ orderId: "a", status: "ready", from: "preparing" });
  await browser.advance(60_000);
  before.stop();
  assert.deepEqual(server.steps, []);
  const after = open();
  assert.equal(after.pending().length, 3);
  server.isAway = false;
  browser.fire("online");
  await browser.advance(10);
  assert.deepEqual(server.steps, ["a preparing", "b ready", "a ready"]);
  assert.deepEqual(told, ["sent a preparing", "sent b ready", "sent a ready"]);
});

test("a step whose answer was lost is done once", async () => {
  const { server, told, browser, open } = stall();
  server.isDeaf = true;
  const outbox = open();
  await outbox.add({ orderId: "a", status: "preparing", from: "confirmed" });
  await browser.advance(3_000);
  server.isDeaf = false;
  await browser.advance(60_000);
  assert.deepEqual([server.steps, told, outbox.pending()], [["a preparing"], ["sent a preparing"], []]);
});

test("an order that has moved on meanwhile is left alone, and that is told", async () => {
  const { server, told, browser, open } = stall();
  server.isAway = true;
  const outbox = open();
  await outbox.add({ orderId: "a", status: "preparing", from: "confirmed" });
  await browser.advance(10_000);
  server.orders.a = "ready"; // by another tablet: `preparing` would take it back
  server.isAway = false;
  await browser.advance(60_000);
  assert.deepEqual([server.steps, told, outbox.pending()], [[], ["refused a preparing invalid-transition"], []]);
});

test("a tap on Ready that another tablet has overtaken is no recall, however fresh it is", async () => {
  const { server, told, browser, open } = stall();
  const outbox = open();
  server.orders.a = "completed";
  await outbox.add({ orderId: "a", status: "ready", from: "preparing" });
  await browser.advance(10);
  assert.deepEqual([server.steps, told, outbox.pending()], [[], ["refused a ready invalid-transition"], []]);
  server.orders.b = "completed";
  await outbox.add({ orderId: "b", status: "ready", from: "completed" }); // this one is meant
  await browser.advance(10);
  assert.deepEqual([server.steps, browser.requests.length], [["b ready"], 2], "each is one request");
});

test("a refusal is told and not tried again", async () => {
  const { server, told, browser, open } = stall();
  server.orders.a = "completed";
  await open().add({ orderId: "a", status: "ready" });
  await browser.advance(120_000);
  assert.deepEqual([server.steps, told], [["a ready"], ["refused a ready invalid-transition"]]);
});

test("while one order's step meets a fault, the others go on", async () => {
  const { server, browser, open } = stall();
  server.fault = 500;
  const outbox = open();
  await outbox.add({ orderId: "a", status: "ready" });
  await outbox.add({ orderId: "b", status: "ready" });
  await browser.advance(10);
  assert.deepEqual(browser.requests.slice(0, 2).map(({ path }) => path.split("/")[3]), ["a", "b"]);
  server.fault = 0;
  await browser.advance(60_000);
  assert.deepEqual([server.steps, outbox.pending()], [["a ready", "b ready"], []]);
});

test("a step of yesterday is told, not sent", async () => {
  const { server, told, browser, open } = stall();
  server.isAway = true;
  const outbox = open();
  await outbox.add({ orderId: "a", status: "ready" });
  outbox.stop();
  await browser.advance(25 * 60 * 60_000);
  server.isAway = false;
  open();
  await browser.advance(10);
  assert.deepEqual([server.steps, told], [[], ["refused a ready too-late"]]);
});

test("what moves money never waits in the outbox", async () => {
  const { browser, open } = stall();
  await assert.rejects(open().add({ orderId: "a", status: "cancelled" }), RangeError);
  await settle();
  assert.equal(browser.requests.length, 0);
});

/** A stall's server that knows its menu, and what it was told. */
function menu() {
  const server = { isAway: false, told: /** @type {string[]} */ ([]), status: 200 };
  const { env, browser } = fakeBrowser(({ method, path, body }) => {
    if (server.isAway) return new TypeError("network");
    server.told.push(`${method} ${path} ${JSON.stringify(body)}`);
    if (server.status !== 200) return answer(server.status, { code: "not-found" });
    return answer(200, { itemId: path.split("/")[3], ...body });
  });
  const heard = /** @type {string[]} */ ([]);
  const open = () => createClient({ env }).outbox({
    userId: "falafel",
    onItemSent: ({ itemId, available }) => heard.push(`sent ${itemId} ${available}`),
    onItemRefused: ({ itemId }, { code }) => heard.push(`refused ${itemId} ${code}`),
  });
  return { env, server, browser, heard, open };
}

test("of what was said about an item offline, the newest is sent, once, also after a reload", async () => {
  const { server, heard, browser, open } = menu();
  browser.online = false;
  const before = open();
  await before.setAvailable({ itemId: "wrap", available: false });
  await before.setAvailable({ itemId: "tea", available: false });
  await before.setAvailable({ itemId: "wrap", available: true });
  await before.setAvailable({ itemId: "wrap", available: false });
  await browser.advance(60_000);
  before.stop();
  const after = open();
  assert.deepEqual(after.pendingItems().map(({ itemId, available }) => [itemId, available]), [["tea", false], ["wrap", false]]);
  assert.deepEqual([server.told, after.pending()], [[], []]); // no older version of the outbox takes them for steps
  browser.online = true;
  browser.fire("online");
  await browser.advance(10);
  assert.deepEqual(server.told, ['PATCH /v1/menu/tea {"available":false}', 'PATCH /v1/menu/wrap {"available":false}']);
  assert.deepEqual([heard, after.pendingItems()], [["sent tea false", "sent wrap false"], []]);
});

test("an item that is gone, or said a day ago, is told and not tried again", async () => {
  const { server, heard, browser, open } = menu();
  server.status = 404;
  await open().setAvailable({ itemId: "wrap", available: false });
  await browser.advance(10);
  assert.deepEqual(heard, ["refused wrap not-found"]);
  browser.online = false;
  const outbox = open();
  await outbox.setAvailable({ itemId: "tea", available: false });
  await browser.advance(25 * 60 * 60_000);
  browser.online = true;
  browser.fire("online");
  await browser.advance(10);
  assert.deepEqual([heard[1], server.told.length, outbox.pendingItems()], ["refused tea too-late", 1, []]);
});

test("what was never tried can be called off; what may have been sent can't", async () => {
  const { server, browser, open } = stall();
  browser.online = false;
  const outbox = open();
  const [step, change] = [await outbox.add({ orderId: "a", status: "ready" }), await outbox.setAvailable({ itemId: "wrap", available: false })];
  await browser.advance(60_000);
  assert.deepEqual([await outbox.drop(step.key), await outbox.drop(change.key), await outbox.drop("nobody's")], [true, true, false]);
  assert.deepEqual([outbox.pending(), outbox.pendingItems()], [[], []]);
  browser.online = true;
  browser.fire("online");
  await browser.advance(10);
  assert.deepEqual(server.steps, []);
  server.isDeaf = true;
  const tried = await outbox.add({ orderId: "a", status: "ready" });
  await browser.advance(10);
  assert.deepEqual([await outbox.drop(tried.key), outbox.pending().length, server.steps], [false, 1, ["a ready"]]);
});

test("steps that an older version has kept are sent as they were meant", async () => {
  const { server, browser, open } = stall();
  const before = open();
  before.stop();
  await before.add({ orderId: "a", status: "ready", from: "confirmed" });
  assert.deepEqual(Object.keys(before.pending()[0] ?? {}).sort(), ["at", "from", "key", "orderId", "status"]);
  open();
  await browser.advance(10);
  assert.deepEqual(server.steps, ["a ready"]);
});
