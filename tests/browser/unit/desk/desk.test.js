// @ts-check
/** The pure parts of the cash desk's page. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bookingWords } from "../../../../static/pages/desk/drawer/bookings.js";
import { countedOf } from "../../../../static/pages/desk/drawer/count.js";
import { differenceWords, sumsOf } from "../../../../static/pages/desk/drawer/words.js";
import { foundWords, marksOf, meant } from "../../../../static/pages/desk/find/find.js";
import { isCode, isTyped } from "../../../../static/pages/desk/find/keys.js";
import { cameraWords } from "../../../../static/pages/desk/find/scan.js";
import { piecesOf, usualAmounts } from "../../../../static/pages/desk/guest/amounts.js";
import { moveWords as lostWords } from "../../../../static/pages/desk/guest/lost.js";
import { payOutWords, topUpWords } from "../../../../static/pages/desk/guest/money.js";
import { moveNote, moveWords, payoutWords, staffParts, stateWords } from "../../../../static/pages/desk/guest/words.js";
import { leftOf, minutesWords, undoMsOf, UNDO_MS } from "../../../../static/pages/desk/undo.js";

const EUR = { currency: "EUR", currencyDigits: 2 };
const ANNA = { userId: "anna", name: "Anna", topUpCode: "AB2C-3D4E", balance: 500 };
const ANNIE = { ...ANNA, userId: "annie", name: "Annie", topUpCode: "AB2C-9999" };

test("Enter takes the only one, or the one whose code or id it is, and nobody by guess", () => {
  assert.equal(meant([ANNA], "an"), ANNA);
  assert.equal(meant([ANNA, ANNIE], "an"), null);
  for (const code of ["AB2C-9999", "ab2c 9999", " ab2c9999 "]) assert.equal(meant([ANNA, ANNIE], code), ANNIE, code);
  assert.equal(meant([ANNA, ANNIE], "annie"), ANNIE);
  const seven = (/** @type {any} */ one) => ({ ...one, order: { orderId: one.userId, number: 7, status: "ready", vendorName: "Sun" } });
  assert.equal(meant([seven(ANNA), seven(ANNIE)], "7"), null); // two stalls call the same number
  assert.equal(meant([], "7"), null);
});

test("whoever is found says by what, and what a cashier must know first", () => {
  assert.equal(foundWords(ANNA), "code AB2C-3D4E");
  assert.equal(foundWords({ ...ANNA, order: { orderId: "o", number: 7, status: "ready", vendorName: "Sun" } }), "Order 7 at Sun · code AB2C-3D4E");
  assert.deepEqual(marksOf({}), []);
  assert.deepEqual(marksOf({ frozen: true, suspended: true }), ["frozen", "suspended"]);
  assert.deepEqual(marksOf({ frozen: true, movedTo: "annie" }), ["moved"]);
});

test("a scanner's keys go to the search, and shortcuts stay the browser's", () => {
  for (const key of ["a", "7", "-"]) assert.ok(isTyped({ key }), key);
  for (const key of ["Enter", "Tab", "F5", " ", "Escape"]) assert.ok(!isTyped({ key }), key);
  assert.ok(!isTyped({ key: "c", ctrlKey: true }) && !isTyped({ key: "c", metaKey: true }));
  assert.ok(isCode("2AB") && isCode("ab2c-3d4e") && !isCode("12,50") && !isCode("20"));
});

test("a camera that may not look says what to do", () => {
  assert.match(cameraWords(Object.assign(new Error("no"), { name: "NotAllowedError" })), /Allow it/);
  assert.match(cameraWords(new Error("gone")), /Type the code/);
});

test("the usual amounts are banknotes of the currency", () => {
  assert.deepEqual(usualAmounts(EUR), [1_000, 2_000, 5_000, 10_000]);
  assert.deepEqual(usualAmounts({ currency: "HUF", currencyDigits: 0 }), [1_000, 2_000, 5_000, 10_000]);
  assert.deepEqual(usualAmounts({ currency: "KWD", currencyDigits: 3 }), [10_000, 20_000, 50_000, 100_000]);
  assert.deepEqual(usualAmounts({ currency: "JPY", currencyDigits: 0 }), [1_000, 2_000, 5_000, 10_000]);
});

test("every coin that can be counted is a whole number of minor units", () => {
  assert.deepEqual(piecesOf(EUR), [20_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50, 20, 10, 5, 2, 1]);
  assert.ok(piecesOf({ currency: "USD", currencyDigits: 2 }).includes(25));
  for (const currencyDigits of [0, 1, 2, 3]) for (const currency of ["EUR", "JPY", "USD", "CHF", "XXX"]) {
    const pieces = piecesOf({ currency, currencyDigits });
    assert.ok(pieces.length > 5 && pieces.every((piece) => Number.isInteger(piece) && piece > 0), `${currency} ${currencyDigits}`);
    assert.deepEqual(pieces, Array.from(new Set(pieces)).sort((a, b) => b - a));
  }
});

