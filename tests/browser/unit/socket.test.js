// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { io } from "../../../static/sdk/festival-push.js";
import { answer, fakeBrowser, settle } from "./support.js";

const HELLO = { userId: "anna", userType: "customer", message: "hello", heartbeat: 15 };
const order = (/** @type {string} */ status) => ({ orderId: "o1", status, estimatedTime: null, number: 7, vendorId: "sun", items: [{ quantity: 2, name: "wrap" }] });
const snapshot = (/** @type {number} */ balance, /** @type {any[]} */ ...orders) => ({ balance, currency: "EUR", orders, unread: 0, rooms: [] });

/** @param {any} [respond] */
async function connected(respond = () => answer(200, { ok: true })) {
  const { env, browser } = fakeBrowser((asked) => (asked.headers.Accept === "text/event-stream" ? undefined : respond(asked)));
  const socket = io("", { auth: { token: "t", userId: "anna" }, env });
  const told = /** @type {any[]} */ ([]);
  for (const event of ["connect", "disconnect", "error", "connected", "balance-updated", "order-status-changed", "order-ready"]) {
    socket.on(event, (data) => told.push(event === "connected" ? [event] : [event, data]));
  }
  await settle();
  return { socket, browser, told, asked: () => browser.requests.filter(({ path }) => path !== "/v1/stream") };
}

test("connect, connected, events and disconnect come under their old names", async () => {
  const { socket, browser, told } = await connected();
  assert.equal(socket.connected, false);
  await browser.last().say("connected", { ...HELLO, resumed: false, snapshot: snapshot(500) }, "ab.1");
  await browser.last().say("balance-updated", { userId: "anna", newBalance: 400, oldBalance: 500, amount: -100, reason: "purchase" }, "ab.2");
  assert.equal(socket.connected, true);
  await browser.last().break();
  assert.deepEqual(told, [
    ["connect", undefined], ["connected"],
    ["balance-updated", { userId: "anna", newBalance: 500, oldBalance: 500, amount: 0, reason: "snapshot" }],
    ["balance-updated", { userId: "anna", newBalance: 400, oldBalance: 500, amount: -100, reason: "purchase" }],
    ["disconnect", "transport close"],
  ]);
});

test("what a later snapshot changes is told as the events that were missed", async () => {
  const { browser, told } = await connected();
  await browser.last().say("connected", { ...HELLO, resumed: false, snapshot: snapshot(500, order("preparing")) }, "old.9");
  await browser.last().break();
  await browser.advance(1_000);
  told.length = 0;
  await browser.last().say("connected", { ...HELLO, resumed: false, reason: "trimmed", snapshot: snapshot(500, order("ready")) }, "old.90");
  assert.deepEqual(told.map(([event]) => event), ["connect", "connected", "order-status-changed", "order-ready"]);
  assert.deepEqual(told[2][1], { orderId: "o1", status: "ready", estimatedTime: null, itemName: "2 × wrap", number: 7, vendorId: "sun" });
});

test("each old command is one request", async () => {
  const { socket, browser, asked } = await connected(({ path }) => answer(200, path.endsWith("/menu") ? { items: [{ itemId: "i1", name: "wrap" }] } : { order: {} }));
  const commands = /** @type {[string, any, string, any][]} */ ([
    ["join-user-room", { userId: "anna" }, "/v1/rooms/join", { room: "user-anna" }],
    ["leave-user-room", { userId: "anna" }, "/v1/rooms/leave", { room: "user-anna" }],
    ["join-order-room", { orderId: "o1" }, "/v1/rooms/join", { room: "order-o1" }],
    ["leave-order-room", { orderId: "o1" }, "/v1/rooms/leave", { room: "order-o1" }],
    ["refresh-balance", {}, "/v1/balance/refresh", {}],
    ["track-my-orders", {}, "/v1/orders/track", {}],
    ["order-created", { orderId: "mine-1", vendorId: "sun", item: "wrap", price: 750 }, "/v1/orders",
      { vendorId: "sun", items: [{ itemId: "i1", quantity: 1 }], expectedTotal: 750 }],
    ["update-order-status", { orderId: "o1", status: "ready", estimatedTime: 3 }, "/v1/orders/o1/status", { status: "ready", estimatedTime: 3 }],
    ["update-order-status", { orderId: "o1", status: "cancelled", reason: "Rain" }, "/v1/orders/o1/cancel", { reason: "Rain" }],
  ]);
  for (const [event, data, path, body] of commands) {
    socket.emit(event, data);
    await browser.advance(50);
    const { method, path: sent, body: told } = asked().at(-1) ?? {};
    assert.deepEqual([method, sent, told], ["POST", path, body], event);
  }
});

test("the same order-created twice is one order", async () => {
  const { socket, browser, asked } = await connected();
  for (let tap = 0; tap < 2; tap += 1) {
    socket.emit("order-created", { orderId: "mine-1", vendorId: "sun", items: [{ itemId: "i1", quantity: 1 }] });
    await browser.advance(50);
  }
  assert.deepEqual(asked().map(({ headers }) => headers["Idempotency-Key"]), ["order-created.mine-1", "order-created.mine-1"]);
});

test("a refusal reaches the error handlers and the acknowledgement", async () => {
  const { socket, browser, told } = await connected(() => answer(409, { code: "insufficient-funds", title: "No." }));
  const answers = /** @type {any[]} */ ([]);
  socket.emit("refresh-balance", (/** @type {any} */ reply) => answers.push(reply));
  socket.emit("no-such-thing");
  await browser.advance(50);
  assert.deepEqual(told.map(([event, { code }]) => [event, code]).sort(), [["error", "insufficient-funds"], ["error", "unknown-event"]]);
  assert.equal(answers[0].error.code, "insufficient-funds");
  await assert.rejects(socket.emitWithAck("refresh-balance"), { code: "insufficient-funds" });
});

