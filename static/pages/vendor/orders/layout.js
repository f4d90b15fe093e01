// @ts-check
/** Where the tickets of a kitchen stand: as many whole ones as fit the screen, the rest on further pages. Pure; in pixels
 * of the style sheet, with the same measures as `tickets.css`. */

/** @typedef {"pending" | "preparing" | "ready"} Lane */
/** @typedef {object} Sizes
 * @property {number} unit  what a finger can hit
 * @property {number} width  of the narrowest ticket
 * @property {number} row  of the grid, at least; a ticket takes two or more
 * @property {number} rows  of the grid that a ticket of two lines takes
 * @property {boolean} isFlat  for a low screen: lines of one row of text, without boxes to tick; the sheet has those
 * @property {number} head  height of a ticket's head
 * @property {number} line  height of one row of a line
 * @property {number} lead  between head and lines
 * @property {number} gap  between two lines */
/** @typedef {{columns: number, rows: number}} Grid */

/** In the order in which they stand. @type {readonly Lane[]} */
export const LANES = ["pending", "preparing", "ready"];
export const GAP = 8; // between any two targets
const PAD = 4; // around a ticket's content, its border included
const TARGET = 44;
const COLUMNS_MAX = 12; // that the style sheet knows, as it knows so many rows
const ROWS_MAX = 36;
const COLUMNS_OF_LANES = 3; // with fewer, one lane is shown at a time
const CELLS_MIN = 2; // a head and a line
export const CELLS_MAX = 6; // of one ticket; what does not fit is behind "more"
const CHARS = 22; // of one line of a ticket's text
const AGE_CHARS = 5; // that the mark of an age is wide
const ROWS_OF_LINE_MAX = 3;
const FLAT_ROWS_OF_LINE_MAX = 4;
const WHOLE_MIN = 3; // tickets above each other; a screen that is too low for them gets flat ones

/** How large tickets are. @param {number} rem  the person's text size @param {number} height  that the tickets have
 * @returns {Sizes} */
export function sizesOf(rem, height) {
  const unit = Math.max(TARGET, 2.75 * rem);
  const width = 15 * rem;
  const full = { unit, width, row: unit + PAD, rows: 3, isFlat: false, head: unit, line: unit, lead: GAP, gap: GAP };
  const flat = { unit, width, row: unit, rows: 2, isFlat: true, head: unit - 4, line: unit / 2, lead: 4, gap: 0 };
  const wholeIn = (/** @type {Sizes} */ { row, rows }) => Math.floor(fit(height, row, ROWS_MAX) / rows);
  return wholeIn(full) < WHOLE_MIN && wholeIn(flat) > wholeIn(full) ? flat : full;
}

/** How many of a size fit beside each other. @param {number} space @param {number} size @param {number} most */
const fit = (space, size, most) => Math.min(most, Math.max(1, Math.floor((space + GAP) / (size + GAP))));

/** @param {{width: number, height: number}} space @param {Sizes} sizes @returns {Grid} */
export const gridOf = (space, sizes) => ({ columns: fit(space.width, sizes.width, COLUMNS_MAX), rows: fit(space.height, sizes.row, ROWS_MAX) });

/** Whether the lanes stand beside each other. @param {Grid} grid */
export const isWide = ({ columns }) => columns >= COLUMNS_OF_LANES;

/** Share the columns among the lanes: the rails take a quarter each, what is to be made takes the rest.
 * @param {readonly Lane[]} lanes  those that have something to show @param {number} columns  at least as many
 * @returns {Partial<Record<Lane, number>>} */
export function spansOf(lanes, columns) {
  const widest = lanes.includes("preparing") ? "preparing" : lanes[0];
  const rail = lanes.length > 1 ? Math.max(1, Math.floor(columns / 4)) : 0;
  return Object.fromEntries(lanes.map((lane) => [lane, lane === widest ? columns - rail * (lanes.length - 1) : rail]));
}

/** How many rows a ticket has below its head. @param {number} cells  rows of the grid that it takes
 * @param {number} rows  of the grid @param {number} height  of the grid @param {Sizes} sizes */
export function unitsIn(cells, rows, height, { head, line, lead, gap }) {
  const cell = (height - (rows - 1) * GAP) / rows;
  const own = cells * cell + (cells - 1) * GAP - 2 * PAD;
  return Math.max(1, Math.floor((own - head - lead + gap) / (line + gap)));
}

/** How many rows one line of an order takes: a wish must be read, an allergy above all.
 * @param {{quantity: number, name: string, notes?: string | null, ageMin?: number}} line @param {Sizes} sizes */
export function rowsOf({ quantity, name, notes, ageMin = 0 }, { isFlat }) {
  const text = Math.ceil((`${quantity} × ${name}`.length + (ageMin ? AGE_CHARS : 0)) / CHARS) + Math.ceil((notes ?? "").length / CHARS);
  return isFlat ? Math.min(FLAT_ROWS_OF_LINE_MAX, text) : Math.min(ROWS_OF_LINE_MAX, Math.ceil(text / 2));
}

/** @param {number[]} lines  the rows that each takes @param {number} rows  of the grid @param {number} height
 * @param {Sizes} sizes @param {number} [cellsMax] @returns {{cells: number, shown: number}} shown: how many lines; for the
 * others there is "more" */
export function cellsOf(lines, rows, height, sizes, cellsMax = CELLS_MAX) {
  const needed = lines.reduce((sum, line) => sum + line, 0);
  const most = Math.min(cellsMax, rows);
  let cells = Math.min(CELLS_MIN, rows);
  while (cells < most && unitsIn(cells, rows, height, sizes) < needed) cells += 1;
  const units = unitsIn(cells, rows, height, sizes);
  if (needed <= units) return { cells, shown: lines.length };
  let [shown, left] = [0, units - 1]; // the last row says how many more
  for (const line of lines) {
    if (line > left) break;
    left -= line;
    shown += 1;
  }
  return { cells, shown };
}

/** Fill pages column by column, in the order given. @param {number[]} cells  of each ticket @param {Grid} grid
 * @returns {number[][]} the indexes on each page; at least one page */
export function pagesOf(cells, { columns, rows }) {
  const pages = [/** @type {number[]} */ ([])];
  let [column, used] = [0, 0];
  cells.forEach((own, index) => {
    if (used + own > rows) [column, used] = [column + 1, 0];
    if (column === columns) {
      pages.push([]);
      column = 0;
    }
    used += own;
    pages[pages.length - 1]?.push(index);
  });
  return pages;
}
