// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient, ProblemError } from "../../../static/sdk/festival-push.js";
import { createKeyring, randomKey } from "../../../static/sdk/idempotency.js";
import { createClock } from "../../../static/sdk/wire/http.js";
import { answer, fakeBrowser, settle } from "./support.js";

const WISH = { vendorId: "v", items: [], expectedTotal: 450 };

/** @param {any[]} answers  given in turn; the last one for ever */
function clientWith(answers, options = {}) {
  const { env, browser } = fakeBrowser(() => {
    const next = answers.length > 1 ? answers.shift() : answers[0];
    return typeof next === "function" ? next() : next;
  });
  return { client: createClient({ ...options, env }), browser, keys: () => browser.requests.map(({ headers }) => headers["Idempotency-Key"]) };
}

/** @param {Promise<any>} promise */
const outcome = (promise) => promise.then((value) => ({ value }), (error) => ({ error }));

test("a lost answer is asked for again with the same key", async () => {
  const { client, browser, keys } = clientWith([new TypeError("network"), answer(503), () => answer(201, { order: 1 }, { "Idempotent-Replayed": "true" })]);
  const placing = outcome(client.command("/v1/orders", WISH));
  await browser.advance(20_000);
  const { value } = await placing;
  assert.deepEqual(value, { data: { order: 1 }, status: 201, replayed: true });
  assert.equal(keys().length, 3);
  assert.equal(new Set(keys()).size, 1);
});

test("trying ends after twenty seconds, and the next tap asks for the same wish", async () => {
  const { client, browser, keys } = clientWith([new TypeError("network")]);
  const first = outcome(client.command("/v1/orders", WISH));
  await browser.advance(25_000);
  const { error } = await first;
  assert.equal(error.code, "network");
  const second = outcome(client.command("/v1/orders", WISH));
  await browser.advance(25_000);
  await second;
  assert.equal(new Set(keys()).size, 1);
});

test("a command with a key of its own leaves the same wish open that another page has sent", async () => {
  const { client, browser, keys } = clientWith([answer(500, {}), () => answer(201, {})]);
  await outcome(client.command("/v1/orders", WISH)); // whether it took effect is not known
  await client.command("/v1/orders", WISH, { key: "own" });
  await client.command("/v1/orders", WISH);
  await browser.advance(0);
  const [first, own, again] = keys();
  assert.deepEqual([own, again], ["own", first]);
});

/** A client that follows its stream, which a test can cut. @param {(request: import("./support.js").Asked) => any} respond */
async function following(respond) {
  const { env, browser } = fakeBrowser((request) => (request.headers.Accept === "text/event-stream" ? undefined : respond(request)));
  const client = createClient({ env });
  const { stop } = client.follow({ userId: "anna" });
  await browser.advance(0);
  await browser.last().say("connected", { userId: "anna", heartbeat: 15, resumed: false, snapshot: {} }, "e.1");
  const cut = async () => {
    browser.online = false;
    browser.fire("offline");
    await settle();
  };
  const posts = () => browser.requests.filter(({ method }) => method === "POST");
  return { client, browser, cut, posts, stop };
}

test("what is known to be offline is told at once, and nothing is sent", async () => {
  const { client, cut, posts, stop } = await following(() => answer(201, {}));
  await cut();
  for (const tried of [client.command("/v1/orders", WISH), client.post("/v1/me/pin", {}), client.patch("/v1/menu/a", {}), client.del("/v1/displays/a")]) {
    const { error } = await outcome(tried);
    assert.deepEqual([error.code, error.status], ["offline", 0]);
  }
  assert.equal(posts().length, 0);
  stop();
});

test("an order that never left is a new one later; one that may have gone through keeps its key", async () => {
  let isLost = false;
  const { client, browser, cut, posts, stop } = await following(() => (isLost ? answer(500, {}) : answer(201, {})));
  isLost = true;
  await outcome(client.command("/v1/orders", WISH)); // whether it took effect is not known
  await cut();
  assert.equal((await outcome(client.command("/v1/orders", WISH))).error.code, "network"); // so "nothing was sent" would be a lie
  assert.equal((await outcome(client.command("/v1/orders", { other: 1 }))).error.code, "offline");
  browser.online = true;
  isLost = false;
  await outcome(client.command("/v1/orders", WISH));
  assert.equal(new Set(posts().map(({ headers }) => headers["Idempotency-Key"])).size, 1);
  stop();
});

