// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { createReading, oneAtATime, withNewest } from "../../../static/ui/state/reading.js";
import { settle } from "./support.js";

/** A question whose answer a test gives. */
function question() {
  let give = /** @type {(answer: string[]) => void} */ (() => {});
  let fail = /** @type {(error: Error) => void} */ (() => {});
  const answer = /** @type {Promise<string[]>} */ (new Promise((resolve, reject) => ([give, fail] = [resolve, reject])));
  return { ask: () => answer, give: (/** @type {string[]} */ ...items) => give(items), fail: () => fail(new Error("away")) };
}

function list() {
  let items = /** @type {string[]} */ ([]);
  const seen = /** @type {string[]} */ ([]);
  const reading = createReading(() => seen.push(items.join(" ")));
  const put = (/** @type {string} */ item) => void (items = [...items.filter((one) => one !== item), item]);
  return {
    seen,
    shown: () => items.join(" "),
    put: (/** @type {string} */ item) => reading.change(() => put(item)),
    drop: (/** @type {string} */ item) => reading.change(() => void (items = items.filter((one) => one !== item))),
    read: (/** @type {() => Promise<string[]>} */ ask) => reading.read(ask, (answer) => void (items = answer)),
    send: (/** @type {() => Promise<string[]>} */ ask) => reading.send(ask, (answer) => answer.forEach(put)),
  };
}

test("what came while an answer was on its way is on top of it, in order", async () => {
  const [shown, asked] = [list(), question()];
  shown.put("before");
  const reading = shown.read(asked.ask);
  for (const item of ["a", "b", "c"]) shown.put(item);
  shown.drop("b");
  asked.give("old", "b");
  await reading;
  assert.equal(shown.shown(), "old a c");
  assert.ok(!shown.seen.includes("old b"), "nobody sees the answer without what came meanwhile");
  shown.put("d");
  assert.equal(shown.shown(), "old a c d");
});

test("a read and a command that cross leave what is newest, whichever is answered last", async () => {
  for (const isReadFirst of [true, false]) {
    const [shown, read, sent] = [list(), question(), question()];
    const all = [shown.read(read.ask), shown.send(sent.ask)];
    shown.put("event");
    const answers = [() => read.give("old"), () => sent.give("answer")];
    for (const give of isReadFirst ? answers : answers.reverse()) {
      give();
      await settle();
    }
    await Promise.all(all);
    assert.equal(shown.shown(), "old answer event");
  }
});

test("a question that fails changes nothing", async () => {
  const [shown, asked] = [list(), question()];
  const reading = shown.read(asked.ask);
  shown.put("a");
  asked.fail();
  await assert.rejects(reading, /away/);
  assert.equal(shown.shown(), "a");
  assert.equal(shown.seen.length, 1);
});

test("what is asked for meanwhile is done once more, however often it is asked for", async () => {
  let [running, runs] = [0, 0];
  let finish = () => {};
  const load = oneAtATime(async () => {
    assert.equal((running += 1), 1);
    runs += 1;
    await new Promise((resolve) => (finish = () => resolve(undefined)));
    running -= 1;
  });
  const first = load();
  const others = [load(), load()];
  assert.equal(runs, 1);
  finish();
  await settle();
  assert.equal(runs, 2);
  finish();
  await Promise.all([first, ...others]);
  assert.equal(runs, 2);
  void load();
  assert.equal(runs, 3);
});

test("whoever asks just as the last run ends is heard", async () => {
  for (let turns = 0; turns < 8; turns += 1) {
    let runs = 0;
    const load = oneAtATime(async () => void (runs += 1));
    void load();
    for (let turn = 0; turn < turns; turn += 1) await null;
    const before = runs;
    await load();
    assert.ok(runs > before, `after ${turns} turns`);
  }
});

test("a newer first page goes on top, and the older pages go on where they ended", () => {
  const key = String;
  assert.deepEqual(withNewest({ items: [3, 2, 1], next: "1" }, { items: [5, 4, 3], next: "3" }, key), { items: [5, 4, 3, 2, 1], next: "1" });
  assert.deepEqual(withNewest({ items: [3, 2, 1], next: null }, { items: [9, 8, 7], next: "7" }, key), { items: [9, 8, 7], next: "7" });
  assert.deepEqual(withNewest({ items: [], next: null }, { items: [], next: null }, key), { items: [], next: null });
});

test("what a newer first page covers and does not hold is gone, and what it reaches beyond is not asked for twice", () => {
  const key = String;
  assert.deepEqual(withNewest({ items: [5, 4, 3, 2, 1], next: "1" }, { items: [6, 5, 3], next: "3" }, key), { items: [6, 5, 3, 2, 1], next: "1" });
  assert.deepEqual(withNewest({ items: [3, 2, 1], next: null }, { items: [3], next: null }, key), { items: [3], next: null });
  assert.deepEqual(withNewest({ items: [9, 8], next: "8" }, { items: [9, 7], next: "7" }, key), { items: [9, 7], next: "7" });
});

test("an event that overtakes a newer first page stays above it", async () => {
  let shown = { items: ["b", "a"], next: /** @type {string | null} */ ("a") };
  const put = (/** @type {string} */ item) => () => void (shown.items.includes(item) || (shown.items = [item, ...shown.items]));
  const [reading, asked] = [createReading(() => {}), question()];
  const loading = reading.read(asked.ask, (items) => void (shown = withNewest(shown, { items, next: "b" }, String)));
  reading.change(put("c"));
  asked.give("b");
  await loading;
  assert.deepEqual(shown.items, ["c", "b", "a"]);
});
