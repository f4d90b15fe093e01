// @ts-check
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { createClient, ProblemError } from "../../../../static/sdk/festival-push.js";
import { prove, wantedWork } from "../../../../static/sdk/wire/proof.js";
import { crowdWords } from "../../../../static/ui/format/words.js";
import { inTurn } from "../../../../static/ui/sign-in.js";
import { answer, fakeBrowser } from "../support.js";

const LOGIN = "/v1/auth/login";
const digest = (/** @type {BufferSource} */ text) => crypto.subtle.digest("SHA-256", text);
const zeroBits = (/** @type {string} */ text) => Math.clz32(createHash("sha256").update(text).digest().readUInt32BE());

/** @param {string} challenge @param {number} [bits] */
const crowded = (challenge, bits = 8) =>
  answer(429, { code: "rate-limited", title: "T", proof: { challenge, bits } }, { "Retry-After": "3" });

/** @param {any} problem */
const refused = (problem) => new ProblemError({ status: 429, code: "rate-limited", title: "T", ...problem });

test("the work that is done is the work that was asked for", async () => {
  for (const bits of [1, 5, 11]) {
    const proof = await prove({ challenge: "abc-_9", bits }, { digest, now: () => 0 });
    assert.match(proof, /^abc-_9\.\d+$/);
    assert.ok(zeroBits(proof) >= bits, proof);
  }
});

test("work that takes too long is given up, and so is work that nobody waits for", async () => {
  const hard = new Uint8Array(32).fill(255).buffer;
  let [now, hashes] = [0, 0];
  const slow = async () => {
    hashes += 1;
    now += 10;
    return hard;
  };
  assert.equal(await prove({ challenge: "a", bits: 15 }, { digest: slow, now: () => now }), "");
  assert.ok(now >= 30_000 && now < 35_000, String(now));
  hashes = 0;
  assert.equal(await prove({ challenge: "a", bits: 15 }, { digest: slow, now: () => 0, signal: AbortSignal.abort() }), "");
  assert.equal(hashes, 0);
});

test("only work that a device can do is work", () => {
  assert.deepEqual(wantedWork(refused({ params: { proof: { challenge: "a", bits: 15 } } })), { challenge: "a", bits: 15 });
  for (const proof of [undefined, null, {}, { challenge: 1, bits: 15 }, { challenge: "a", bits: 0 }, { challenge: "a", bits: 40 }, { challenge: "a", bits: "9" }]) {
    assert.equal(wantedWork(refused({ params: { proof } })), null, JSON.stringify(proof));
  }
});

test("a sign-in that must be worked for is sent again with the work, and says that it works", async () => {
  const asked = [crowded("one"), crowded("two"), answer(200, { userId: "anna" })];
  const { env, browser } = fakeBrowser(() => asked.shift(), { digest });
  let told = 0;
  const signedIn = await createClient({ env }).post(LOGIN, { pin: "1234" }, {}, { onWork: () => (told += 1) });
  assert.equal(signedIn.userId, "anna");
  const [none, first = "", second = ""] = browser.requests.map(({ headers }) => headers["Proof-Of-Work"]);
  assert.equal(none, undefined);
  assert.deepEqual([first.split(".")[0], second.split(".")[0], told], ["one", "two", 2]);
  assert.ok(zeroBits(first) >= 8 && zeroBits(second) >= 8);
});

test("work that is called off while it is done is not sent", async () => {
  const [abort, found] = [new AbortController(), new Uint8Array(32).buffer];
  const leaving = async () => {
    abort.abort();
    return found;
  };
  const { env, browser } = fakeBrowser(() => crowded("one"), { digest: leaving });
  const registering = createClient({ env }).post("/v1/auth/register", {}, {}, { signal: abort.signal });
  await assert.rejects(registering, (/** @type {any} */ error) => error.code === "rate-limited");
  assert.equal(browser.requests.length, 1);
});

test("three proofs in vain are enough for one request", async () => {
  const { env, browser } = fakeBrowser(() => crowded("again"), { digest });
  await assert.rejects(createClient({ env }).post(LOGIN, {}), (/** @type {any} */ error) => error.code === "rate-limited" && error.params.proof.bits === 8);
  assert.equal(browser.requests.length, 4);
});

test("a browser that can't hash is told to wait", async () => {
  const { env, browser } = fakeBrowser(() => crowded("one"), { digest: null });
  await assert.rejects(createClient({ env }).post(LOGIN, {}), (/** @type {any} */ error) => error.retryAfter === 3);
  assert.equal(browser.requests.length, 1);
});

test("the sign-in waits for its turn, says so, and goes on by itself", async () => {
  const problems = [refused({ retryAfter: 3, params: { proof: { challenge: "a", bits: 15 } } }), new ProblemError({ status: 503, code: "busy", title: "T", retryAfter: 2 })];
  const said = /** @type {string[]} */ ([]);
  const pauses = /** @type {number[]} */ ([]);
  const send = async () => {
    const problem = problems.shift();
    if (problem) throw problem;
    return "in";
  };
  const say = (/** @type {string} */ words) => void said.push(words);
  const pause = async (/** @type {number} */ ms) => void pauses.push(ms);
  assert.equal(await inTurn(send, { say, pause }), "in");
  assert.ok(pauses.length === 2 && (pauses[0] ?? 0) >= 3_000 && (pauses[1] ?? 0) >= 2_000, String(pauses));
  assert.match(said[0] ?? "", /Many people.*tries again by itself in \d seconds/);
  assert.equal(said[1], "");
  assert.match(crowdWords(1), /in 1 second:/);
});

test("what is no crowd is told at once, and nobody waits for a form that is gone", async () => {
  const options = { say() {}, pause: async () => {} };
  for (const problem of [refused({}), new ProblemError({ status: 401, code: "invalid-credentials", title: "T" }), new TypeError("x")]) {
    let tries = 0;
    const send = async () => {
      tries += 1;
      throw problem;
    };
    await assert.rejects(inTurn(send, options), problem);
    assert.equal(tries, 1);
  }
  const busy = new ProblemError({ status: 503, code: "busy", title: "T" });
  let tries = 0;
  const send = async () => {
    tries += 1;
    throw busy;
  };
  await assert.rejects(inTurn(send, { ...options, isWanted: () => false }), busy);
  assert.equal(tries, 1);
});

test("a read that came too fast is asked for again", async () => {
  const { env, browser } = fakeBrowser(() => (browser.requests.length > 1 ? answer(200, { ok: 1 }) : answer(429, { code: "rate-limited" }, { "Retry-After": "1" })));
  const reading = createClient({ env }).get("/v1/vendors");
  await browser.advance(5_000);
  assert.deepEqual(await reading, { ok: 1 });
});
