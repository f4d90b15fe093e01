// @ts-check
/** The pure parts of the stall's kitchen display. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ageOf, graceOf, graceWords, isRecallable, limitsOf } from "../../../../static/pages/vendor/orders/ages.js";
import { ringWords } from "../../../../static/pages/vendor/orders/bell.js";
import { countsOf } from "../../../../static/pages/vendor/orders/counts.js";
import { createDeadPlaces, pointOf } from "../../../../static/pages/vendor/taps/dead.js";
import { doneOf } from "../../../../static/pages/vendor/orders/done.js";
import { cellsOf, GAP, gridOf, isWide, pagesOf, rowsOf, sizesOf, spansOf, unitsIn } from "../../../../static/pages/vendor/orders/layout.js";
import { ghostsDueIn, ghostsOf, slotsOf } from "../../../../static/pages/vendor/orders/slots.js";
import { backOf, withClosed, withSteps } from "../../../../static/pages/vendor/orders/steps.js";
import { flagsOf } from "../../../../static/pages/vendor/orders/ticket.js";
import { createTicks } from "../../../../static/pages/vendor/orders/ticks.js";
import { UNDO_MS, undoableAt, withoutUndoable, withUndoable } from "../../../../static/pages/vendor/taps/undo-list.js";
import { withChanges } from "../../../../static/pages/vendor/menu/menu.js";
import { codeFrom, overWords, standing, waitingOf } from "../../../../static/pages/vendor/screens.js";
import { tellingDelays } from "../../../../static/pages/vendor/slow.js";
import { ProblemError } from "../../../../static/sdk/problem.js";

const NOW = Date.parse("2026-06-01T12:00:00.000Z");
const ago = (/** @type {number} */ ms) => new Date(NOW - ms).toISOString();
const MINUTE = 60_000;
/** @returns {import("../../../../static/sdk/types.js").Order} */
const order = (changes = {}) => ({ orderId: "o1", number: 7, status: "preparing", vendorId: "v", items: [], total: 900, createdAt: ago(0), updatedAt: ago(0), ...changes });
const line = (name = "wrap", quantity = 1, notes = "") => ({ itemId: name, name, quantity, unitPrice: 100, total: 100 * quantity, notes });
const SIZES = sizesOf(16, 2_000);

test("as many whole tickets of two lines fit as a kitchen needs", () => {
  const fits = (/** @type {number} */ width, /** @type {number} */ height) => {
    const sizes = sizesOf(16, height);
    const { columns, rows } = gridOf({ width, height }, sizes);
    const { cells, shown } = cellsOf([1, 1], rows, height, sizes);
    return [columns, Math.floor(rows / cells), shown, sizes.isFlat];
  };
  assert.deepEqual(fits(1_008, 514), [4, 3, 2, false]); // of a tablet, 1024 × 768
  assert.deepEqual(fits(1_904, 826), [7, 4, 2, false]); // of a screen, 1920 × 1080
  assert.deepEqual(fits(374, 524), [1, 3, 2, false]); // of a phone, 390 × 844
  assert.deepEqual(fits(344, 320), [1, 3, 2, true]); // of a small phone, 360 × 640
  assert.deepEqual(fits(100, 50), [1, 1, 0, false]);
  assert.deepEqual([isWide({ columns: 2, rows: 9 }), isWide({ columns: 3, rows: 1 })], [false, true]);
});

test("tickets that are counted as whole are whole, at every size", () => {
  for (let height = 160; height < 2_000; height += 37) {
    const sizes = sizesOf(16, height);
    const { rows } = gridOf({ width: 300, height }, sizes);
    assert.ok(rows * sizes.row + (rows - 1) * GAP <= height);
    assert.equal(rows < 3 * sizes.rows, height < 304, `${height}: ${rows}`);
    for (const cells of [2, 3, 4, 5, 6].filter((own) => own <= rows)) {
      const own = cells * ((height - (rows - 1) * GAP) / rows) + (cells - 1) * GAP;
      const used = sizes.head + sizes.lead + unitsIn(cells, rows, height, sizes) * (sizes.line + sizes.gap) - sizes.gap + 8;
      assert.ok(used <= own, `${height}: ${used} of ${own}`);
    }
  }
});

test("larger text makes larger tickets", () => {
  const large = sizesOf(32, 2_000);
  assert.deepEqual([large.unit, large.width], [88, 480]);
  assert.ok(gridOf({ width: 1_008, height: 514 }, large).columns < 4);
});

