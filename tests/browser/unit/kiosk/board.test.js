// @ts-check
/** The pure parts of the pickup board: where numbers stand, when pages turn, what is newest, too old or announced. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { runScripts } from "./scripts.js";

const { BoardLayout, BoardPager, BoardState, BoardNotices, BoardScreens, BoardPairing } = runScripts(
  ["board/layout.js", "board/pager.js", "board/state.js", "board/notices.js", "screen.js", "setup/pairing.js"],
  ["BoardLayout", "BoardPager", "BoardState", "BoardNotices", "BoardScreens", "BoardPairing"],
);

/** @typedef {{left: number, top: number, width: number, height: number, size: number}} Place */

const BOXES = [[340, 180], [210, 90], [374, 420], [600, 640], [740, 560], [1_040, 690], [1_140, 930], [640, 1_000], [2_280, 1_900], [80, 60]]
  .map(([width, height]) => ({ width, height }));
const COUNTS = [1, 2, 3, 5, 6, 7, 11, 12, 13, 24, 48, 80, 120, 300];
const RATIOS = [0.55, 1.1, 1.65, 2.2];
const FLOORS = [22, 44, 65];

/** @param {Place} a @param {Place} b */
const overlap = (a, b) => a.left < b.left + b.width && b.left < a.left + a.width && a.top < b.top + b.height && b.top < a.top + a.height;

/** @param {(plan: any, box: any, count: number, ratio: number, floor: number, hasFirst: boolean) => void} check */
function everyPlan(check) {
  for (const box of BOXES) for (const count of COUNTS) for (const ratio of RATIOS) for (const floor of FLOORS) {
    for (const hasFirst of [true, false]) check(BoardLayout.planOf(box, count, ratio, floor, hasFirst), box, count, ratio, floor, hasFirst);
  }
}

test("every number stands inside its lane, once over the pages, and no two overlap", () => {
  everyPlan((plan, box, count, ratio, floor, hasFirst) => {
    const seen = new Set();
    for (let page = 0; page < plan.pages; page += 1) {
      const places = BoardLayout.placesOf(plan, page, count);
      assert.ok(places.length > (plan.first && count > 1 ? 1 : 0), "no page is empty");
      places.forEach((/** @type {{index: number, place: Place}} */ { index, place }) => {
        assert.ok(index === 0 || !seen.has(index));
        seen.add(index);
        const { left, top, width, height, size } = place;
        assert.ok(left >= 0 && top >= 0 && left + width <= box.width && top + height <= box.height);
        assert.ok([left, top, width, height, size].every(Number.isInteger));
        if (size > 1) assert.ok(size * ratio <= width && size <= height, "the digits fit");
      });
      const boxes = places.map((/** @type {{place: Place}} */ one) => one.place);
      boxes.forEach((/** @type {Place} */ one, /** @type {number} */ at) => {
        if (at) assert.ok(!overlap(one, boxes[at - 1]) && !overlap(one, boxes[0]));
      });
      assert.equal(places[0].index === 0, page === 0 || plan.first !== null);
    }
    assert.equal(seen.size, count, JSON.stringify([box, count, ratio, floor, hasFirst]));
  });
});

test("digits are never smaller than the floor, unless a lane can't hold one of that size", () => {
  everyPlan((plan, box, _count, ratio, floor) => {
    if (BoardLayout.capacityOf(box, ratio, floor)) assert.ok(plan.grid.size >= floor);
    else assert.equal(plan.perPage, 1);
  });
});

test("the number called last is the largest, and on every page", () => {
  everyPlan((plan, box, count, ratio, floor, hasFirst) => {
    if (plan.first && count > 1) assert.ok(plan.first.size >= 1.19 * plan.grid.size);
    if (!hasFirst) assert.equal(plan.first, null);
    if (hasFirst && BoardLayout.capacityOf({ width: box.width / 2, height: box.height }, ratio, 2 * floor)) assert.ok(plan.first);
  });
});

test("there are no pages where all numbers can be read at once", () => {
  everyPlan((plan, box, count, ratio, floor, hasFirst) => {
    const room = BoardLayout.capacityOf(box, ratio, floor);
    if (!hasFirst) assert.equal(plan.pages === 1, count <= Math.max(1, room));
    assert.ok(plan.pages <= Math.ceil(count / Math.max(1, Math.floor(room / 8))));
  });
});

