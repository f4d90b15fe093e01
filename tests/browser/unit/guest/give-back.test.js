// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { accountOf, allowanceOf, walletOf } from "../../../../static/sdk/account.js";
import { movementWords } from "../../../../static/pages/customer/transactions.js";
import { overWords, readAddress, shownOf } from "../../../../static/pages/give-back/offer.js";
import { backFor, withDeposit } from "../../../../static/pages/vendor/charge/give-back.js";
import { balancesOf, createAccounts } from "../../../../static/ui/state/accounts.js";

/** @param {string} itemId @param {number} [deposit] @returns {any} */
const item = (itemId, deposit) => ({ itemId, name: itemId, price: 450, available: false, vendorId: "bar", ...(deposit ? { deposit } : {}) });
/** @type {any} */
const ANNA = { userId: "anna", userType: "customer", name: "Anna", balance: 500, orders: [], wallet: { balance: 500, allowance: 300 }, stalls: [] };

test("what has a deposit can come back, sold out or not, at the menu's deposit", () => {
  const menu = [item("beer", 200), item("soup"), item("wine", 100)];
  assert.deepEqual(withDeposit(menu).map(({ itemId }) => itemId), ["beer", "wine"]);
  assert.equal(backFor(new Map([["beer", 2], ["wine", 1], ["soup", 9]]), menu), 500);
  assert.equal(backFor(new Map(), menu), 0);
});

test("a scanned address names its offer, or none", () => {
  assert.equal(readAddress("?offer=k1"), "k1");
  for (const search of ["", "?offer=", "?request=k1"]) assert.equal(readAddress(search), null, search);
});

test("an offer is open, mine, somebody else's or over", () => {
  /** @type {any} */
  const offer = { status: "open", claimedByYou: false };
  assert.equal(shownOf(offer), "offer");
  assert.equal(shownOf({ ...offer, status: "claimed", claimedByYou: true }), "taken");
  assert.equal(shownOf({ ...offer, status: "claimed" }), "claimed");
  assert.equal(shownOf({ ...offer, status: "expired" }), "expired");
  for (const which of ["none", "unknown", "claimed", "expired"]) assert.equal(overWords(which).length, 2, which);
});

test("an allowance is an account of its own, and never takes the wallet's place", () => {
  const told = { account: "allowance", userId: "anna", newBalance: 100 };
  assert.equal(accountOf(told), allowanceOf("anna"));
  assert.notEqual(accountOf(told), walletOf("anna"));
  const accounts = createAccounts(ANNA, () => {});
  assert.equal(accounts.spendable("anna"), 800);
  accounts.apply(told);
  assert.equal(accounts.balance(walletOf("anna")), 500);
  assert.equal(accounts.spendable("anna"), 600);
  accounts.apply({ account: "wallet", userId: "anna", newBalance: 50 });
  assert.equal(accounts.spendable("anna"), 150);
  accounts.apply({ account: "allowance", userId: "ben", newBalance: 9 }); // somebody else's
  assert.equal(accounts.spendable("anna"), 150);
});

test("a server that tells no allowance has none", () => {
  assert.equal(balancesOf(ANNA, { ...ANNA, wallet: { balance: 500 } }).get(allowanceOf("anna")), 0);
  assert.equal(createAccounts({ ...ANNA, wallet: undefined, stalls: undefined }, () => {}).spendable("anna"), 500);
});

test("deposits and drink tickets are called so in the wallet's list", () => {
  const moved = (/** @type {string} */ kind, /** @type {number} */ amount) => movementWords({ transactionId: "t", kind, amount, balance: 0, timestamp: "" });
  assert.equal(moved("deposit", -200), "Deposit");
  assert.equal(moved("deposit", 200), "Deposit back");
  assert.equal(moved("allowance", 300), "From your drink tickets");
  assert.equal(moved("allowance", -300), "Back to your drink tickets");
});
