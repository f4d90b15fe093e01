// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "../../../static/sdk/festival-push.js";
import { answer, fakeBrowser, never, settle } from "./support.js";

const HELLO = { userId: "anna", userType: "customer", message: "hello", heartbeat: 15 };
const SNAPSHOT = { balance: 500, currency: "EUR", orders: [], unread: 0, rooms: [] };
const isStream = (/** @type {any} */ { headers }) => headers.Accept === "text/event-stream";

/** @param {{token?: string, ticket?: any, respond?: any, options?: any}} [setup] */
async function following({ token, ticket, respond, options } = {}) {
  const { env, browser } = fakeBrowser(respond);
  const seen = /** @type {any[]} */ ([]);
  const states = /** @type {any[]} */ ([]);
  const client = createClient({ ...(token ? { token } : {}), ...(ticket ? { ticket } : {}), env });
  const stream = client.follow({
    handlers: {
      connected: (data) => seen.push(["connected", data.resumed]),
      "balance-updated": (data) => seen.push(data.newBalance),
    },
    onState: (state, ended) => states.push(ended ? [state, ended.code] : state),
    ...options,
  });
  await settle();
  return { browser, seen, states, stream, urls: () => browser.streams.map(({ url }) => url) };
}

test("a snapshot sets the cursor, and events after it are handed over once", async () => {
  const { browser, seen, stream } = await following();
  const source = browser.last();
  assert.equal(source.url, "/v1/stream");
  await source.say("connected", { ...HELLO, resumed: false, snapshot: SNAPSHOT }, "ab.10");
  for (const position of [9, 10, 11, 11, 12, 5]) await source.say("balance-updated", { newBalance: position }, `ab.${position}`);
  assert.deepEqual(seen, [["connected", false], 11, 12]);
  assert.equal(stream.position(), 12);
});

test("an event on several lines is one value", async () => {
  const { browser, seen } = await following();
  const [half, rest] = [JSON.stringify({ ...HELLO, resumed: false }).slice(0, -1), JSON.stringify({ snapshot: SNAPSHOT }).slice(1)];
  browser.last().write(`id: ab.10\nevent: connected\ndata: ${half},\ndata: ${rest}\n\n`);
  browser.last().write('id: ab.11\nevent: balance-updated\ndata: {"newBalance":\nda');
  browser.last().write("ta: 7}\n\n");
  await settle();
  assert.deepEqual(seen, [["connected", false], 7]);
});

test("what a proxy says while the server is away is no event, and the cursor stays", async () => {
  const { browser, seen, states, urls } = await following();
  await browser.last().say("connected", { ...HELLO, resumed: false, snapshot: SNAPSHOT }, "ab.10");
  await browser.last().break();
  await browser.advance(1_000);
  browser.last().write("retry: 3000\n\n");
  await browser.last().break();
  await browser.advance(2_900);
  assert.equal(urls().length, 2);
  await browser.advance(5_000);
  assert.deepEqual(urls().slice(1), ["/v1/stream?after=ab.10", "/v1/stream?after=ab.10"]);
  assert.deepEqual([seen.length, states], [1, ["reconnecting", "live", "reconnecting"]]);
});

test("frames without an id of their own are never taken for old ones", async () => {
  const { browser, seen } = await following();
  await browser.last().say("connected", { ...HELLO, resumed: false, snapshot: SNAPSHOT }, "ab.10");
  await browser.last().say("balance-updated", { newBalance: 1 });
  await browser.last().say("balance-updated", { newBalance: 1 });
  assert.deepEqual(seen.slice(1), [1, 1]);
});

test("a snapshot of a restored log replaces a higher cursor", async () => {
  const { browser, seen } = await following();
  await browser.last().say("connected", { ...HELLO, resumed: false, snapshot: SNAPSHOT }, "old.900");
  await browser.last().break();
  await browser.advance(1_000);
  await browser.last().say("connected", { ...HELLO, resumed: false, reason: "other-epoch", snapshot: SNAPSHOT }, "new.3");
  await browser.last().say("balance-updated", { newBalance: 4 }, "new.4");
  assert.deepEqual(seen, [["connected", false], ["connected", false], 4]);
});