test("no other number of columns gives larger digits", () => {
  for (const box of BOXES) for (const count of COUNTS) for (const ratio of RATIOS) {
    const { size } = BoardLayout.gridOf(box, count, ratio);
    for (let columns = 1; columns <= count; columns += 1) {
      const [width, height] = [box.width / columns, box.height / Math.ceil(count / columns)];
      assert.ok(Math.floor(Math.min(width / (ratio + 0.4), height / 1.05)) <= size);
    }
  }
});

test("up to four stalls share the screen without a gap in a row", () => {
  for (const box of [{ width: 1_900, height: 980 }, { width: 360, height: 580 }, { width: 1_060, height: 1_800 }]) {
    for (const count of [1, 2, 3, 4]) {
      const cells = BoardLayout.stallsOf(box, count);
      assert.equal(cells.length, count);
      const area = cells.reduce((/** @type {number} */ sum, /** @type {Place} */ cell) => sum + cell.width * cell.height, 0);
      assert.ok(area > 0.99 * box.width * box.height && area <= box.width * box.height);
      cells.forEach((/** @type {Place} */ one, /** @type {number} */ at) => cells.slice(at + 1).forEach((/** @type {Place} */ other) => assert.ok(!overlap(one, other))));
    }
  }
  assert.deepEqual(BoardLayout.stallsOf({ width: 1_000, height: 600 }, 2).map((/** @type {Place} */ cell) => cell.left), [0, 500]);
  assert.deepEqual(BoardLayout.stallsOf({ width: 600, height: 1_000 }, 2).map((/** @type {Place} */ cell) => cell.top), [0, 500]);
});

test("a page stays for eight seconds, and the last is followed by the first", () => {
  let pager = BoardPager.started(0);
  const seen = [];
  for (let now = 0; now < 40_000; now += 1_000) {
    pager = BoardPager.turned(pager, 3, now);
    seen.push(pager.page);
  }
  assert.deepEqual(seen, [0, 1, 2, 0, 1].flatMap((page) => Array(8).fill(page)));
  assert.equal(BoardPager.partOver(pager, 38_000), 0.75);
  assert.equal(BoardPager.turned({ page: 2, turnedAt: 0, next: 3 }, 2, 1_000).page, 0, "fewer pages than before");
  assert.equal(BoardPager.turned({ page: 2, turnedAt: 0, next: 3 }, 1, 1_000).page, 0);
});

test("a call shows the first page at once, and no page is left out however often somebody is called", () => {
  let pager = BoardPager.called({ page: 1, turnedAt: 5_000, next: 2 }, 7_000);
  assert.deepEqual(pager, { page: 0, turnedAt: 7_000, next: 2 });
  assert.equal(BoardPager.called(pager, 9_000), pager, "it is on the screen already: its time goes on");
  const seen = new Set();
  for (let now = 7_000; now < 107_000; now += 1_000) {
    pager = BoardPager.turned(pager, 5, now);
    seen.add(pager.page);
    if (now % 3_000 === 0) pager = BoardPager.called(pager, now);
  }
  assert.equal(seen.size, 5);
});

const NOON = Date.parse("2026-06-01T12:00:00.000Z");
const at = (/** @type {number} */ s) => new Date(NOON + s * 1_000).toISOString();
/** @param {number[]} ready @param {Record<string, unknown>} [more] */
const told = (ready, more = {}) => ({ preparing: [90, 91], ready, ...more });
/** A board of now, with calls at so many seconds. @param {number} s @param {[number, number][]} calls @param {Record<string, unknown>} [more] */
const toldAt = (s, calls, more = {}) =>
  told(calls.map(([number]) => number), { timestamp: at(s), readyMinutes: 30, called: calls.map(([number, when]) => ({ number, calledAt: at(when) })), ...more });