test("a lane without orders takes no column, and what is to be made takes the most", () => {
  assert.deepEqual(spansOf(["preparing"], 4), { preparing: 4 });
  assert.deepEqual(spansOf(["preparing", "ready"], 4), { preparing: 3, ready: 1 });
  assert.deepEqual(spansOf(["pending", "preparing", "ready"], 7), { pending: 1, preparing: 5, ready: 1 });
  assert.deepEqual(spansOf(["preparing", "ready"], 9), { preparing: 7, ready: 2 });
  assert.deepEqual(spansOf(["pending", "ready"], 4), { pending: 3, ready: 1 });
  assert.deepEqual(spansOf([], 4), {});
});

test("a wish takes the room that it needs", () => {
  assert.deepEqual([line(), line("wrap", 2, "no onions"), line("wrap", 1, "no onions, no garlic, and nuts make me very ill"), line("w".repeat(90), 1, "x".repeat(140))].map((one) => rowsOf(one, SIZES)), [1, 1, 2, 3]);
});

test("a ticket is as high as its lines, up to five, and then says how many more", () => {
  const of = (/** @type {number} */ lines, /** @type {number} */ most = 6) => Object.values(cellsOf(Array(lines).fill(1), 9, 514, SIZES, most));
  assert.deepEqual([1, 2, 3, 5, 6, 9].map((lines) => of(lines)), [[2, 1], [3, 2], [4, 3], [6, 5], [6, 4], [6, 4]]);
  assert.deepEqual([1, 2, 3].map((lines) => of(lines, 3)), [[2, 1], [3, 2], [3, 1]]); // what is ready was made
  assert.deepEqual(cellsOf([1, 1, 1], 3, 160, SIZES), { cells: 3, shown: 1 });
});

test("pages fill column by column, in order, and no ticket is cut", () => {
  assert.deepEqual(pagesOf([], { columns: 2, rows: 2 }), [[]]);
  assert.deepEqual(pagesOf([1, 1, 1, 1, 1], { columns: 2, rows: 2 }), [[0, 1, 2, 3], [4]]);
  assert.deepEqual(pagesOf([1, 2, 1, 1], { columns: 2, rows: 2 }), [[0, 1], [2, 3]]);
  for (let count = 0; count < 60; count += 1) {
    const cells = Array.from({ length: count }, (_, index) => (index % 3 === 1 ? 2 : 1));
    assert.deepEqual(pagesOf(cells, { columns: 4, rows: 3 }).flat(), cells.map((_, index) => index));
  }
});

test("an age is said in minutes and in a word, by the limits of the server or the usual ones", () => {
  const words = (/** @type {number} */ ms, /** @type {any} */ rules) => Object.values(ageOf(order({ createdAt: ago(ms) }), NOW, limitsOf(rules)));
  assert.deepEqual(words(59_000, undefined), ["calm", "new"]);
  assert.deepEqual(words(4 * MINUTE, undefined), ["calm", "4 min"]);
  assert.deepEqual(words(5 * MINUTE, undefined), ["late", "5 min, late"]);
  assert.deepEqual(words(10 * MINUTE, {}), ["very-late", "10 min, very late"]);
  assert.deepEqual(words(10 * MINUTE, { lateMinutes: 12, veryLateMinutes: 30 }), ["calm", "10 min"]);
  assert.deepEqual(words(125 * MINUTE, undefined), ["very-late", "2 h 5, very late"]);
  assert.deepEqual(words(-90_000, undefined), ["calm", "new"]); // a clock that is behind
  assert.equal(ageOf(order({ status: "ready", createdAt: ago(20 * MINUTE), updatedAt: ago(2 * MINUTE) }), NOW, limitsOf({})).words, "2 min");
});

test("while the guest may cancel, the kitchen waits: but never longer than the rules say", () => {
  const limits = limitsOf({ cancelSeconds: 20 });
  const grace = (/** @type {object} */ changes, seenMs = 0) => graceOf(order(changes), NOW - seenMs, NOW, limits);
  assert.equal(grace({}), 0); // a server that knows no such time
  assert.equal(grace({ cancellableUntil: ago(-12_000) }), 12_000);
  assert.equal(grace({ cancellableUntil: ago(1) }), 0);
  assert.equal(grace({ cancellableUntil: ago(-3_600_000) }), 20_000); // the device's clock is an hour behind
  assert.equal(grace({ cancellableUntil: ago(-3_600_000) }, 20_000), 0);
  assert.equal(grace({ cancellableUntil: ago(-12_000), status: "ready" }), 0);
  assert.equal(grace({ cancellableUntil: "nonsense" }), 0);
  assert.equal(graceWords(11_200), "Starts in 12 s: the guest may still cancel");
});

