// @ts-check
/** Several tabs of one browser against one log: whatever happens to them, each sees each event once. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "../../../static/sdk/festival-push.js";
import { answer, fakeBrowser, fakeClock, settle } from "./support.js";

/** Web Locks and BroadcastChannel, shared by all tabs. */
function fakeOrigin() {
  const queue = /** @type {any[]} */ ([]);
  const channels = new Set();
  /** @param {any} entry */
  function grant(entry) {
    entry.isHeld = true; // from the moment that it is promised
    Promise.resolve(entry.held({})).then(() => (drop(entry), entry.resolve()));
  }
  /** @param {any} entry */
  function drop(entry) {
    const at = queue.indexOf(entry);
    if (at >= 0) queue.splice(at, 1);
    const next = queue.find(({ name }) => name === entry.name);
    if (next && !next.isHeld) grant(next);
  }
  const locks = {
    request: (/** @type {string} */ name, /** @type {any} */ { signal, steal }, /** @type {any} */ held) =>
      new Promise((resolve, reject) => {
        const entry = { name, held, resolve, reject, isHeld: false };
        signal?.addEventListener("abort", () => !entry.isHeld && (drop(entry), reject(new DOMException("aborted", "AbortError"))));
        const holder = queue.find((other) => other.name === name && other.isHeld);
        if (steal && holder) {
          queue.splice(queue.indexOf(holder), 1);
          holder.reject(new DOMException("stolen", "AbortError"));
        }
        steal ? queue.unshift(entry) : queue.push(entry);
        entry.isHeld = steal || !holder;
        if (entry.isHeld) Promise.resolve().then(() => grant(entry));
      }),
  };
  const openChannel = (/** @type {string} */ name) => {
    const channel = {
      name,
      isFrozen: false,
      onmessage: /** @type {any} */ (null),
      close: () => void channels.delete(channel),
      postMessage: (/** @type {any} */ data) =>
        channels.forEach((other) => other !== channel && other.name === name && !other.isFrozen &&
          Promise.resolve().then(() => channels.has(other) && other.onmessage?.({ data: structuredClone(data) }))),
    };
    channels.add(channel);
    return channel;
  };
  return { locks, openChannel, channels, holders: () => queue.filter(({ isHeld }) => isHeld).length };
}

/** A log, and the server in front of it. */
function fakeServer() {
  let epoch = "ab";
  let head = 10;
  const live = /** @type {Set<any>} */ (new Set());
  const HELLO = { userId: "anna", userType: "customer", message: "", heartbeat: 15 };
  const missed = (/** @type {string} */ after) => {
    const [name, position] = after.split(".");
    if (name !== epoch || Number(position) > head) return null;
    return Array.from({ length: head - Number(position) }, (_, index) => Number(position) + 1 + index);
  };
  const server = {
    isAway: false,
    lag: 0, // how far behind the long poll's database is
    open: () => Array.from(live).filter((stream) => stream.isOpen).length,
    asks: "anna", // whose session the long poll finds
    /** One more event, told to every open stream. */
    async tell() {
      head += 1;
      for (const stream of live) await stream.say("balance-updated", { n: head }, `${epoch}.${head}`);
    },
    beat() {
      for (const stream of live) stream.write(":\n\n");
    },
    restore() {
      epoch = "cd";
      head = 4;
      for (const stream of live) void stream.break(true);
    },
    head: () => head,
    /** @param {string} path */
    respond(path) {
      if (server.isAway) return new TypeError("network");
      const after = new URL(path, "http://here").searchParams.get("after") ?? "";
      const behind = head - server.lag;
      const events = missed(after)?.filter((n) => n <= behind);
      if (!events) return answer(200, { ...HELLO, userId: server.asks, events: [], next: `${epoch}.${behind}`, resumed: false, snapshot: { n: behind } });
      const page = events.slice(0, 200);
      return answer(200, { ...HELLO, resumed: true, next: `${epoch}.${page.at(-1) ?? behind}`,
        events: page.map((n) => ({ id: `${epoch}.${n}`, event: "balance-updated", data: { n } })) });
    },
    /** @param {any} stream */
    accept(stream) {
      live.add(stream);
      const events = missed(new URL(stream.url, "http://here").searchParams.get("after") ?? "");
      if (events) void stream.say("connected", { ...HELLO, resumed: true });
      else void stream.say("connected", { ...HELLO, resumed: false, snapshot: { n: head } }, `${epoch}.${head}`);
      for (const n of events ?? []) void stream.say("balance-updated", { n }, `${epoch}.${n}`);
    },
  };
  return server;
}