test("a lost stream is opened again behind the cursor, later and later", async () => {
  let refused = false;
  const { browser, urls } = await following({ respond: (/** @type {any} */ asked) => (isStream(asked) && refused ? new TypeError("network") : undefined) });
  browser.random = 0.99;
  await browser.last().say("connected", { ...HELLO, resumed: false, snapshot: SNAPSHOT }, "ab.10");
  refused = true;
  await browser.last().break(true);
  const waits = [];
  for (let attempt = 0; attempt < 7; attempt += 1) {
    let waited = 0;
    for (const before = browser.requests.length; browser.requests.length === before; waited += 100) await browser.advance(100);
    waits.push(waited);
    assert.equal(browser.requests.at(-1)?.path, "/v1/stream?after=ab.10");
  }
  [990, 1_980, 3_960, 7_920, 15_840, 29_700, 29_700].forEach((ms, index) => assert.ok(Math.abs((waits[index] ?? 0) - ms) < 200, `${waits}`));
  assert.deepEqual(urls(), ["/v1/stream"]);
});

test("the server's word on when to come back is kept", async () => {
  const { browser } = await following();
  browser.last().write("retry: 7000\n\n");
  await browser.last().say("error", { code: "draining", message: "Back in a moment." });
  await browser.last().break();
  await browser.advance(6_900);
  assert.equal(browser.streams.length, 1);
  await browser.advance(200);
  assert.equal(browser.streams.length, 2);
});

test("a connection that held ends the back-off", async () => {
  const { browser } = await following();
  browser.random = 0.99;
  for (let attempt = 0; attempt < 6; attempt += 1) {
    const count = browser.streams.length;
    await browser.last().break(true);
    while (browser.streams.length === count) await browser.advance(100);
  }
  await browser.last().say("connected", { ...HELLO, resumed: true });
  await browser.advance(11_000);
  const count = browser.streams.length;
  await browser.last().break(true);
  await browser.advance(1_000);
  assert.equal(browser.streams.length, count + 1);
});

test("a refusal because nobody is signed in ends it", async () => {
  const { browser, states } = await following({ respond: () => answer(401, { code: "unauthorized", title: "Sign in." }) });
  await browser.advance(60_000);
  assert.deepEqual(states, ["reconnecting", ["signed-out", "unauthorized"]]);
  assert.equal(browser.requests.length, 1);
});

test("a token travels in the header, a ticket in the address, and a fresh one each time where it can be had", async () => {
  const byToken = await following({ token: "secret" });
  assert.deepEqual([byToken.browser.last().url, byToken.browser.last().init.headers.Authorization, byToken.browser.last().init.credentials],
    ["/v1/stream", "Bearer secret", "omit"]);

  let tickets = 0;
  const byTickets = await following({ ticket: async () => `t${(tickets += 1)}` });
  await byTickets.browser.last().say("connected", { ...HELLO, resumed: false, snapshot: SNAPSHOT }, "ab.7");
  await byTickets.browser.last().break();
  await byTickets.browser.advance(1_000);
  assert.deepEqual(byTickets.urls(), ["/v1/stream?ticket=t1", "/v1/stream?after=ab.7&ticket=t2"]);

  const byTicket = await following({ ticket: "once" });
  await byTicket.browser.last().break();
  await byTicket.browser.advance(1_000);
  assert.deepEqual(byTicket.urls(), ["/v1/stream?ticket=once", "/v1/stream?ticket=once"]); // the cookie that came with the first answers for it
  assert.deepEqual(byTicket.browser.streams.map(({ init }) => init.credentials), ["include", "include"]);
});

test("the server's own error ends the stream when it is final, and not otherwise", async () => {
  const { browser, states } = await following();
  await browser.last().say("error", { code: "draining", message: "Back in a moment." });
  await browser.last().break();
  await browser.advance(1_000);
  assert.deepEqual(states, ["reconnecting"]);
  await browser.last().say("error", { code: "suspended", message: "Suspended." });
  await browser.advance(60_000);
  assert.deepEqual(states, ["reconnecting", ["signed-out", "suspended"]]);
  assert.equal(browser.last().isOpen, false);
});

test("a screen that nobody looks after keeps trying even when it is refused", async () => {
  const respond = () => answer(401, { code: "unauthorized", title: "No." });
  const { browser, states } = await following({ token: "display", respond, options: { forever: true } });
  await browser.advance(120_000);
  assert.ok(browser.requests.length > 4, `${browser.requests.length} tries`);
  assert.deepEqual(states[1], ["signed-out", "unauthorized"]);
});

test("somebody else's stream is never shown", async () => {
  const { browser, seen, states } = await following({ options: { userId: "anna" } });
  await browser.last().say("connected", { ...HELLO, userId: "bert", resumed: false, snapshot: SNAPSHOT }, "ab.1");
  await browser.last().say("balance-updated", { newBalance: 1 }, "ab.2");
  assert.deepEqual(seen, []);
  assert.deepEqual(states, ["reconnecting", ["signed-out", "other-user"]]);
});

