// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { reachWords } from "../../../static/pages/admin/announce.js";
import { orderMatches } from "../../../static/pages/admin/orders.js";
import { claimWords } from "../../../static/pages/admin/claims.js";
import { leftOf, meantWords } from "../../../static/pages/admin/today/held.js";
import { figuresOf } from "../../../static/pages/admin/today/overview.js";
import { lossWords, reversibleOf, wayBackWords } from "../../../static/pages/admin/today/take-back.js";
import { isBookable, troubleWords } from "../../../static/pages/admin/today/unread.js";
import { roleOf, roleOptions } from "../../../static/pages/admin/people/people.js";

test("a role that is chosen is told as the server wants it", () => {
  const [[guest], , [own], [theirs]] = /** @type {any} */ (roleOptions([{ vendorId: "a:b", name: "Sun" }]));
  assert.deepEqual([guest, own, theirs].map(roleOf), [{ role: "customer" }, { role: "vendor" }, { role: "vendor", vendorId: "a:b" }]);
});

test("an order is found by number, id, stall or guest", () => {
  const order = /** @type {any} */ ({ number: 7, orderId: "xYz", vendorName: "Falafel Sun", customerName: "Anna" });
  for (const text of ["", " 7 ", "xyz", "sun", "ANN"]) assert.ok(orderMatches(order, text), text);
  for (const text of ["77", "moon"]) assert.ok(!orderMatches(order, text), text);
});

test("the figures add up what belongs together", () => {
  const overview = { users: { customer: 5, vendor: 2, admin: 1 }, suspended: 1, vendors: 2, vendorsOpen: 1, cameIn: 900, wallets: 700, held: 100, fees: 40,
    paidOut: 60, payoutsRequested: 1, streams: 4, orders: { pending: 1, confirmed: 2, preparing: 3, ready: 4, completed: 5, cancelled: 6 } };
  const figures = new Map(figuresOf(overview, String).map(([name, value, detail]) => [name, `${value}, ${detail}`]));
  assert.equal(figures.get("Orders open"), "10, 4 ready, 5 picked up");
  assert.equal(figures.get("People"), "8, 5 guests, 1 suspended");
  assert.equal(figures.get("Paid out"), "60, 1 waits for you");
});

test("losses are shown where there are some", () => {
  const none = { users: {}, suspended: 0, vendors: 0, vendorsOpen: 0, cameIn: 0, wallets: 0, held: 0, fees: 0, paidOut: 0, payoutsRequested: 0, streams: 0, orders: {} };
  const names = (/** @type {number | undefined} */ losses) => figuresOf({ ...none, ...(losses === undefined ? {} : { losses }) }, String).map(([name]) => name);
  assert.ok(!names(undefined).includes("Lost") && !names(0).includes("Lost") && names(5).includes("Lost"));
});

test("cash is shown where there is some, with what is over or short", () => {
  const none = { users: {}, suspended: 0, vendors: 0, vendorsOpen: 0, cameIn: 0, wallets: 0, held: 0, fees: 0, paidOut: 0, payoutsRequested: 0, streams: 0, orders: {} };
  const cash = (/** @type {object} */ more) => figuresOf({ ...none, ...more }, String).find(([name]) => name === "Cash")?.slice(1);
  assert.equal(cash({}), undefined);
  assert.deepEqual(cash({ inDrawers: 120, inSafe: -100 }), ["20", "120 in drawers, no difference"]);
  assert.deepEqual(cash({ inSafe: 50, differences: -3 }), ["50", "0 in drawers, 3 short"]);
  assert.deepEqual(cash({ differences: 2 }), ["0", "0 in drawers, 2 over"]);
});

test("deposits, donations and drink tickets are shown where there are some, and the books must sum to zero", () => {
  const none = { users: {}, suspended: 0, vendors: 0, vendorsOpen: 0, cameIn: 0, wallets: 0, held: 0, fees: 0, paidOut: 0, payoutsRequested: 0, streams: 0, orders: {} };
  const shown = (/** @type {object} */ more) => new Map(figuresOf({ ...none, ...more }, String).map(([name, ...rest]) => [name, rest]));
  for (const name of ["Deposits", "Donations", "Drink tickets"]) assert.equal(shown({}).get(name), undefined, name);
  assert.deepEqual(shown({}).get("Books"), ["0", "they sum to zero"]);
  const full = { cameIn: 1_000, losses: 20, crew: 50, wallets: 600, held: 100, fees: 40, paidOut: 200, deposits: 60, allowances: 30, donations: 40 };
  assert.deepEqual(shown(full).get("Books"), ["0", "they sum to zero"]);
  assert.deepEqual(["Deposits", "Donations", "Drink tickets"].map((name) => shown(full).get(name)?.join(", ")),
    ["60, taken and not given back", "40, given by guests", "50, 30 not used yet"]);
  assert.deepEqual(shown({ ...full, wallets: 599 }).get("Books"), ["1", "they don't add up: audit them"]);
});