test("the end of the session is one error and a disconnect, and connect tries anew", async () => {
  const { socket, browser, told } = await connected();
  await browser.last().say("connected", { ...HELLO, resumed: true });
  await browser.last().say("error", { code: "suspended", message: "Suspended." });
  await browser.advance(60_000);
  assert.deepEqual(told.slice(2).map(([event, data]) => [event, data.code ?? data]), [["error", "suspended"], ["disconnect", "io server disconnect"]]);
  socket.connect().connect();
  await settle();
  assert.equal(browser.streams.length, 2);
});

test("handlers come and go", async () => {
  const { socket, browser } = await connected();
  const told = /** @type {number[]} */ ([]);
  const hear = () => void told.push(1);
  socket.on("x", hear).once("x", () => told.push(2));
  await browser.last().say("x", {});
  await browser.last().say("x", {});
  socket.off("x", hear);
  await browser.last().say("x", {});
  assert.deepEqual(told, [1, 2, 1]);
  socket.disconnect();
  assert.equal(browser.last().isOpen, false);
});

test("who asks is found out when it isn't said", async () => {
  const { env, browser } = fakeBrowser(({ path }) => (path.endsWith("/v1/me") ? answer(200, { userId: "anna" }) : undefined));
  const socket = io("//other.test/", { env });
  await settle();
  await settle();
  assert.equal(browser.requests[1]?.path, "//other.test/v1/stream");
  const refused = fakeBrowser(() => answer(401, { code: "unauthorized", title: "No." }));
  const told = /** @type {any[]} */ ([]);
  io("", { env: refused.env }).on("connect_error", (error) => told.push(error.code));
  await settle();
  await settle();
  assert.deepEqual(told, ["unauthorized"]);
  socket.disconnect();
});

test("a server that is away when it should say who asks is asked again", async () => {
  let status = 500;
  const { env, browser } = fakeBrowser(({ path }) => (path.endsWith("/v1/me") ? answer(status, { userId: "anna", code: "internal" }) : undefined));
  const told = /** @type {any[]} */ ([]);
  const socket = io("", { env }).on("connect_error", (error) => told.push(error.code));
  await browser.advance(20_000);
  assert.ok(told.length >= 2 && told.length <= 11, JSON.stringify(told)); // neither given up nor in a rush
  socket.disconnect();
  const asked = browser.requests.length;
  await browser.advance(20_000);
  assert.equal(browser.requests.length, asked);
  status = 200;
  socket.connect();
  await browser.advance(100);
  assert.equal(browser.last().url, "/v1/stream");
  socket.disconnect();
});

test("the other methods of a socket are there", async () => {
  const { socket, browser } = await connected();
  assert.deepEqual([socket.active, socket.connected, socket.disconnected, socket.id], [true, false, true, undefined]);
  const any = /** @type {any[]} */ ([]);
  const heard = (/** @type {string} */ event) => any.push(event);
  socket.onAny(heard);
  await browser.last().say("connected", { ...HELLO, resumed: false, snapshot: snapshot(500) }, "ab.1");
  assert.match(socket.id ?? "", /^[0-9a-z]+$/);
  assert.deepEqual(any, ["connected", "balance-updated"], "and nothing that the socket says of itself");
  assert.deepEqual(socket.listenersAny(), [heard]);
  socket.offAny(heard);
  assert.deepEqual([socket.hasListeners("order-ready"), socket.listeners("order-ready").length], [true, 1]);
  socket.removeAllListeners("order-ready");
  assert.equal(socket.hasListeners("order-ready"), false);
  assert.equal(socket.hasListeners("connect"), true);
  let again = 0;
  socket.io.on("reconnect", () => (again += 1));
  await browser.last().break();
  assert.deepEqual([socket.active, socket.connected, socket.id], [true, false, undefined]);
  await browser.advance(1_000);
  await browser.last().say("connected", { ...HELLO, resumed: true }, "ab.1");
  assert.equal(again, 1);
  assert.equal(socket.removeAllListeners().hasListeners("connect"), false);
  assert.equal(socket.close(), socket);
  assert.deepEqual([socket.active, socket.connected], [false, false]);
});

test("a socket may wait to be connected", async () => {
  const { env, browser } = fakeBrowser(() => undefined);
  const socket = io("", { auth: { token: "t", userId: "anna" }, autoConnect: false, env });
  await settle();
  assert.equal(browser.requests.length, 0);
  assert.equal(socket.active, false);
  socket.open();
  await settle();
  assert.deepEqual(browser.requests.map(({ path }) => path), ["/v1/stream"]);
});

test("what is volatile is dropped without a connection, and an answer may be too late", async () => {
  let answers = true;
  const { socket, browser, asked } = await connected(() => (answers ? answer(200, { balance: 5 }) : undefined));
  socket.volatile.emit("refresh-balance");
  await browser.advance(50);
  assert.equal(asked().length, 0);
  await browser.last().say("connected", { ...HELLO, resumed: false, snapshot: snapshot(500) }, "ab.1");
  socket.volatile.emit("refresh-balance");
  await browser.advance(50);
  assert.equal(asked().length, 1);
  const told = /** @type {any[]} */ ([]);
  socket.timeout(1_000).emit("refresh-balance", (/** @type {any} */ error, /** @type {any} */ reply) => told.push([error, reply.balance]));
  await browser.advance(50);
  assert.deepEqual(told, [[null, 5]]);
  answers = false;
  const late = socket.timeout(1_000).emitWithAck("refresh-balance");
  const failed = assert.rejects(late, /timed out/);
  await browser.advance(1_000);
  await failed;
});
