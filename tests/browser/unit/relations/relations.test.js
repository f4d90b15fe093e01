// @ts-check
/** What pages make of somebody who is more than one thing. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { actorWords, changeWords } from "../../../../static/pages/admin/deeds/deeds.js";
import { sendMoney } from "../../../../static/pages/admin/deeds/second.js";
import { partsOf } from "../../../../static/pages/admin/people/person.js";
import { isClosed } from "../../../../static/pages/customer/stalls.js";
import { stallOf } from "../../../../static/pages/vendor/choose.js";
import { createClient, ProblemError } from "../../../../static/sdk/festival-push.js";
import { withPin } from "../../../../static/ui/account/ask-pin.js";
import { isName } from "../../../../static/ui/account/credentials.js";
import { sessionWords } from "../../../../static/ui/account/sessions.js";
import { pagesOf } from "../../../../static/ui/page-links.js";
import { isOther } from "../../../../static/ui/shell.js";
import { ownOrdersOf, queryOf, sideOf, stallOrdersOf } from "../../../../static/ui/state/accounts.js";
import { answer, fakeBrowser } from "../support.js";

const SUN = /** @type {any} */ ({ vendorId: "sun", name: "Sun", part: "owner", balance: 1 });
const MOON = /** @type {any} */ ({ vendorId: "moon", name: "Moon", part: "keeper", balance: 2 });
/** @returns {any} */
const me = (more = {}) => ({ userId: "anna", userType: "vendor", is: ["customer", "keeper"], wallet: { balance: 5 }, stalls: [SUN, MOON], orders: [], ...more });

test("the pages that somebody has follow from all that they are", () => {
  const of = (/** @type {any} */ one) => pagesOf(one).map(({ page }) => page);
  assert.deepEqual(of(me()), ["customer", "vendor"]);
  assert.deepEqual(of(me({ is: ["customer", "cashier"] })), ["customer", "desk"]);
  assert.deepEqual(of(me({ is: ["customer", "keeper", "admin"] })), ["customer", "vendor", "desk", "admin"]);
  assert.deepEqual(of(me({ is: undefined })), ["vendor"]); // a server that knows one thing of each
});

test("a tablet shows the stall that is named first and kept, or the only one", () => {
  const both = [SUN, MOON];
  assert.equal(stallOf(both, "moon", "sun"), MOON);
  assert.equal(stallOf(both, "other", "sun"), SUN);
  assert.equal(stallOf(both, "other", null), null);
  assert.equal(stallOf([MOON], "other", "sun"), MOON);
  assert.equal(stallOf([], "sun"), null);
});

test("each side has its query and its orders", () => {
  assert.equal(queryOf(sideOf(me())), "&account=wallet");
  assert.equal(queryOf(sideOf(me(), "a b")), "&account=till&vendorId=a%20b");
  assert.equal(queryOf(sideOf(me({ wallet: undefined }), "sun")), "");
  const [here, there, own] = /** @type {any[]} */ ([{ orderId: "1", vendorId: "sun" }, { orderId: "2", vendorId: "moon" }, { orderId: "3", vendorId: "bar" }]);
  const told = me({ orders: [here], ownOrders: [own], stalls: [SUN, { ...MOON, orders: [there] }] });
  assert.deepEqual([stallOrdersOf(told, "sun"), stallOrdersOf(told, "moon"), ownOrdersOf(told)], [[here], [there], [own]]);
  assert.deepEqual(ownOrdersOf(me({ orders: [own] })), [own]);
});

test("a page begins anew when somebody has become something else", () => {
  assert.equal(isOther(me(), me({ stalls: [{ ...MOON, balance: 9 }, SUN] })), false);
  assert.equal(isOther(me(), null), false);
  assert.equal(isOther(me({ is: undefined }), me()), false);
  for (const now of [{ is: ["customer"] }, { stalls: [SUN] }, { stalls: [SUN, { ...MOON, part: "owner" }] }, { is: ["customer", "keeper", "cashier"] }]) {
    assert.equal(isOther(me(), me(now)), true, JSON.stringify(now));
  }
});