test("a stream that falls silent is opened again at once; heartbeats are heard", async () => {
  const { browser, states } = await following();
  await browser.last().say("connected", { ...HELLO, heartbeat: 4, resumed: true });
  for (let beat = 0; beat < 10; beat += 1) {
    await browser.advance(4_000);
    browser.last().write(":\n\n");
    await settle();
  }
  assert.equal(browser.streams.length, 1);
  await browser.advance(9_900);
  assert.equal(browser.streams.length, 1);
  await browser.advance(200);
  assert.equal(browser.streams.length, 2);
  assert.equal(browser.streams[0]?.isOpen, false);
  assert.deepEqual(states, ["reconnecting", "live", "reconnecting"]);
});

test("where streams are swallowed the long poll takes over, and gives back when they come through", async () => {
  let isSwallowed = true;
  let head = 10;
  const respond = ({ path, headers, init }) => {
    if (headers.Accept === "text/event-stream") return isSwallowed ? never(init) : undefined;
    if (path.includes("after=ab.")) {
      head += 1;
      const event = { id: `ab.${head}`, event: "balance-updated", data: { newBalance: head } };
      return new Promise((resolve) => setImmediate(() => resolve(answer(200, { ...HELLO, events: [event], next: `ab.${head}`, resumed: true }))));
    }
    return answer(200, { ...HELLO, events: [], next: `ab.${head}`, resumed: false, snapshot: SNAPSHOT });
  };
  const { browser, seen, states } = await following({ respond });
  await browser.advance(9_900);
  assert.deepEqual(seen, []);
  const polling = browser.advance(200);
  while (seen.length < 4) await settle();
  assert.deepEqual(seen.slice(0, 4), [["connected", false], 11, 12, 13]);
  assert.match(browser.requests[1]?.path ?? "", /^\/v1\/events\?wait=0$/);
  assert.match(browser.requests[2]?.path ?? "", /^\/v1\/events\?wait=25&after=ab\.10$/);
  await polling;
  isSwallowed = false;
  for (let waited = 0; browser.streams.length === 0 && waited < 60; waited += 1) await browser.advance(1_000);
  assert.match(browser.last().url, /^\/v1\/stream\?after=ab\.\d+$/);
  const polls = browser.requests.length;
  await browser.last().say("connected", { ...HELLO, resumed: true });
  await browser.advance(30_000);
  assert.equal(browser.requests.length, polls);
  assert.equal(states.at(-1), "live");
});

test("a poll that another person's cookie answers is never shown", async () => {
  let userId = "anna";
  const respond = ({ headers, path, init }) => {
    if (headers.Accept === "text/event-stream") return never(init);
    const event = { id: "ab.4", event: "balance-updated", data: { newBalance: 4 } };
    const events = userId === "anna" ? [] : [event];
    const answered = answer(200, { ...HELLO, userId, events, next: "ab.3", resumed: path.includes("after="), snapshot: SNAPSHOT });
    return new Promise((resolve) => setImmediate(() => resolve(answered)));
  };
  const { browser, seen, states } = await following({ respond, options: { userId: "anna" } });
  await browser.advance(12_000);
  assert.deepEqual([seen, states.at(-1)], [[["connected", false]], "live"]);
  userId = "ben";
  await browser.advance(5_000);
  assert.deepEqual([seen, states.at(-1)], [[["connected", false]], ["signed-out", "other-user"]]);
});

test("waking up finds a dead connection, and leaves a living one alone", async () => {
  const { browser } = await following();
  await browser.last().say("connected", { ...HELLO, resumed: true });
  const sleep = async (/** @type {number} */ ms) => {
    browser.hidden = true;
    browser.fire("visibilitychange");
    await browser.advance(ms);
    browser.hidden = false;
    browser.fire("visibilitychange");
    await settle();
  };
  await sleep(5_000);
  assert.equal(browser.streams.length, 1);
  await sleep(15_000);
  assert.equal(browser.streams.length, 2);
});

