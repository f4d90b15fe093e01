// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "../../../static/js/festival-push.js";
import { answer, fakeBrowser, settle } from "./support.js";

const HELLO = { userId: "anna", userType: "customer", message: "hello" };
const SNAPSHOT = { balance: 500, currency: "EUR", orders: [], unread: 0, rooms: [] };

/** @param {{token?: string, respond?: any, options?: any}} [setup] */
async function following({ token, respond, options } = {}) {
  const { env, browser } = fakeBrowser(respond);
  const seen = /** @type {any[]} */ ([]);
  const states = /** @type {any[]} */ ([]);
  const client = createClient({ ...(token ? { token } : {}), env });
  const stream = client.follow({
    handlers: {
      connected: (data) => seen.push(["connected", data.resumed]),
      "balance-updated": (data) => seen.push(data.newBalance),
    },
    onState: (state, ended) => states.push(ended ? [state, ended.code] : state),
    ...options,
  });
  await settle();
  return { browser, seen, states, stream };
}

test("a snapshot sets the cursor, and events after it are handed over once", async () => {
  const { browser, seen, stream } = await following();
  const source = browser.last();
  assert.equal(source.url, "/v1/stream");
  source.say("connected", { ...HELLO, resumed: false, snapshot: SNAPSHOT }, "ab.10");
  for (const position of [9, 10, 11, 11, 12, 5]) source.say("balance-updated", { newBalance: position }, `ab.${position}`);
  assert.deepEqual(seen, [["connected", false], 11, 12]);
  assert.equal(stream.position(), 12);
});

test("frames without an id of their own are never taken for old ones", async () => {
  const { browser, seen } = await following();
  browser.last().say("connected", { ...HELLO, resumed: false, snapshot: SNAPSHOT }, "ab.10");
  browser.last().say("balance-updated", { newBalance: 1 }, "ab.11");
  browser.last().say("balance-updated", { newBalance: 2 }, "ab.11"); // EventSource repeats the last id it knows
  assert.deepEqual(seen.slice(1), [1, 2]);
});

test("a snapshot of a restored log replaces a higher cursor", async () => {
  const { browser, seen } = await following();
  browser.last().say("connected", { ...HELLO, resumed: false, snapshot: SNAPSHOT }, "old.900");
  browser.last().break();
  browser.last().say("connected", { ...HELLO, resumed: false, reason: "other-epoch", snapshot: SNAPSHOT }, "new.3");
  browser.last().say("balance-updated", { newBalance: 4 }, "new.4");
  assert.deepEqual(seen, [["connected", false], ["connected", false], 4]);
});

test("with a cookie the browser itself retries a plain loss", async () => {
  const { browser, states } = await following();
  browser.last().say("connected", { ...HELLO, resumed: true });
  browser.last().break();
  await browser.advance(60_000);
  assert.equal(browser.sources.length, 1);
  assert.deepEqual(states, ["reconnecting", "live", "reconnecting"]);
});

test("a refused stream is opened again behind the cursor, later and later", async () => {
  const { browser } = await following();
  browser.random = 0.99;
  browser.last().say("connected", { ...HELLO, resumed: false, snapshot: SNAPSHOT }, "ab.10");
  const waits = [];
  for (let attempt = 0; attempt < 7; attempt += 1) {
    browser.last().break(true);
    let waited = 0;
    for (const before = browser.sources.length; browser.sources.length === before; waited += 100) await browser.advance(100);
    waits.push(waited);
    assert.equal(browser.last().url, "/v1/stream?after=ab.10");
  }
  assert.deepEqual(waits, [1_000, 2_000, 4_000, 8_000, 15_900, 29_700, 29_700].map((ms) => Math.ceil(ms / 100) * 100));
});

test("a connection that held ends the back-off", async () => {
  const { browser } = await following();
  browser.random = 0.99;
  for (let attempt = 0; attempt < 6; attempt += 1) {
    browser.last().break(true);
    await browser.advance(30_000);
  }
  browser.last().say("connected", { ...HELLO, resumed: true });
  await browser.advance(11_000);
  const count = browser.sources.length;
  browser.last().break(true);
  await browser.advance(1_000);
  assert.equal(browser.sources.length, count + 1);
});

test("a refusal because nobody is signed in ends it", async () => {
  const respond = ({ path }) => (path === "/v1/me" ? answer(401, { code: "unauthorized", title: "Sign in." }) : answer(200, {}));
  const { browser, states } = await following({ respond });
  browser.last().break(true);
  await browser.advance(60_000);
  assert.deepEqual(states, ["reconnecting", ["signed-out", "unauthorized"]]);
  assert.equal(browser.sources.length, 1);
});