test("an order can be called back for the minutes that the server says", () => {
  const picked = (/** @type {number} */ ms) => order({ status: "completed", completedAt: ago(ms) });
  assert.deepEqual([9, 10].map((minutes) => isRecallable(picked(minutes * MINUTE), NOW, limitsOf({}))), [true, false]);
  assert.equal(isRecallable(order({ updatedAt: ago(MINUTE) }), NOW, limitsOf({ recallMinutes: 2 })), true);
  assert.deepEqual([649, 650].map((refunded) => isRecallable({ ...picked(MINUTE), refunded, total: 650 }, NOW, limitsOf({}))), [true, false]);
});

test("what is still to be made is counted over all orders, without what is ticked off or ready", () => {
  const orders = [order({ items: [line("wrap", 2), line("ayran", 1)] }), order({ orderId: "o2", items: [line("ayran", 3), line("tea", 1)] }),
    order({ orderId: "o3", status: "ready", items: [line("wrap", 9)] })];
  assert.deepEqual(countsOf(orders, ({ orderId }, index) => orderId === "o2" && index === 1), [{ name: "ayran", count: 4 }, { name: "wrap", count: 2 }]);
});

test("no step follows another one within a double tap, anywhere", () => {
  let now = 0;
  const dead = createDeadPlaces(() => now);
  assert.equal(dead.isResting(), false);
  dead.rest();
  for (const at of [0, 60, 200, 450, 499]) assert.equal(((now = at), dead.isResting()), true, String(at));
  assert.equal(((now = 500), dead.isResting()), false);
});

test("one thing is done once within a double tap, while others are done; and nothing while all rests", () => {
  let now = 0;
  const dead = createDeadPlaces(() => now);
  assert.deepEqual([dead.once("a"), dead.once("a"), dead.once("b")], [true, false, true]);
  now = 499;
  assert.deepEqual([dead.once("a"), dead.isResting()], [false, false]);
  now = 500;
  assert.equal(dead.once("a"), true);
  dead.rest();
  assert.equal(dead.once("c"), false);
});

test("a place is dead for 600 ms, and only that place", () => {
  let now = 0;
  const dead = createDeadPlaces(() => now);
  dead.mark({ left: 10, top: 10, right: 50, bottom: 50 });
  assert.deepEqual([{ x: 20, y: 20 }, { x: 51, y: 20 }].map(dead.isDead), [true, false]);
  now = 599;
  dead.mark({ left: 100, top: 10, right: 150, bottom: 50 });
  assert.equal(dead.isDead({ x: 20, y: 20 }), true);
  now = 600;
  assert.deepEqual([{ x: 20, y: 20 }, { x: 120, y: 20 }].map(dead.isDead), [false, true]);
});

test("a press by the keyboard happens in the middle of its button", () => {
  const place = { left: 10, top: 20, right: 30, bottom: 60 };
  assert.deepEqual(pointOf({ detail: 0, clientX: 0, clientY: 0 }, place), { x: 20, y: 40 });
  assert.deepEqual(pointOf({ detail: 1, clientX: 11, clientY: 21 }, place), { x: 11, y: 21 });
});

test("the newest few steps can be taken back for eight seconds, each order's newest alone", () => {
  const step = (/** @type {string} */ key, /** @type {number} */ at) => ({ key, words: key, at, undo: () => {} });
  let list = [step("a", 0), step("b", 100), step("c", 200), step("d", 300)].reduce(withUndoable, /** @type {any[]} */ ([]));
  assert.deepEqual(list.map(({ key }) => key), ["d", "c", "b"]);
  list = withUndoable(list, step("b", 400));
  assert.deepEqual(list.map(({ key, at }) => [key, at]), [["b", 400], ["d", 300], ["c", 200]]);
  assert.deepEqual(undoableAt(list, UNDO_MS + 250).map(({ key }) => key), ["b", "d"]);
  assert.deepEqual(withoutUndoable(list, "d").map(({ key }) => key), ["b", "c"]);
});

