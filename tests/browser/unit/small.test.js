// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { fullJitter } from "../../../static/sdk/wire/backoff.js";
import { createCursor, parseCursor } from "../../../static/sdk/wire/cursor.js";
import { pinWords } from "../../../static/ui/account/pin-form.js";
import { isDefinite } from "../../../static/sdk/idempotency.js";
import { networkProblem, offlineProblem, ProblemError } from "../../../static/sdk/problem.js";
import { parseFragment } from "../../../static/ui/session.js";
import { safeStore } from "../../../static/sdk/storage.js";
import { formatWait, formatWhen } from "../../../static/ui/format/time.js";
import { commandWords, humanWords, keptWords, listWords } from "../../../static/ui/format/words.js";

test("full jitter doubles its bound up to the limit", () => {
  assert.deepEqual([0, 1, 2, 4, 5, 99].map((attempt) => fullJitter(attempt, () => 0.999999)), [999, 1999, 3999, 15999, 29999, 29999]);
  assert.equal(fullJitter(5, () => 0), 0);
});

test("only ids of ours are cursors", () => {
  assert.deepEqual(parseCursor("ab12.42"), { epoch: "ab12", position: 42 });
  for (const id of [null, "", "42", "ab.", ".42", "ab.-1", "ab.1.2", "ab.99999999999999999", "a b.1"]) assert.equal(parseCursor(id), null, String(id));
});

test("positions of another epoch are not compared with ours", () => {
  const cursor = createCursor("old.900");
  assert.equal(cursor.accept("new.4"), true);
  assert.deepEqual([cursor.id(), cursor.accept("new.3")], ["new.4", false]);
});

test("a link's token and a view share the fragment", () => {
  assert.equal(parseFragment("#token=a.b-c_d").get("token"), "a.b-c_d");
  assert.equal(parseFragment("#vendor=v1&token=t").get("vendor"), "v1");
  assert.equal(parseFragment("").get("token"), null);
});

test("a browser that keeps nothing still works for this page", () => {
  const store = safeStore(() => {
    throw new Error("denied");
  });
  store.set("a", "1");
  assert.equal(store.get("a"), "1");
  store.remove("a");
  assert.equal(store.get("a"), null);
});

test("waits and times are short", () => {
  assert.deepEqual([30_000, 61_000, 3_700_000].map((ms) => formatWait(0, ms)), ["just now", "1 min", "1 h 1 min"]);
  assert.equal(formatWhen("nonsense"), "");
  const now = new Date(2026, 5, 1, 12);
  assert.ok(formatWhen(new Date(2026, 4, 31, 12).toISOString(), now).length > formatWhen(new Date(2026, 5, 1, 11).toISOString(), now).length);
});

test("refusals are told in human words", () => {
  const problem = (/** @type {string} */ code, status = 409, params = {}) => new ProblemError({ status, code, title: "T", params });
  assert.match(humanWords(problem("insufficient-funds", 409, { balance: 100, total: 350 }), "EUR"), /€2\.50 is missing.*Nothing was charged/);
  for (const code of ["price-changed", "item-unavailable", "vendor-closed", "vendor-unattended", "too-many-open-orders"]) assert.match(humanWords(problem(code)), /[Nn]othing was charged/);
  assert.match(humanWords(problem("too-many-open-orders", 409, { openOrdersMax: 10 })), /10 open orders.*Pick one up/);
  assert.match(humanWords(problem("too-many-payouts", 409, { payoutsMax: 10 })), /10 payouts.*still here/);
  assert.match(humanWords(problem("menu-full", 409, { menuItemsMax: 300 })), /300 items.*Take something off/);
  assert.match(humanWords(problem("too-many-displays", 409, { displaysMax: 50 })), /50 screens.*Take one down/);
  assert.match(humanWords(problem("too-many-messages", 409, { messagesMax: 100 })), /Nothing was sent/);
  assert.match(humanWords(problem("money-unearned", 409, { available: 300, balance: 900 }), "EUR"), /€3\.00 can be paid out/);
  assert.match(humanWords(problem("vendor-unattended")), /takes no orders\. Nothing was charged/);
  for (const code of ["name-taken", "last-owner", "weak-pin", "sign-in-taken", "second-factor-missing", "pin-required", "daily-limit"]) {
    assert.notEqual(humanWords(problem(code)), "T", code);
  }
  assert.equal(humanWords(problem("never-heard-of")), "T");
  assert.match(humanWords(new TypeError("x is undefined")), /Something went wrong/);
  assert.match(humanWords(new ProblemError({ status: 400, code: "invalid", title: "T", errors: [{ field: "pin", message: "too short" }] })), /pin: too short/);
  assert.match(commandWords(problem("http-500", 500)), /count only once/);
  assert.match(commandWords(problem("price-changed")), /price has changed/);
});

test("who is known to be offline is told what that means for what they did", () => {
  const offline = offlineProblem();
  assert.equal(commandWords(offline), "You are offline. Nothing was sent.");
  assert.equal(humanWords(offline), "You are offline. Nothing was sent.");
  assert.equal(listWords(offline), "You are offline. This loads by itself when you are back.");
  assert.match(listWords(networkProblem()), /loads by itself/);
  assert.doesNotMatch(listWords(new ProblemError({ status: 403, code: "forbidden", title: "T" })), /by itself/);
  assert.match(keptWords(new ProblemError({ status: 409, code: "invalid-transition", title: "T" }), "EUR"), /Too late to cancel/);
  assert.equal(isDefinite(offline), false); // an earlier try may have gone through
});

test("who may not change their PIN is told why, and when to try again", () => {
  const wait = (/** @type {number | null} */ retryAfter) => pinWords(new ProblemError({ status: 429, code: "too-many-tries", title: "T", retryAfter }));
  assert.deepEqual([null, 0, 60, 61, 900, 7_200].map((seconds) => wait(seconds).match(/again in (.*)\./)?.[1]),
    ["a few minutes", "a minute", "a minute", "2 minutes", "15 minutes", "2 hours"]);
  assert.match(pinWords(new ProblemError({ status: 403, code: "wrong-pin", title: "T" })), /old PIN is wrong\. Nothing was changed/);
  for (const status of [0, 502]) assert.match(pinWords(new ProblemError({ status, code: "network", title: "T" })), /can't tell yet.*new one counts/);
});