test("with a token every loss gets a fresh ticket, and the bearer never stands in a URL", async () => {
  let tickets = 0;
  const respond = () => answer(200, { ticket: `t${(tickets += 1)}`, expiresAt: "" });
  const { browser } = await following({ token: "secret", respond });
  assert.equal(browser.last().url, "/v1/stream?ticket=t1");
  browser.last().say("connected", { ...HELLO, resumed: false, snapshot: SNAPSHOT }, "ab.7");
  browser.last().break();
  assert.equal(browser.last().readyState, 2); // so that the browser doesn't retry with the spent ticket
  await browser.advance(1_000);
  assert.equal(browser.last().url, "/v1/stream?ticket=t2&after=ab.7");
  assert.deepEqual(browser.requests.map(({ method, path, headers }) => [method, path, headers.Authorization]),
    [["POST", "/v1/auth/stream-tickets", "Bearer secret"], ["POST", "/v1/auth/stream-tickets", "Bearer secret"]]);
});

test("the server's own error ends the stream when it is final, and not otherwise", async () => {
  const { browser, states } = await following();
  browser.last().say("error", { code: "draining", message: "Back in a moment." });
  browser.last().break();
  assert.deepEqual(states, ["reconnecting"]);
  browser.last().say("error", { code: "suspended", message: "Suspended." });
  await browser.advance(60_000);
  assert.deepEqual(states, ["reconnecting", ["signed-out", "suspended"]]);
  assert.equal(browser.last().readyState, 2);
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
  browser.last().say("connected", { ...HELLO, userId: "bert", resumed: false, snapshot: SNAPSHOT }, "ab.1");
  browser.last().say("balance-updated", { newBalance: 1 }, "ab.2");
  assert.deepEqual(seen, []);
  assert.deepEqual(states, ["reconnecting", ["signed-out", "other-user"]]);
});

test("waking up after a long sleep opens a new connection, after a glance elsewhere not", async () => {
  const { browser } = await following();
  browser.last().say("connected", { ...HELLO, resumed: true });
  const sleep = async (/** @type {number} */ ms) => {
    browser.hidden = true;
    browser.fire("visibilitychange");
    await browser.advance(ms);
    browser.hidden = false;
    browser.fire("visibilitychange");
    await settle();
  };
  await sleep(5_000);
  assert.equal(browser.sources.length, 1);
  await sleep(31_000);
  assert.equal(browser.sources.length, 2);
});

test("the back/forward cache gets a page without connection, and gives back one with", async () => {
  const { browser } = await following();
  browser.fire("pagehide");
  assert.equal(browser.last().readyState, 2);
  browser.fire("pageshow");
  await settle();
  assert.equal(browser.sources.length, 2);
  browser.fire("pageshow"); // nothing to mend
  await settle();
  assert.equal(browser.sources.length, 2);
});

test("the first pageshow does not open a second connection", async () => {
  const { env, browser } = fakeBrowser(() => answer(200, { ticket: "t" }));
  createClient({ token: "x", env }).follow({ handlers: {} });
  browser.fire("pageshow"); // while the ticket is on its way
  await browser.advance(100);
  assert.deepEqual([browser.sources.length, browser.requests.length], [1, 1]);
});

test("offline is shown at once, and the network's return opens at once", async () => {
  const { browser, states } = await following();
  browser.last().say("connected", { ...HELLO, resumed: true });
  browser.online = false;
  browser.fire("offline");
  browser.last().break();
  browser.online = true;
  browser.fire("online");
  await settle();
  browser.last().say("connected", { ...HELLO, resumed: true });
  assert.deepEqual(states, ["reconnecting", "live", "offline", "live"]);
  assert.equal(browser.sources.length, 2);
});

test("a connection silent for long is opened anew, but not behind a dark screen", async () => {
  const { browser } = await following();
  browser.last().say("connected", { ...HELLO, resumed: true });
  browser.hidden = true;
  await browser.advance(30 * 60_000);
  assert.equal(browser.sources.length, 1);
  browser.hidden = false;
  await browser.advance(8 * 60_000);
  assert.equal(browser.sources.length, 2);
});

test("after stop nothing is heard and nothing opens", async () => {
  const { browser, seen, stream } = await following();
  stream.stop();
  browser.last().say("balance-updated", { newBalance: 1 }, "ab.1");
  browser.fire("online");
  await browser.advance(60 * 60_000);
  assert.deepEqual([seen, browser.sources.length], [[], 1]);
});

test("the cursor moves on past events that the page has no use for", async () => {
  const { browser, stream } = await following();
  browser.last().say("new-transaction", {}, "ab.41");
  assert.equal(stream.position(), 41);
});