test("the newest call comes first, and is the newest for a minute", () => {
  const shown = BoardState.take(null, toldAt(100, [[4, 50], [9, 95], [7, 20]], { vendorName: "Sun" }), 5_000, true);
  assert.deepEqual(BoardState.numbersOf(shown, 5_000), { preparing: [90, 91], ready: [9, 4, 7], newest: 9 });
  assert.equal(BoardState.numbersOf(shown, 59_999).newest, 9);
  assert.equal(BoardState.numbersOf(shown, 60_000).newest, null);
  assert.equal(shown.vendorName, "Sun");
});

test("a board that has just been switched on rings for nothing; later each new call rings once, also a second one", () => {
  const first = BoardState.take(null, toldAt(100, [[4, 50]]), 0, true);
  assert.deepEqual(BoardState.newCalls(null, first), []);
  const second = BoardState.take(first, toldAt(110, [[5, 110], [4, 50]]), 10_000, false);
  assert.deepEqual(BoardState.newCalls(first, second), [5]);
  const again = BoardState.take(second, toldAt(200, [[4, 200], [5, 110]]), 100_000, false);
  assert.deepEqual(BoardState.newCalls(second, again), [4]);
  assert.deepEqual(BoardState.newCalls(again, BoardState.take(again, toldAt(210, [[4, 200], [5, 110]]), 110_000, false)), []);
});

test("a number leaves the screen after its time by the server's clock, whatever the screen's clock says", () => {
  const shown = BoardState.take(null, toldAt(1_800, [[5, 100], [4, 1]]), 7, true);
  assert.deepEqual(BoardState.numbersOf(shown, 1_006).ready, [5, 4]);
  assert.deepEqual(BoardState.numbersOf(shown, 1_007).ready, [5]);
  assert.deepEqual(BoardState.numbersOf(shown, 100_007).ready, []);
  const forEver = BoardState.take(null, toldAt(90_000, [[4, 1]], { readyMinutes: 0 }), 0, true);
  assert.deepEqual(BoardState.numbersOf(forEver, 1e9).ready, [4]);
});

test("an event that is told again after a cut makes no number younger", () => {
  const before = BoardState.take(null, toldAt(0, [[4, -60]]), 0, true);
  const late = BoardState.take(before, toldAt(10, [[5, 10], [4, -60]]), 600_000, false); // ten minutes after it happened
  assert.deepEqual(late.calls.map((/** @type {{at: number}} */ call) => call.at), [10_000, -60_000]);
  assert.equal(BoardState.numbersOf(late, 600_000).newest, null);
  const fresh = BoardState.take(late, toldAt(599, [[5, 10], [4, -60]]), 600_000, true); // the server's clock was set back
  assert.equal(fresh.aheadMs, 600_000 - (NOON + 599_000));
});

test("with an older server, the order of the numbers and the time of their arrival count", () => {
  const first = BoardState.take(null, told([1, 2, 3]), 1_000, true);
  assert.deepEqual(BoardState.numbersOf(first, 1_000), { preparing: [90, 91], ready: [3, 2, 1], newest: null });
  const second = BoardState.take(first, told([1, 2, 3, 4]), 5_000, false);
  assert.deepEqual(BoardState.numbersOf(second, 6_000), { preparing: [90, 91], ready: [4, 3, 2, 1], newest: 4 });
  assert.deepEqual(BoardState.newCalls(first, second), [4]);
  const third = BoardState.take(second, told([2, 4]), 9_000, false);
  assert.deepEqual(BoardState.numbersOf(third, 9_000).ready, [4, 2]);
});

test("what an event leaves out is as it was", () => {
  const first = BoardState.take(null, toldAt(0, [], { vendorName: "Sun", readyMinutes: 10 }), 0, true);
  const second = BoardState.take(first, told([1]), 0, false);
  assert.deepEqual([second.vendorName, second.readyMinutes], ["Sun", 10]);
});