test("only steps that the server takes back can be undone", () => {
  assert.deepEqual([backOf("preparing", "ready"), backOf("ready", "completed"), backOf("ready", "preparing"), backOf("pending", "preparing"), backOf("preparing", "preparing")],
    ["preparing", "ready", "ready", null, null]);
});

test("the place of an order that has left stays until the undo is over; in a crowd for 600 ms", () => {
  const [one, two] = [order({ createdAt: ago(5_000) }), order({ orderId: "o2", number: 8, createdAt: ago(1_000) })];
  const after = [{ ...one, status: /** @type {const} */ ("ready") }, two];
  const ghosts = ghostsOf([], [one, two], after, NOW);
  assert.deepEqual(ghosts.map(({ lane, order: { orderId } }) => [lane, orderId]), [["preparing", "o1"]]);
  const seen = (/** @type {number} */ ms, isCrowded = false) =>
    slotsOf("preparing", after, ghosts, NOW + ms, isCrowded).map(({ order: { orderId }, isGhost }) => (isGhost ? `(${orderId})` : orderId));
  assert.deepEqual(seen(0), ["(o1)", "o2"]);
  assert.deepEqual(seen(7_999), ["(o1)", "o2"]);
  assert.deepEqual(seen(8_000), ["o2"]);
  assert.deepEqual([seen(599, true), seen(600, true)], [["(o1)", "o2"], ["o2"]]);
  assert.equal(ghostsDueIn(ghosts, NOW), 600);
  assert.equal(ghostsDueIn(ghosts, NOW + 700), 7_300);
  assert.equal(ghostsDueIn([], NOW), Infinity);
  assert.deepEqual(ghostsOf(ghosts, after, [one, two], NOW + 100).map(({ lane }) => lane), ["ready"]); // taken back: its place is its own
  assert.deepEqual(ghostsOf(ghosts, after, after, NOW + 8_000), []);
  assert.equal(ghostsOf([], [one], [], NOW).length, 1); // cancelled
});

test("a step that waits opens a closed order only if it calls it back", () => {
  const done = order({ status: "completed" });
  const step = (/** @type {any} */ from) => withSteps([done], [{ orderId: "o1", status: "ready", from }]).map(({ status, unsent }) => [status, unsent]);
  assert.deepEqual([step("preparing"), step("completed")], [[], [["ready", true]]]);
});

test("closed orders are kept for the way back, the newest few", () => {
  const closed = Array.from({ length: 40 }, (_, index) => order({ orderId: `c${index}`, status: "completed", updatedAt: ago(index) }));
  const kept = withClosed([order(), ...closed]);
  assert.deepEqual([kept.length, kept[0]?.orderId, kept[30]?.orderId], [31, "o1", "c29"]);
  assert.deepEqual(doneOf([order({ status: "completed", updatedAt: ago(5) })], [order({ orderId: "o2" }), ...closed.slice(0, 2)]).map(({ orderId }) => orderId), ["c0", "c1", "o1"]);
});

test("what was called back here is not done, though the server's list was read before it knew", () => {
  const listed = [order({ status: "completed" }), order({ orderId: "o2", status: "completed" })];
  assert.deepEqual(doneOf(listed, [order({ status: "ready" })]).map(({ orderId }) => orderId), ["o2"]);
});

test("what somebody must know stands on the ticket, the most important first", () => {
  assert.deepEqual(flagsOf(order({ status: "ready", comingAt: ago(1), refunded: 250 }), { currency: "EUR", currencyDigits: 2 }, 1), ["Coming", "€2.50 refunded", "1 new message"]);
  assert.deepEqual(flagsOf(order({ comingAt: ago(1), estimatedTime: 15 }), { currency: "EUR", currencyDigits: 2 }, 0), ["about 15 min"]);
});

