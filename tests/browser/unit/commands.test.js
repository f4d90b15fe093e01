// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient, ProblemError } from "../../../static/sdk/festival-push.js";
import { createKeyring, randomKey } from "../../../static/sdk/idempotency.js";
import { answer, fakeBrowser } from "./support.js";

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
