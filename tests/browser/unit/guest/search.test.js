// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { matching } from "../../../../static/ui/state/search.js";

const NAMES = ["Crêpe Suzette", "Falafel Sun", "Käsespätzle", "Falafel plate, with ayran"];
const found = (/** @type {string} */ text) => matching(NAMES, text, (name) => name);

test("case and accents don't matter, and a word may stand anywhere", () => {
  assert.deepEqual(found("crepe"), ["Crêpe Suzette"]);
  assert.deepEqual(found("SPATZ"), ["Käsespätzle"]);
  assert.deepEqual(found(" käse "), ["Käsespätzle"]);
});

test("each of several words must be there, in any order", () => {
  assert.deepEqual(found("ayran falafel"), ["Falafel plate, with ayran"]);
  assert.deepEqual(found("falafel"), ["Falafel Sun", "Falafel plate, with ayran"]);
  assert.deepEqual(found("falafel pizza"), []);
});

test("nothing typed finds everything, in its order", () => {
  for (const text of ["", "  "]) assert.deepEqual(found(text), NAMES);
});