test("ticks are kept by order, and a broken note is no note", () => {
  const kept = new Map();
  const store = { get: (/** @type {string} */ name) => kept.get(name) ?? null, set: (/** @type {string} */ name, /** @type {string} */ value) => void kept.set(name, value), remove: () => {} };
  const ticks = createTicks("sun", store);
  ticks.flip("o1", 1);
  ticks.flip("o1", 0);
  ticks.flip("o1", 0);
  assert.deepEqual([createTicks("sun", store).has("o1", 1), createTicks("sun", store).of("o1"), createTicks("moon", store).of("o1")], [true, [1], []]);
  for (let index = 0; index < 250; index += 1) ticks.flip(`n${index}`, 0);
  assert.deepEqual([ticks.has("o1", 1), ticks.has("n249", 0)], [false, true]);
  kept.set("festival-push.ticks.sun", "{broken");
  assert.deepEqual(createTicks("sun", store).of("o1"), []);
});

test("a code counts until it expires, a screen waits for ten minutes, and a broken note is no note", () => {
  const code = { code: "ABC234", expiresAt: ago(-1) };
  const screen = (/** @type {number} */ ms) => waitingOf({ pairingId: String(ms), vendorId: "sun", name: "Bar", timestamp: ago(ms) });
  const { waiting, ...kept } = standing({ code, waiting: [screen(10 * MINUTE), screen(10 * MINUTE - 1)] }, NOW);
  assert.deepEqual([kept.code, waiting.map(({ pairingId }) => pairingId)], [code, ["599999"]]);
  assert.equal(standing({ code, waiting: [] }, NOW + 1).code, null);
  assert.deepEqual(codeFrom(JSON.stringify(kept)), code);
  for (const text of [null, "", "null", "{broken", '{"waiting": 1}']) assert.equal(codeFrom(text), null);
});

test("a code is used up by the screen of its pairing, whatever two clocks say, and the oldest screen comes first", () => {
  const code = { pairingId: "p1", code: "ABC234", expiresAt: ago(-5 * MINUTE) }; // made five minutes ago
  const screen = (/** @type {number} */ ms) => ({ pairingId: String(ms), vendorId: "sun", name: "Bar", expiresAt: ago(ms - 10 * MINUTE) });
  assert.deepEqual(standing({ code, waiting: [screen(6 * MINUTE), screen(9 * MINUTE)] }, NOW), { code, waiting: [screen(9 * MINUTE), screen(6 * MINUTE)] });
  assert.equal(standing({ code, waiting: [screen(4 * MINUTE)] }, NOW).code, code); // typed before, on a slower clock
  assert.equal(standing({ code, waiting: [{ ...screen(6 * MINUTE), pairingId: "p1" }] }, NOW).code, null);
});

test("a screen that was answered already is said in words", () => {
  const words = (/** @type {object} */ problem) => overWords(new ProblemError({ status: 409, code: "pairing-settled", title: "No.", ...problem }));
  assert.equal(words({ params: { pairingStatus: "refused" } }), "Somebody has refused this screen already.");
  assert.match(words({ status: 404, code: "not-found" }), /Make a new code/);
  assert.deepEqual([words({ status: 503, code: "unavailable" }), overWords(new Error("x"))], ["", ""]);
});

test("it rings in words", () => {
  assert.deepEqual([ringWords({ pending: 0, unseen: 0 }), ringWords({ pending: 0, unseen: 1 }), ringWords({ pending: 0, unseen: 3 }), ringWords({ pending: 2, unseen: 3 })],
    ["", "New order", "3 new orders", "2 orders wait to be accepted"]);
});

test("the menu shows what the kitchen has said, also before the server knows", () => {
  const menu = [{ itemId: "a", vendorId: "v", name: "A", price: 100, available: true }, { itemId: "b", vendorId: "v", name: "B", price: 100, available: true }];
  assert.deepEqual(withChanges(menu, [{ itemId: "b", available: false }]).map(({ available, unsent }) => [available, unsent]), [[true, undefined], [false, true]]);
});

test("an answer that is slow is told of, one that is quick is not", async () => {
  let told = 0;
  const answers = /** @type {((answer: number) => void)[]} */ ([]);
  const client = /** @type {any} */ ({ command: () => new Promise((resolve) => answers.push(resolve)), post: async () => {}, patch: async () => {}, del: async () => {} });
  const slow = tellingDelays(client, () => {
    told += 1;
    answers.shift()?.(1);
  }, 0);
  await slow.command("/v1/x", {}); // is answered only when it was told of
  assert.equal(told, 1);
  const quick = tellingDelays({ ...client, command: async () => 2 }, () => void (told += 1), 1_000);
  assert.equal(/** @type {any} */ (await quick.command("/v1/x", {})), 2);
  assert.equal(told, 1);
});