test("a browser that is wrong about the network doesn't stop anybody whose stream lives", async () => {
  const { client, browser, stop } = await following(() => answer(201, { ok: 1 }));
  browser.online = false; // without the event that a real cut has
  assert.deepEqual((await outcome(client.command("/v1/orders", WISH))).value?.data, { ok: 1 });
  stop();
});

test("while the stream is away, tries end after four seconds, and reads say that they are offline", async () => {
  const { client, browser, cut, stop } = await following(() => new TypeError("network"));
  await browser.last().break(true);
  let isOver = false;
  const tried = outcome(client.command("/v1/orders", WISH)).then((value) => {
    isOver = true;
    return value;
  });
  await browser.advance(4_100);
  assert.equal(isOver, true);
  assert.equal((await tried).error.code, "network");
  await cut();
  assert.equal((await outcome(client.get("/v1/vendors"))).error.code, "offline");
  stop();
});

test("who waits is told so once, and can call it off", async () => {
  const { client, browser, keys } = clientWith([new TypeError("network")]);
  const call = new AbortController();
  let told = 0;
  const tried = outcome(client.command("/v1/orders", WISH, { signal: call.signal, onWaiting: () => (told += 1) }));
  await browser.advance(3_000);
  assert.equal(told, 1);
  call.abort();
  await browser.advance(0);
  assert.equal((await tried).error.code, "network");
  const tries = browser.requests.length;
  await browser.advance(30_000);
  assert.equal(browser.requests.length, tries);
  await Promise.all([outcome(client.command("/v1/orders", WISH)), browser.advance(30_000)]);
  assert.equal(new Set(keys()).size, 1); // it may have gone through all the same
});

test("a silent network is told after two seconds, an answer in time never", async () => {
  let told = 0;
  const onWaiting = () => (told += 1);
  const silent = clientWith([() => new Promise(() => {})]);
  void outcome(silent.client.command("/v1/orders", WISH, { onWaiting }));
  await silent.browser.advance(1_900);
  assert.equal(told, 0);
  await silent.browser.advance(200);
  assert.equal(told, 1);
  const quick = clientWith([() => answer(201, {})]);
  await quick.client.command("/v1/orders", WISH, { onWaiting });
  await quick.browser.advance(5_000);
  assert.equal(told, 1);
});

test("the server's clock is read from its answers, a second late at most", () => {
  let now = 1_000_000;
  const clock = createClock(() => now);
  assert.equal(clock.serverNow(), now);
  const server = (/** @type {number} */ ahead) => new Date(now + ahead).toUTCString(); // whole seconds
  clock.hear(null, now);
  for (let step = 0; step < 20; step += 1) {
    const askedAt = now;
    now += 137;
    clock.hear(server(90_000), askedAt);
    const late = clock.serverNow() - (now + 90_000);
    assert.ok(late >= 0 && late <= 1_137, String(late));
  }
  clock.hear(server(-3_600_000), now); // somebody has set the phone's clock
  assert.ok(Math.abs(clock.serverNow() - (now - 3_600_000)) <= 1_000);
});

test("two equal taps at once are one wish", async () => {
  const { client, keys } = clientWith([() => answer(201, {})]);
  await Promise.all([client.command("/v1/orders", WISH), client.command("/v1/orders", WISH)]);
  assert.equal(new Set(keys()).size, 1);
});

test("a decided wish is over: the same one again is new", async () => {
  for (const decided of [() => answer(201, {}), () => answer(409, { code: "insufficient-funds" })]) {
    const { client, keys } = clientWith([decided]);
    await outcome(client.command("/v1/orders", WISH));
    await outcome(client.command("/v1/orders", WISH));
    assert.equal(new Set(keys()).size, 2);
  }
});

