// @ts-check
/** Where the numbers of a lane stand. All functions are pure; all lengths are in px. */

/** @typedef {{width: number, height: number}} BoardBox */
/** @typedef {{left: number, top: number, width: number, height: number}} BoardCell */
/** @typedef {{columns: number, rows: number, size: number}} BoardGrid  size: of the digits, whole px, at least 1 */
/** @typedef {BoardCell & {size: number}} BoardPlace  of one number; size: of its digits */

/** What a lane shows, all pages.
 * @typedef {object} BoardPlan
 * @property {BoardPlace | null} first  where the number stands that was called last; on every page
 * @property {BoardCell} area  of all other numbers
 * @property {BoardGrid} grid  of one page; all pages have the same
 * @property {number} perPage
 * @property {number} pages  at least 1
 */

const BoardLayout = (function () {
  "use strict";

  const GAP = 0.4; // between two numbers of a row, in digits' sizes: less, and 1 2 reads as 12
  const ROW = 1.05; // height of a row, in digits' sizes
  const LARGER = 1.6; // how much larger the number called last is, where the box allows
  const LARGER_MIN = 1.2;
  const SHARES = [0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7]; // of the box, for the number called last
  const FLAT = 1.6; // a stall's two lanes stand well beside each other in a box of this shape

  /** The grid with the largest digits that shows `count` numbers.
   * @param {BoardBox} box @param {number} count  at least 1 @param {number} ratio  of the widest number's width to the
   *   size of its digits @returns {BoardGrid} */
  function gridOf(box, count, ratio) {
    let best = { columns: 1, rows: count, size: 0 };
    for (let columns = 1; columns <= count; columns += 1) {
      const rows = Math.ceil(count / columns);
      const size = Math.min(box.width / columns / (ratio + GAP), box.height / rows / ROW);
      if (size > best.size) best = { columns: columns, rows: rows, size: size };
    }
    return { columns: best.columns, rows: best.rows, size: Math.max(1, Math.floor(best.size)) };
  }

  /** How many numbers fit with digits of this size. @param {BoardBox} box @param {number} ratio @param {number} size
   * @returns {number} 0 if none does */
  function capacityOf(box, ratio, size) {
    return Math.floor(box.width / (ratio + GAP) / size) * Math.floor(box.height / ROW / size);
  }

  /** Divide a box between the number called last and all others: above them or left of them, whichever shows both
   * larger. @param {BoardBox} box @param {number} others @param {number} ratio @param {number} floor
   * @returns {{first: BoardPlace, area: BoardCell} | null} null if the box is too small to divide */
  function divide(box, others, ratio, floor) {
    let best = null;
    let bestScore = 0;
    for (const isAbove of [true, false]) {
      for (const share of SHARES) {
        const width = isAbove ? box.width : Math.floor(box.width * share);
        const height = isAbove ? Math.floor(box.height * share) : box.height;
        const area = isAbove
          ? { left: 0, top: height, width: box.width, height: box.height - height }
          : { left: width, top: 0, width: box.width - width, height: box.height };
        const size = gridOf({ width: width, height: height }, 1, ratio).size;
        const score = Math.min(size / LARGER, gridOf(area, others, ratio).size);
        if (size < LARGER_MIN * floor || !capacityOf(area, ratio, floor) || score <= bestScore) continue;
        bestScore = score;
        best = { first: { left: 0, top: 0, width: width, height: height, size: size }, area: area };
      }
    }
    return best;
  }

  /** Plan a lane: the largest digits that show all numbers; pages, where those would be too small to read.
   * @param {BoardBox} box @param {number} count  at least 1 @param {number} ratio  as of `gridOf`
   * @param {number} floor  the smallest digits that can be read @param {boolean} hasFirst  the first number was called
   *   just now: it is the largest, and on every page
   * @returns {BoardPlan} */
  function planOf(box, count, ratio, floor, hasFirst) {
    const whole = { left: 0, top: 0, width: box.width, height: box.height };
    if (hasFirst && count === 1) {
      const size = gridOf(box, 1, ratio).size;
      const first = { left: 0, top: 0, width: box.width, height: box.height, size: size };
      return { first: first, area: whole, grid: { columns: 1, rows: 1, size: size }, perPage: 1, pages: 1 };
    }
    const divided = hasFirst ? divide(box, count - 1, ratio, floor) : null;
    const area = divided ? divided.area : whole;
    const others = divided ? count - 1 : count;
    const pages = Math.ceil(others / Math.max(1, capacityOf(area, ratio, floor)));
    const perPage = Math.ceil(others / pages);
    const grid = gridOf(area, perPage, ratio);
    if (divided) grid.size = Math.min(grid.size, Math.floor(divided.first.size / LARGER_MIN));
    return { first: divided && divided.first, area: area, grid: grid, perPage: perPage, pages: Math.ceil(others / perPage) };
  }

  /** Where the numbers of one page stand. @param {BoardPlan} plan @param {number} page  from 0 @param {number} count
   * @returns {{index: number, place: BoardPlace}[]} index: of the number in the lane */
  function placesOf(plan, page, count) {
    const { area, grid, first, perPage } = plan;
    const places = first ? [{ index: 0, place: first }] : [];
    const begin = (first ? 1 : 0) + page * perPage;
    for (let index = begin; index < Math.min(count, begin + perPage); index += 1) {
      const column = (index - begin) % grid.columns;
      const row = Math.floor((index - begin) / grid.columns);
      places.push({
        index: index,
        place: {
          left: area.left + Math.floor((column * area.width) / grid.columns),
          top: area.top + Math.floor((row * area.height) / grid.rows),
          width: Math.floor(area.width / grid.columns),
          height: Math.floor(area.height / grid.rows),
          size: grid.size,
        },
      });
    }
    return places;
  }

  /** Divide the screen between its stalls. The last row is filled. @param {BoardBox} box @param {number} count  1 to 4
   * @returns {BoardCell[]} */
  function stallsOf(box, count) {
    let columns = 1;
    let bestScore = 0;
    for (let tried = 1; tried <= count; tried += 1) {
      const score = Math.min(box.width / tried, (box.height / Math.ceil(count / tried)) * FLAT);
      if (score > bestScore) [bestScore, columns] = [score, tried];
    }
    const rows = Math.ceil(count / columns);
    const height = Math.floor(box.height / rows);
    return Array.from({ length: count }, function (_, index) {
      const row = Math.floor(index / columns);
      const inRow = Math.min(columns, count - row * columns);
      const width = Math.floor(box.width / inRow);
      return { left: (index - row * columns) * width, top: row * height, width: width, height: height };
    });
  }

  return { gridOf, capacityOf, planOf, placesOf, stallsOf };
})();
