// @ts-check
import { byId, el, showList } from "../../ui/dom.js";

/** @typedef {{preparing: number[], ready: number[], vendorName?: string}} Board */

const FRESH_MS = 10_000;

/** Return how crowded the board is, which decides the size of the digits.
 * @param {number} count @returns {"one" | "few" | "some" | "many" | "packed" | "crammed"} */
export const crowdOf = (count) => (count <= 2 ? "one" : count <= 6 ? "few" : count <= 12 ? "some" : count <= 24 ? "many" : count <= 48 ? "packed" : "crammed");

/** @param {readonly number[]} before @param {readonly number[]} after @returns {number[]} what wasn't there before */
export const newNumbers = (before, after) => after.filter((number) => !before.includes(number));

/** The two lanes of numbers. */
export function createBoard() {
  let shown = /** @type {Board | null} */ (null);
  const fresh = /** @type {Set<number>} */ (new Set());

  /** @param {"preparing" | "ready"} lane @param {number[]} numbers */
  const showLane = (lane, numbers) => {
    const list = byId(lane);
    list.dataset.crowd = crowdOf(numbers.length);
    showList(list, numbers, String, (number) => el("li", { class: fresh.has(number) ? "fresh" : null }, number),
      (number) => `${number} ${lane === "ready" && fresh.has(number)}`);
  };
  const render = () => {
    showLane("preparing", shown?.preparing ?? []);
    showLane("ready", shown?.ready ?? []);
  };

  /** @param {number} number */
  const flash = (number) => {
    fresh.add(number);
    setTimeout(() => {
      fresh.delete(number);
      render();
    }, FRESH_MS);
  };

  return {
    /** @param {Board} whole  always all of it, so that any one frame puts the screen right */
    show(whole) {
      // A board that has just been switched on has no new numbers.
      if (shown) newNumbers(shown.ready, whole.ready).forEach(flash);
      shown = whole;
      if (whole.vendorName) byId("stall").textContent = whole.vendorName;
      render();
    },
    shown: () => shown,
    /** @param {Board} whole */
    same: (whole) => JSON.stringify([shown?.preparing, shown?.ready]) === JSON.stringify([whole.preparing, whole.ready]),
  };
}