test("an answer that decided nothing keeps the key", async () => {
  for (const status of [401, 403, 429, 500]) {
    const { client, keys } = clientWith([() => answer(status, {})]);
    await outcome(client.command("/v1/orders", WISH));
    await outcome(client.command("/v1/orders", WISH));
    assert.equal(new Set(keys()).size, 1, `after ${status}`);
  }
});

test("a wish whose answer was lost is not decided by what something in between says", async () => {
  for (const said of [() => new Response("<h1>Not Found</h1>", { status: 404 }), () => answer(400, {}), () => answer(200)]) {
    const { client, keys, browser } = clientWith([new TypeError("network"), said]);
    for (let tap = 0; tap < 2; tap += 1) { // the first may have been charged when the network went
      const tapped = outcome(client.command("/v1/orders", WISH));
      await browser.advance(30_000);
      assert.ok((await tapped).error instanceof ProblemError);
    }
    assert.equal(new Set(keys()).size, 1, String(said().status));
  }
});

test("an unanswered wish is forgotten after ten minutes, and when somebody else comes", () => {
  const { env } = fakeBrowser();
  let now = 0;
  const keys = createKeyring({ store: env.tabStore, now: () => now });
  const first = keys.keyFor("wish");
  assert.equal(keys.keyFor("wish"), first);
  now = 11 * 60_000;
  const second = keys.keyFor("wish");
  assert.notEqual(second, first);
  keys.clear();
  assert.notEqual(keys.keyFor("wish"), second);
});

test("an ordinary post is sent once, whatever becomes of it", async () => {
  const { client, browser } = clientWith([new TypeError("network")]);
  const { error } = await outcome(client.post("/v1/auth/login", {}));
  assert.equal(error.status, 0);
  assert.equal(browser.requests.length, 1);
});

test("a problem document becomes an error with its parts", async () => {
  const body = { type: "/problems/insufficient-funds", title: "No.", status: 409, code: "insufficient-funds", detail: "D", balance: 5, total: 9, errors: [{ field: "x", message: "y" }] };
  const { client } = clientWith([answer(409, body, { "Retry-After": "7" })]);
  const { error } = await outcome(client.post("/v1/orders", {}));
  assert.ok(error instanceof ProblemError);
  assert.deepEqual([error.status, error.code, error.title, error.detail, error.retryAfter, error.params.balance, error.errors.length],
    [409, "insufficient-funds", "No.", "D", 7, 5, 1]);
});

test("a proxy's HTML page is still an error with a status", async () => {
  const { client } = clientWith([new Response("<h1>Bad Gateway</h1>", { status: 502 })]);
  const { error } = await outcome(client.post("/v1/orders", {}));
  assert.deepEqual([error.status, error.code], [502, "http-502"]);
});

test("a wait that the server asks for is kept, and too long a one is told", async () => {
  const { client, browser } = clientWith([answer(503, {}, { "Retry-After": "8" }), answer(200, { ok: 1 })]);
  const reading = outcome(client.get("/v1/me"));
  await browser.advance(7_900);
  assert.equal(browser.requests.length, 1);
  await browser.advance(2_000);
  assert.deepEqual(await reading, { value: { ok: 1 } });
  const busy = clientWith([answer(503, {}, { "Retry-After": "60" })]);
  assert.equal((await outcome(busy.client.get("/v1/me"))).error.retryAfter, 60);
});

test("a token goes into the header, and the cookie then stays at home", async () => {
  const { client, browser } = clientWith([() => answer(200, {})], { token: "t" });
  await client.get("/v1/me");
  assert.deepEqual([browser.requests[0]?.headers.Authorization, browser.requests[0]?.credentials], ["Bearer t", "omit"]);
  const byCookie = clientWith([() => answer(200, {})]);
  await byCookie.client.get("/v1/me");
  assert.deepEqual([byCookie.browser.requests[0]?.headers.Authorization, byCookie.browser.requests[0]?.credentials], [undefined, "same-origin"]);
});

test("a key is a random UUID also where randomUUID is missing", () => {
  const source = { getRandomValues: (/** @type {any} */ bytes) => crypto.getRandomValues(bytes) };
  const keys = Array.from({ length: 100 }, () => randomKey(/** @type {any} */ (source)));
  for (const key of keys) assert.match(key, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(new Set(keys).size, 100);
});