test("what is left of a movement can be taken back, a tip as a whole, and no reversal", () => {
  const moved = { transactionId: "t", kind: "top-up", amount: 500, debit: "desk:cash", credit: "user:anna", timestamp: "" };
  assert.equal(reversibleOf(moved), 500);
  assert.equal(reversibleOf({ ...moved, reversed: 200 }), 300);
  assert.equal(reversibleOf({ ...moved, reversed: 500 }), 0);
  assert.equal(reversibleOf({ ...moved, kind: "adjustment", debit: "user:anna", credit: "user:eve" }), 500);
  assert.equal(reversibleOf({ ...moved, kind: "adjustment", debit: "user:anna", credit: "desk:cash" }), 0);
  assert.match(wayBackWords({ ...moved, kind: "adjustment", debit: "user:anna", credit: "user:eve" }), /user:anna.*frozen/);
  assert.equal(reversibleOf({ ...moved, reverses: "s" }), 0);
  assert.equal(reversibleOf({ ...moved, kind: "tip", reversed: 1 }), 0);
  for (const kind of ["fee", "refund", "adjustment", "payout"]) assert.equal(reversibleOf({ ...moved, kind }), 0, kind);
  assert.equal(reversibleOf({ ...moved, kind: "payout", credit: "payouts" }), 500);
  assert.equal(reversibleOf({ ...moved, kind: "payout", debit: "user:anna", credit: "drawer:k1" }), 500);
  assert.equal(reversibleOf({ ...moved, kind: "cash", debit: "drawer:k1", credit: "safe" }), 0);
});

test("a question says where the money goes, and what is lost", () => {
  const moved = { transactionId: "t", kind: "top-up", amount: 500, debit: "desk:cash", credit: "user:anna", timestamp: "" };
  assert.match(wayBackWords(moved), /cash desk/);
  assert.match(wayBackWords({ ...moved, debit: "drawer:k1" }), /out of its drawer .* out of the safe/);
  assert.match(wayBackWords({ ...moved, kind: "payout", debit: "user:anna", credit: "drawer:k1" }), /back into user:anna/);
  assert.match(wayBackWords({ ...moved, debit: "provider:zeffy" }), /held again/);
  assert.match(wayBackWords({ ...moved, debit: "provider:zeffy", credit: "held" }), /where it came from/);
  assert.match(wayBackWords({ ...moved, kind: "payout", debit: "till:sun", credit: "payouts" }), /till:sun/);
  assert.equal(lossWords(200, 500, String), "The wallet holds 200 of 500. The other 300 are spent: the festival loses them.");
  assert.match(lossWords(-5, 500, String), /holds 0 of 500. The other 500/);
});

test("held money says for whom it was meant, as it was sent", () => {
  const funds = { fundsId: "f", provider: "zeffy", externalId: "p", amount: 500, currency: "EUR", currencyDigits: 2, timestamp: "" };
  assert.equal(leftOf(funds), 500);
  assert.equal(leftOf({ ...funds, held: 200 }), 200);
  assert.equal(meantWords(funds), "");
  assert.equal(meantWords({ ...funds, wantedCode: "ANA-2O26" }), "Sent with code “ANA-2O26”, which nobody has");
  assert.equal(meantWords({ ...funds, wantedUserId: "anna", wantedName: "Anna", wantedCode: "ANNA2026" }), "Meant for Anna (anna, code “ANNA2026”)");
});

test("a report that could not be read says why, and is booked only if it may be a payment", () => {
  const unread = { unreadId: "u", provider: "zeffy", field: "amount", detail: "This field is missing.", body: "{}", status: "waiting", createdAt: "" };
  assert.equal(troubleWords(unread), "amount: This field is missing.");
  assert.equal(troubleWords({ ...unread, field: "", meaning: "refunded" }), "Reports: refunded. This field is missing.");
  assert.deepEqual([undefined, "", "paid", "refunded"].map((meaning) => isBookable(meaning === undefined ? unread : { ...unread, meaning })), [true, true, true, false]);
});

test("a claim says what has become of it", () => {
  const claim = { claimId: "c", provider: "stripe", externalId: "d", paymentId: "p", kind: "refund", amount: 500, taken: 200, lost: 300, status: "taken", createdAt: "" };
  assert.equal(claimWords(claim, String), "200 taken back, 300 lost: spent already.");
  assert.equal(claimWords({ ...claim, kind: "dispute", lost: 0 }, String), "200 taken back.");
  assert.match(claimWords({ ...claim, status: "waiting" }, String), /not reported yet/);
  assert.match(claimWords({ ...claim, status: "won" }, String), /won/);
});

test("an announcement says whom it is for, and whom it has reached", () => {
  const announced = /** @type {any} */ ({ announcementId: "a", message: "m", audience: "all", createdAt: "2026-06-01T10:00:00Z" });
  assert.equal(reachWords({ ...announced, reach: { people: 300, read: 120 } }), "For everyone · read by 120 of 300");
  assert.equal(reachWords({ ...announced, audience: "vendors" }), "For all stalls");
  assert.match(reachWords({ ...announced, withdrawnAt: "2026-06-01T11:00:00Z" }), /withdrawn/);
});