function world() {
  const origin = fakeOrigin();
  const server = fakeServer();
  const clock = fakeClock();
  const beat = () => {
    server.beat();
    clock.setTimeout(beat, 10_000);
  };
  beat();
  /** A tab, and what it has shown: a snapshot as ["=", n], an event as n. */
  async function open({ token = "t", userId = "anna" } = {}) {
    const seen = /** @type {any[]} */ ([]);
    const states = /** @type {string[]} */ ([]);
    const faults = /** @type {string[]} */ ([]);
    let accepted = 0;
    let channel = /** @type {any} */ (null);
    const { env, browser } = fakeBrowser(({ path, headers }) => {
      if (headers.Accept !== "text/event-stream") return server.respond(path);
      return server.isAway ? new TypeError("network") : void queueMicrotask(() => void settle().then(() => server.accept(browser.streams[accepted++])));
    }, { ...clock, locks: origin.locks, openChannel: (name) => (channel = origin.openChannel(name)) });
    const client = createClient({ token, env });
    const stream = client.follow({
      userId,
      handlers: { connected: ({ snapshot }) => snapshot && seen.push(["=", snapshot.n]), "balance-updated": ({ n }) => seen.push(n), error: ({ code }) => faults.push(code) },
      onState: (state) => states.push(state),
    });
    await clock.advance(300);
    const tab = { seen, states, faults, browser, stream, leads: () => browser.streams.some(({ isOpen }) => isOpen), channel: () => channel, crash: () => {} };
    tab.crash = () => browser.fire("pagehide");
    return tab;
  }
  return { origin, server, clock, open };
}

/** Whether what a tab has shown is the whole truth: events in order, none missing between a snapshot and the next.
 * @param {any} tab @param {number} head */
function assertWhole(tab, head) {
  let at = 0;
  for (const shown of tab.seen) {
    if (Array.isArray(shown)) at = shown[1];
    else assert.equal(shown, (at += 1), `${JSON.stringify(tab.seen)}`);
  }
  assert.equal(at, head, JSON.stringify(tab.seen));
}

test("tabs of one session share one stream, and each sees each event once", async () => {
  const { server, open } = world();
  const [first, second, third] = [await open(), await open(), await open()];
  await server.tell();
  await server.tell();
  assert.equal(server.open(), 1);
  for (const tab of [first, second, third]) {
    assert.deepEqual(tab.seen, [["=", 10], 11, 12]);
    assert.equal(tab.states.at(-1), "live");
  }
});

test("tabs of different sessions never mix", async () => {
  const { server, open } = world();
  await open({ token: "one" });
  await open({ token: "two" });
  assert.equal(server.open(), 2);
});

test("when the leader closes, another goes on behind its own cursor", async () => {
  const { server, clock, open } = world();
  const [first, second, third] = [await open(), await open(), await open()];
  await server.tell();
  first.stream.stop();
  await server.tell(); // nobody is listening
  await clock.advance(2_000);
  await server.tell();
  assert.equal(server.open(), 1);
  for (const tab of [second, third]) {
    assertWhole(tab, 13);
    assert.deepEqual(tab.seen.filter(Array.isArray).length, 1); // no second snapshot
  }
  assert.deepEqual(first.seen, [["=", 10], 11]);
});

test("a leader that hangs is replaced by a tab that is looked at, and follows when it wakes", async () => {
  const { server, clock, open } = world();
  const [first, second] = [await open(), await open()];
  first.channel().isFrozen = true;
  first.browser.hidden = true;
  first.browser.last().isOpen = false; // it reads no more
  await server.tell();
  assert.deepEqual(second.seen, [["=", 10]]);
  await clock.advance(25_000);
  assertWhole(second, 11);
  assert.equal(second.leads(), true);
  const thawed = first.channel();
  thawed.isFrozen = false;
  await clock.advance(15_000);
  await server.tell();
  for (const tab of [first, second]) assertWhole(tab, 12);
  assert.equal(server.open(), 1);
});