test("what is counted may be nothing, and is never guessed", () => {
  assert.deepEqual(["0", "0,00", "12.5", "312,50", "", "1.000,00", "-5"].map((text) => countedOf(text, EUR)), [0, 0, 1_250, 31_250, null, null, null]);
});

test("a difference is told as it is", () => {
  assert.match(differenceWords(0, String), /right/);
  assert.equal(differenceWords(-250, String), "250 are missing.");
  assert.equal(differenceWords(250, String), "250 too much.");
});

test("a drawer's sums make what should be in it", () => {
  const drawer = { drawerId: "d", name: "Gate 1", cashierId: "c", openedAt: "", status: /** @type {const} */ ("open"), float: 100, topUps: 50, payouts: 20, movedIn: 0, movedOut: 10, expected: 120, bookings: 4, otherMethods: { card: 70 } };
  assert.deepEqual(sumsOf(drawer, String), [["Began with", "100"], ["Top-ups", "50"], ["Payouts", "-20"], ["To the safe", "-10"], ["By card, not in the drawer", "70"], ["Bookings", "4"]]);
});

test("a booking can be taken back for ten minutes, as far as it was not", () => {
  const booking = { transactionId: "t", kind: "top-up", amount: 500, timestamp: new Date(0).toISOString() };
  assert.equal(leftOf(booking), 500);
  assert.equal(leftOf({ ...booking, reversed: 200 }), 300);
  assert.equal(leftOf({ ...booking, reverses: "s" }), 0);
  assert.equal(leftOf({ ...booking, kind: "cash" }), 0);
  assert.equal(leftOf({ ...booking, kind: "payout", amount: -500 }), 500);
  assert.equal(undoMsOf(booking, 60_000), UNDO_MS - 60_000);
  assert.equal(undoMsOf(booking, UNDO_MS), 0);
  assert.equal(undoMsOf(booking, -1_000), UNDO_MS); // whatever this device's clock says
  assert.equal(undoMsOf({ ...booking, reversed: 500 }, 0), 0);
  assert.deepEqual([UNDO_MS, 60_001, 60_000, 1].map(minutesWords), ["10 min", "2 min", "60 s", "1 s"]);
});

test("a booking says what has become of the cash", () => {
  const words = (/** @type {any} */ booking) => bookingWords({ transactionId: "t", amount: 5, timestamp: "", direction: "in", ...booking });
  assert.equal(words({ kind: "top-up", name: "Anna" }), "Top-up · Anna");
  assert.deepEqual(["in", "out"].map((direction) => words({ kind: "cash", direction })), ["From the safe", "To the safe"]);
  assert.equal(words({ kind: "adjustment", reverses: "s", name: "Anna" }), "Taken back · Anna");
  assert.equal(words({ kind: "adjustment" }), "Difference");
});

test("a question names whom, how much, and what then holds how much", () => {
  const card = /** @type {any} */ (ANNA);
  assert.equal(topUpWords(card, 2_000, "card", String), "2000, paid by card, go into the wallet of Anna (code AB2C-3D4E). It holds 2500 then.");
  assert.match(payOutWords(card, 100, String), /which holds 500\. Your drawer has 100\. Book it first/);
  assert.doesNotMatch(payOutWords(card, 500, String), /Your drawer/);
  assert.match(lostWords(card, ANNIE, String), /^500, all of the wallet of Anna \(code AB2C-3D4E\), goes to Annie \(code AB2C-9999\)/);
});

test("the history says what, where, by whom and why", () => {
  const move = { transactionId: "t", kind: "purchase", amount: -500, timestamp: "", vendorName: "Sun", actorName: "Caro", note: "typo", reversed: 200 };
  assert.equal(moveWords(move), "Order · Sun");
  assert.equal(moveWords({ ...move, kind: "payout", amount: 500, vendorName: null }), "Payout given back");
  assert.equal(moveWords({ ...move, kind: "deposit", amount: 500 }), "Deposit given back · Sun");
  assert.equal(moveWords({ ...move, kind: "moved", amount: 500, vendorName: null }), "Moved here from another wallet");
  assert.equal(moveWords({ ...move, kind: "a-new-kind", vendorName: null }), "a new kind");
  assert.equal(moveNote(move, EUR, "anna"), "€2.00 taken back · by Caro · typo");
  assert.equal(moveNote({ ...move, actor: "user:anna", actorName: "Anna" }, EUR, "anna"), "€2.00 taken back · typo");
  assert.equal(payoutWords("requested"), "Asked for");
});

test("a card says what stands in the way", () => {
  assert.equal(stateWords({}), "");
  assert.match(stateWords({ frozen: true }), /frozen/);
  assert.match(stateWords({ frozen: true, suspended: true }), /frozen.*suspended/);
  assert.match(stateWords({ frozen: true, movedTo: "annie" }), /was moved/);
  assert.deepEqual(staffParts({ is: ["customer", "keeper", "admin"] }), ["stall keeper", "organiser"]);
});