test("the back/forward cache gets a page without connection, and gives back one with", async () => {
  for (const [away, back] of [["pagehide", "pageshow"], ["freeze", "resume"]]) {
    const { browser } = await following();
    await browser.last().say("connected", { ...HELLO, resumed: false, snapshot: SNAPSHOT }, "ab.3");
    browser.fire(away ?? "");
    assert.equal(browser.last().isOpen, false);
    await browser.advance(60_000);
    assert.equal(browser.streams.length, 1);
    browser.fire(back ?? "");
    await settle();
    assert.equal(browser.last().url, "/v1/stream?after=ab.3");
    browser.fire(back ?? ""); // nothing to mend
    await settle();
    assert.equal(browser.streams.length, 2);
  }
});

test("offline is shown at once, and the network's return opens at once", async () => {
  const { browser, states } = await following();
  await browser.last().say("connected", { ...HELLO, resumed: true });
  browser.online = false;
  browser.fire("offline");
  await browser.last().break(true);
  browser.online = true;
  browser.fire("online");
  await settle();
  await browser.last().say("connected", { ...HELLO, resumed: true });
  assert.deepEqual(states, ["reconnecting", "live", "offline", "live"]);
  assert.equal(browser.streams.length, 2);
});

test("after stop nothing is heard and nothing opens", async () => {
  const { browser, seen, stream } = await following();
  const source = browser.last();
  stream.stop();
  await source.say("balance-updated", { newBalance: 1 }, "ab.1");
  browser.fire("online");
  await browser.advance(60 * 60_000);
  assert.deepEqual([seen, browser.streams.length, source.isOpen], [[], 1, false]);
});

test("a server that may not be up to date looks like a lost connection, until the next stream", async () => {
  const { browser, states } = await following();
  await browser.last().say("connected", { ...HELLO, resumed: false, snapshot: SNAPSHOT }, "ab.10");
  assert.deepEqual(states, ["reconnecting", "live"]);
  await browser.last().say("stale", { since: "2026-11-28T00:00:00.000Z", message: "Not up to date for a moment." });
  await browser.last().say("error", { code: "unavailable", message: "Reconnecting." });
  assert.deepEqual(states, ["reconnecting", "live", "reconnecting"]);
});

test("every event is told, also one that no handler knows, and a handler's fault costs nobody else", async () => {
  const told = /** @type {any[]} */ ([]);
  const fail = () => {
    throw new Error("a page's fault");
  };
  const { browser, stream } = await following({ options: { handlers: { "new-order": fail }, onEvent: (/** @type {string} */ type) => told.push(type) } });
  await browser.last().say("new-order", {}, "ab.40");
  await browser.last().say("brand-new", {}, "ab.41");
  assert.deepEqual([told, stream.position()], [["new-order", "brand-new"], 41]);
  await assert.rejects(browser.advance(1), /a page's fault/);
});

/** @param {{status?: number, token?: string}} setup  how the server answers when the session would be renewed */
async function expiring({ status = 200, token = "old" }) {
  const kept = /** @type {string[]} */ ([]);
  const warned = /** @type {any[]} */ ([]);
  const { env, browser } = fakeBrowser((/** @type {any} */ request) =>
    isStream(request) ? undefined : answer(status, status === 200 ? { token: "new", expiresAt: "later" } : { code: "session-not-renewable" }));
  const client = createClient({ ...(token && { token }), onToken: (next) => kept.push(next), env });
  client.follow({ handlers: { "session-expiring": (data) => warned.push(data) } });
  await settle();
  await browser.last().say("connected", { ...HELLO, resumed: false, snapshot: SNAPSHOT }, "ab.10");
  await browser.last().say("session-expiring", { expiresAt: "soon" });
  await settle();
  const renewals = browser.requests.filter(({ path }) => path === "/v1/auth/renew");
  return { browser, kept, warned, renewals };
}

test("a session that would expire goes on, and the stream behind its cursor with it", async () => {
  const { browser, kept, warned, renewals } = await expiring({});
  assert.deepEqual([kept, warned, renewals.length], [["new"], [], 1]);
  assert.equal(browser.streams.length, 2);
  const last = browser.last();
  assert.deepEqual([last.url, last.init.headers.Authorization], ["/v1/stream?after=ab.10", "Bearer new"]);
});

test("a browser's session goes on by its cookie, and no token is kept", async () => {
  const { browser, kept, warned } = await expiring({ token: "" });
  assert.deepEqual([kept, warned, browser.streams.length], [[], [], 2]);
  assert.equal(browser.last().init.headers.Authorization, undefined);
});

test("somebody whose session can't go on is told, and the stream stays to its end", async () => {
  const { browser, kept, warned } = await expiring({ status: 409 });
  assert.deepEqual([kept, warned, browser.streams.length], [[], [{ expiresAt: "soon" }], 1]);
});