test("a hidden tab takes nothing away from a leader that is slow", async () => {
  const { clock, open } = world();
  const [first, second] = [await open(), await open()];
  second.browser.hidden = true;
  first.channel().isFrozen = true;
  await clock.advance(60_000);
  assert.equal(second.browser.streams.length, 0);
});

test("a restored log reaches every tab as a snapshot", async () => {
  const { server, clock, open } = world();
  const [first, second] = [await open(), await open()];
  await server.tell();
  server.restore();
  await clock.advance(10_000);
  await server.tell();
  for (const tab of [first, second]) {
    assert.deepEqual(tab.seen, [["=", 10], 11, ["=", 4], 5]);
  }
});

test("a tab whose reads lag behind the leader's asks until it has everything", async () => {
  const { server, clock, open } = world();
  const first = await open();
  for (let count = 0; count < 5; count += 1) await server.tell();
  server.lag = 3;
  const second = await open();
  assert.deepEqual(second.states.at(-1), "reconnecting");
  await server.tell(); // live, while the tab still catches up
  server.lag = 0;
  await clock.advance(5_000);
  for (const tab of [first, second]) assertWhole(tab, 16);
  assert.equal(second.states.at(-1), "live");
});

test("a signed-out leader steps down, and the next tab finds out for itself", async () => {
  const { server, clock, origin, open } = world();
  const [first, second] = [await open(), await open()];
  await first.browser.last().say("error", { code: "session-ended", message: "Signed out." });
  await clock.advance(2_000);
  assert.equal(first.states.at(-1), "signed-out");
  assert.equal(second.leads(), true);
  await server.tell();
  assertWhole(second, 11);
  assert.equal(origin.holders(), 1);
});

test("all tabs hear that their person is something else now, and the leader alone of other faults", async () => {
  const { open } = world();
  const [first, second] = [await open(), await open()];
  await first.browser.last().say("error", { code: "slow", message: "Too slow." });
  await first.browser.last().say("error", { code: "role-changed", message: "What you may do has changed." });
  await settle();
  assert.deepEqual([first.faults, second.faults], [["slow", "role-changed"], ["role-changed"]]);
});

test("a tab whose cookie has changed hands shows nothing of the other person", async () => {
  const { server, open } = world();
  await open();
  server.asks = "bert";
  const second = await open();
  assert.deepEqual(second.seen, []);
  assert.equal(second.states.at(-1), "signed-out");
});

test("a browser without locks has a stream for each tab", async () => {
  const { env, browser } = fakeBrowser(undefined, { openChannel: fakeOrigin().openChannel });
  createClient({ env }).follow({ userId: "anna" });
  await settle();
  assert.equal(browser.streams.length, 1);
});

test("where locks are refused, as in a sandboxed frame, each tab has a stream of its own", async () => {
  const { server, clock, open, origin } = world();
  origin.locks.request = () => Promise.reject(new DOMException("no", "SecurityError"));
  const tabs = [await open(), await open()];
  await server.tell();
  await clock.advance(30_000);
  assert.equal(server.open(), 2);
  for (const tab of tabs) assertWhole(tab, 11);
});

test("whatever happens to the tabs, each sees everything once", async () => {
  for (let seed = 1; seed <= 25; seed += 1) {
    let state = seed;
    const roll = (/** @type {number} */ sides) => (state = (state * 48_271) % 2_147_483_647) % sides;
    const { server, clock, open } = world();
    const tabs = [await open(), await open()];
    const away = new Set();
    const steps = [
      async () => void (tabs.length < 5 && tabs.push(await open())),
      () => server.tell(),
      () => server.tell(),
      () => clock.advance(roll(5_000)),
      async () => {
        const tab = tabs[roll(tabs.length)];
        if (!tab) return;
        tab.browser.fire(away.delete(tab) ? "pageshow" : (away.add(tab), "pagehide"));
      },
      async () => void (server.isAway = roll(3) === 0),
      async () => {
        if (roll(8) === 0) server.restore();
      },
      async () => void (await tabs[roll(tabs.length)]?.browser.streams.at(-1)?.break(true)),
    ];
    for (let step = 0; step < 40; step += 1) await steps[roll(steps.length)]?.();
    server.isAway = false;
    for (const tab of away) tab.browser.fire("pageshow");
    await clock.advance(90_000);
    await server.tell();
    await clock.advance(1_000);
    assert.equal(server.open(), 1, `seed ${seed}`);
    for (const tab of tabs) assertWhole(tab, server.head());
  }
});