test("announcements stand until they are withdrawn, the urgent ones first", () => {
  const notice = (/** @type {string} */ announcementId, more = {}) => ({ announcementId, message: `Message ${announcementId}`, ...more });
  const ids = (/** @type {any[]} */ all) => all.map((one) => one.announcementId);
  let stand = BoardNotices.listed({ items: [notice("b"), notice("a", { priority: "high" }), notice("c", { audience: "vendors" })] });
  assert.deepEqual(ids(stand), ["a", "b"]);
  stand = BoardNotices.heard(stand, "new-notification", notice("d", { type: "announcement" }));
  stand = BoardNotices.heard(stand, "new-notification", notice("d", { type: "announcement" }));
  assert.deepEqual(ids(stand), ["a", "d", "b"]);
  assert.equal(BoardNotices.heard(stand, "new-notification", { type: "order", message: "x" }), stand);
  assert.equal(BoardNotices.heard(stand, "room-joined", {}), stand);
  stand = BoardNotices.heard(stand, "announcement-changed", notice("b", { message: "Later", priority: "high" }));
  assert.deepEqual(stand.map((/** @type {any} */ one) => one.message), ["Later", "Message a", "Message d"]);
  stand = BoardNotices.heard(stand, "announcement-withdrawn", { announcementId: "a" });
  stand = BoardNotices.heard(stand, "announcement-changed", notice("d", { audience: "customers" }));
  assert.deepEqual(ids(stand), ["b"]);
  assert.deepEqual([BoardNotices.listed(null), BoardNotices.listed({})], [[], []]);
});

test("a link holds up to four stalls, each with its token", () => {
  const { parse } = BoardScreens;
  assert.deepEqual(parse("#vendor=sun&token=t.1"), [{ vendorId: "sun", token: "t.1" }]);
  assert.deepEqual(parse("#vendor=a&vendor=b&token=2"), [{ vendorId: "a", token: "" }, { vendorId: "b", token: "2" }]);
  assert.deepEqual(parse("#token=1&vendor=a&vendor=b"), [{ vendorId: "a", token: "1" }, { vendorId: "b", token: "" }]);
  assert.deepEqual(parse("https://x.example/kiosk/#vendor=a+b%20c&token=%zz"), [{ vendorId: "a b c", token: "%zz" }]);
  assert.deepEqual(parse("#vendor=a&token=old&vendor=b&vendor=a&token=new").map((/** @type {any} */ one) => one.vendorId + one.token), ["b", "anew"]);
  assert.equal(parse("abcde".split("").map((id) => `vendor=${id}`).join("&")).length, 4);
  for (const nothing of ["", "#", "#setup", "#token=1", "#vendor="]) assert.deepEqual(parse(nothing), []);
  const signed = (/** @type {object} */ claims) => `h.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.s`;
  const [ours, persons] = [signed({ sub: "s>?", aud: "festival-push:display" }), signed({ sub: "anna", aud: "festival-push" })];
  assert.deepEqual(parse(`#vendor=sun&token=${ours}`), [{ vendorId: "sun", token: ours }]);
  for (const token of [persons, signed({ aud: "festival-push:link" })]) assert.deepEqual(parse(`#vendor=sun&token=${token}`), [{ vendorId: "sun", token: "" }]);
});

test("a screen remembers its stalls, also those of an earlier version", () => {
  const { parseKept, withScreen, without } = BoardScreens;
  assert.deepEqual(parseKept('{"vendorId":"sun","token":"t"}'), [{ vendorId: "sun", token: "t" }]);
  const two = withScreen(withScreen([], { vendorId: "a", token: "1" }), { vendorId: "b", token: "" });
  assert.deepEqual(parseKept(JSON.stringify(two)), two);
  assert.deepEqual(withScreen(two, { vendorId: "a", token: "2" }).map((/** @type {any} */ one) => one.token), ["", "2"]);
  assert.deepEqual(without(two, "a").length, 1);
  for (const nothing of [null, "", "{", "{}", "[null]", "[{}]"]) assert.deepEqual(parseKept(nothing), []);
});

test("keys that look alike type nothing, and each refusal has its words", () => {
  const typed = (/** @type {string} */ text) => Array.from(text, (char) => BoardPairing.charOf(char.charCodeAt(0))).join("");
  assert.equal(typed("AZ29 01ILO"), "AZ29");
  assert.deepEqual([98, 96, 13, 37, 229].map(BoardPairing.charOf), ["2", "", "", "", ""]);
  const words = (/** @type {number} */ status, retryAfterS = 0) => BoardPairing.wordsOf({ status, data: null, retryAfterS });
  assert.match(words(404), /not known/);
  assert.match(words(429, 7), /in 7 seconds/);
  assert.match(words(0), /can't be reached/);
  assert.equal(words(503), words(0));
});
