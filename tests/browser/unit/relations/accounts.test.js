// @ts-check
/** A balance is shown only where it belongs: one stream may bring news of several accounts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { accountOf, tillOf, walletOf } from "../../../../static/sdk/account.js";
import { io } from "../../../../static/sdk/festival-push.js";
import { createAccounts, relationsOf, stallsOf } from "../../../../static/ui/state/accounts.js";
import { answer, fakeBrowser, settle } from "../support.js";

const SUN = { vendorId: "sun", name: "Sun", part: "keeper", balance: 9_900, open: true };
const MOON = { vendorId: "moon", name: "Moon", part: "owner", balance: 100, open: true };
/** A keeper of two stalls with a wallet. @returns {any} */
const me = (more = {}) => ({ userId: "anna", userType: "vendor", name: "Anna", balance: 9_900, vendorId: "sun", currency: "EUR", orders: [], unread: 0,
  is: ["customer", "keeper"], wallet: { balance: 500 }, stalls: [SUN, MOON], ...more });
const wallet = (/** @type {number} */ newBalance, userId = "anna") => ({ account: "wallet", userId, newBalance });
const till = (/** @type {number} */ newBalance, vendorId = "sun") => ({ account: "till", vendorId, userId: vendorId, newBalance });

test("what is about money names one account, also where a person and a stall have the same id", () => {
  assert.equal(accountOf(wallet(1, "sun")), walletOf("sun"));
  assert.equal(accountOf(till(1)), tillOf("sun"));
  assert.equal(accountOf({ userId: "sun" }, ["sun"]), tillOf("sun")); // a server that doesn't say which
  assert.equal(accountOf({ userId: "anna" }, ["sun"]), walletOf("anna"));
});

test("a keeper's wallet never becomes the till, nor one till another", () => {
  const accounts = createAccounts(me(), () => {});
  assert.equal(accounts.apply(wallet(5)), walletOf("anna"));
  accounts.apply(till(40, "moon"));
  accounts.apply(wallet(7_777, "ben")); // an organiser hears of rooms they have joined
  assert.deepEqual([walletOf("anna"), tillOf("sun"), tillOf("moon"), walletOf("ben")].map(accounts.balance), [5, 9_900, 40, 0]);
  accounts.restore({ balance: 1, currency: "EUR", orders: [], unread: 0, wallet: { balance: 3 }, stalls: [{ ...SUN, part: "keeper", balance: 4 }] });
  assert.deepEqual([walletOf("anna"), tillOf("sun")].map(accounts.balance), [3, 4]);
});

test("a server that says only one balance means the stall's for a vendor", () => {
  const older = { userId: "sun", userType: "vendor", name: "Sun", balance: 300, currency: "EUR", orders: [], unread: 0 };
  const accounts = createAccounts(/** @type {any} */ (older), () => {});
  accounts.apply({ userId: "sun", newBalance: 200 });
  assert.equal(accounts.balance(tillOf("sun")), 200);
  assert.deepEqual(stallsOf(/** @type {any} */ (older)).map(({ vendorId }) => vendorId), ["sun"]);
  assert.deepEqual(relationsOf(/** @type {any} */ (older)), ["keeper"]);
  assert.deepEqual(relationsOf(me({ is: undefined, userType: "admin" })), ["admin"]);
});

test("a balance that is read is not put over an event that came meanwhile", async () => {
  const accounts = createAccounts(me(), () => {});
  const read = accounts.read(walletOf("anna"), async () => {
    accounts.apply(wallet(2));
    return { balance: 500 };
  });
  await read;
  assert.equal(accounts.balance(walletOf("anna")), 2);
});

/** @param {string} userId @param {any} hello */
async function following(userId, hello) {
  const { env, browser } = fakeBrowser(({ headers }) => (headers.Accept === "text/event-stream" ? undefined : answer(200, {})));
  const socket = io("", { auth: { token: "t", userId }, env });
  const told = /** @type {any[]} */ ([]);
  socket.on("balance-updated", (data) => told.push([data.newBalance, socket.isOwnBalance(data)]));
  await settle();
  await browser.last().say("connected", { userId, userType: "vendor", message: "hello", heartbeat: 15, resumed: false, ...hello }, "ab.1");
  return { socket, browser, told };
}
const snapshot = (more = {}) => ({ balance: 9_900, currency: "EUR", orders: [], unread: 0, rooms: [], wallet: { balance: 500 }, stalls: [SUN, MOON], ...more });

test("code of the old server is told which balance is its own, and a snapshot never mixes two", async () => {
  for (const [userId, own] of /** @type {[string, number][]} */ ([["anna", 9_900], ["moon", 100]])) {
    const { socket, browser, told } = await following(userId, { snapshot: snapshot() });
    assert.deepEqual(told, [[own, true]], userId);
    await browser.last().say("balance-updated", wallet(5, userId), "ab.2");
    await browser.last().say("balance-updated", wallet(6, "ben"), "ab.3");
    assert.deepEqual(told.slice(1), [[5, false], [6, false]], userId);
    await browser.last().break();
    await browser.advance(1_000);
    await browser.last().say("connected", { userId, userType: "vendor", message: "hello", heartbeat: 15, resumed: false, reason: "trimmed", snapshot: snapshot() }, "ab.9");
    assert.equal(told.length, 3, userId); // nothing was missed
    socket.disconnect();
  }
});

test("a guest's socket keeps to the wallet, an organiser's too", async () => {
  for (const userType of ["customer", "admin"]) {
    const { socket, browser, told } = await following("anna", { userType, snapshot: snapshot({ balance: 500, stalls: [] }) });
    await browser.last().say("balance-updated", wallet(6, "ben"), "ab.2");
    await browser.last().say("balance-updated", wallet(7), "ab.3");
    assert.deepEqual(told, [[500, true], [6, false], [7, true]]);
    socket.disconnect();
  }
});