test("a stall that nobody keeps is closed", () => {
  assert.deepEqual([{ open: true }, { open: true, attended: true }, { open: true, attended: false }, { open: false }, undefined].map((one) => isClosed(/** @type {any} */ (one))),
    [false, false, true, true, false]);
});

test("what people are, and what was done, is said in words", () => {
  assert.deepEqual(partsOf(/** @type {any} */ ({ is: ["customer"], userType: "customer" })), ["guest"]);
  assert.deepEqual(partsOf(/** @type {any} */ ({ is: ["customer", "cashier", "admin"], userType: "admin" })), ["cashier", "organiser"]);
  assert.deepEqual(["user:boss", "command-line", "system"].map(actorWords), ["boss", "command line", "system"]);
  const deed = /** @type {any} */ ({ before: { balance: 500, open: true, name: "Sun" }, after: { balance: 2_500, method: "cash", open: false, topUpCode: null } });
  const euros = { currency: "EUR", currencyDigits: 2 };
  assert.equal(changeWords(deed, euros), "balance €5.00 → €25.00 · open yes → no · name Sun → – · method cash · top up code –");
  assert.equal(changeWords(/** @type {any} */ ({ before: { secondPersonAbove: 0 }, after: { secondPersonAbove: 2_000 } }), euros),
    "second person above €0.00 → €20.00");
  assert.deepEqual(sessionWords({ sessionId: "s", device: "", createdAt: "" })[0], "A device");
});

test("passkeys are offered where the host has a name, and not at an address, which they can't be bound to", () => {
  assert.deepEqual(["localhost", "pay.festival.example", "127.0.0.1", "192.168.0.20", "[::1]"].map(isName), [true, true, false, false, false]);
});

/** @param {string} code */
const refusal = (code, status = 403) => new ProblemError({ status, code, title: "T" });

test("a PIN is asked for until it is right, and nothing happens without one", async () => {
  const [sent, asked] = /** @type {any[][]} */ ([[], []]);
  const send = async (/** @type {any} */ { secret }) => {
    sent.push(secret?.pin);
    if (secret?.pin !== "739146") throw refusal(secret ? "wrong-pin" : "pin-required");
    return "done";
  };
  const pins = ["000001", "739146"];
  const give = async (/** @type {string} */ why) => (asked.push(why !== ""), pins.shift() ?? null);
  assert.equal(await withPin(send, give), "done");
  assert.deepEqual([sent, asked], [[undefined, "000001", "739146"], [false, true]]);
  assert.equal(await withPin(send, async () => null), null);
  await assert.rejects(withPin(async () => Promise.reject(refusal("too-many-tries", 429)), give), { code: "too-many-tries" });
});

test("a secret is sent under the key of its wish, and never kept on the device", async () => {
  let tries = 0;
  const { env, browser } = fakeBrowser(() => ((tries += 1) === 1 ? answer(403, { code: "pin-required", title: "T" }) : answer(202, { confirmation: {} })));
  const kept = /** @type {string[]} */ ([]);
  const { set } = env.tabStore;
  env.tabStore.set = (name, value) => (kept.push(value), set(name, value));
  const client = createClient({ token: "t", env });
  const wish = { amount: 5 };
  await assert.rejects(client.command("/v1/payouts", wish), { code: "pin-required" });
  const { status } = await client.command("/v1/payouts", wish, { secret: { pin: "739146" } });
  assert.equal(status, 202);
  assert.deepEqual(browser.requests.map(({ body }) => body), [{ amount: 5 }, { amount: 5, pin: "739146" }]);
  assert.equal(new Set(browser.requests.map(({ headers }) => headers["Idempotency-Key"])).size, 1);
  assert.ok(kept.length > 0 && !kept.join().includes("739146"));
  const waiting = await sendMoney(client, "/v1/payouts", wish);
  assert.deepEqual([waiting?.isWaiting, waiting?.data], [true, { confirmation: {} }]);
});
