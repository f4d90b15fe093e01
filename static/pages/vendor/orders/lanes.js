// @ts-check
import { byId, el, setText, showList } from "../../../ui/dom.js";
import { PLACE_REST_MS } from "../taps/dead.js";
import { watchFingers } from "../taps/fingers.js";
import { CELLS_MAX, cellsOf, GAP, gridOf, isWide, LANES, pagesOf, rowsOf, sizesOf, spansOf } from "./layout.js";
import { ghostsDueIn, ghostsOf, laneOf, slotsOf } from "./slots.js";
import { outlineOf } from "./ticket.js";

/** @typedef {import("./layout.js").Lane} Lane */
/** @typedef {import("./ticket.js").Standing} Standing */
/** @typedef {import("./ticket.js").View} View */

/** @type {Record<Lane, string>} */
const TITLES = { pending: "New", preparing: "To make", ready: "Ready" };

const isFar = (/** @type {number} */ a, /** @type {number} */ b) => Math.abs(a - b) > 1; // a column may be shared out differently
const STILL_MS = 2_000; // after a step; who works quickly must not wait for places that are dead because they moved
const OUTLINES_MAX = 3; // in a crowded lane, at most, because of that

/** The tickets, in lanes and pages: only whole ones, and none moves while it may be touched.
 * @param {ReturnType<typeof import("../taps/guard.js").createGuard>} guard
 * @param {{viewOf: (order: Standing, size: {rows: number[], isFlat: boolean, cells: number, shown: number}) => View,
 *   ticket: (view: View) => HTMLElement, wordsOf: (orderId: string) => string}} show  wordsOf: what became of an order */
export function createLanes(guard, { viewOf, ticket, wordsOf }) {
  const area = byId("lanes");
  let orders = /** @type {Standing[]} */ ([]);
  let before = /** @type {Standing[]} */ ([]);
  let ghosts = /** @type {import("./slots.js").Ghost[]} */ ([]);
  let open = /** @type {Lane[]} */ ([]);
  let chosen = /** @type {Lane} */ ("preparing"); // the one that is shown where there is room for one
  let heldUntil = 0;
  let stillUntil = 0;
  const pages = { pending: 0, preparing: 0, ready: 0 };

  /** @returns {Map<string, {node: Element, place: DOMRect}>} the tickets on the screen by order */
  const standing = () => new Map(Array.from(area.querySelectorAll("li[data-order]"), (node) =>
    /** @type {const} */ ([node.getAttribute("data-order") ?? "", { node, place: node.getBoundingClientRect() }])));

  /** Choose what a lane's page shows. @param {Lane} lane @param {import("./layout.js").Grid} grid @param {number} height
   * @param {import("./layout.js").Sizes} sizes @param {number} now */
  const pageOf = (lane, grid, height, sizes, now) => {
    const fill = (/** @type {boolean} */ isCrowded) => {
      const slots = slotsOf(lane, orders, ghosts, now, isCrowded).map((slot) => {
        const rows = slot.order.items.map((line) => rowsOf(line, sizes));
        return { ...slot, rows, isFlat: sizes.isFlat, ...cellsOf(rows, grid.rows, height, sizes, lane === "ready" ? sizes.rows : CELLS_MAX) };
      });
      return { slots, pages: pagesOf(slots.map(({ cells }) => cells), grid) };
    };
    const roomy = fill(false);
    const isStill = now < stillUntil && ghosts.filter((ghost) => ghost.lane === lane).length <= OUTLINES_MAX;
    // A page of outlines alone would leave nothing to work on.
    const hasTicket = (roomy.pages[pages[lane]] ?? []).some((index) => roomy.slots[index]?.isGhost === false);
    const { slots, pages: all } = roomy.pages.length > 1 && !(isStill && hasTicket) ? fill(true) : roomy;
    pages[lane] = Math.min(pages[lane], all.length - 1);
    return { count: all.length, slots: (all[pages[lane]] ?? []).flatMap((index) => slots[index] ?? []) };
  };

  /** @param {Lane} lane @param {number} count */
  const showPager = (lane, count) => {
    byId(`${lane}-pages`).hidden = count < 2;
    setText(`${lane}-page`, `${pages[lane] + 1}/${count}`);
    /** @type {HTMLButtonElement} */ (byId(`${lane}-previous`)).disabled = pages[lane] === 0;
    /** @type {HTMLButtonElement} */ (byId(`${lane}-next`)).disabled = pages[lane] === count - 1;
  };

  /** @param {Lane} lane */
  const countOf = (lane) => orders.filter((order) => laneOf(order) === lane).length;

  const showBar = (/** @type {boolean} */ wide) => {
    byId("lane-bar").hidden = wide || open.length === 0;
    showList(byId("lane-bar"), wide ? [] : open, (lane) => lane, (lane) => el("li", {}, el("button", { "aria-pressed": String(lane === chosen),
      "data-focus": `lane-${lane}`, onclick: () => {
        chosen = lane;
        show();
      } }, `${TITLES[lane]} `, el("b", {}, countOf(lane)))), (lane) => `${lane === chosen} ${countOf(lane)}`);
  };

  /** Decide which lanes there are. A lane opens and closes only when nobody is about to tap. @param {number} now */
  const openLanes = (now) => {
    const present = LANES.filter((lane) => slotsOf(lane, orders, ghosts, now, false).length > 0);
    if (now >= heldUntil || open.length === 0) open = present;
    if (!open.includes(chosen)) chosen = open.includes("preparing") ? "preparing" : (open[0] ?? chosen);
  };

  const show = () => {
    if (fingers.isDown()) return fingers.later();
    const now = performance.now();
    ghosts = ghostsOf(ghosts, before, orders, now);
    before = orders;
    byId("nothing").hidden = orders.length > 0 || ghosts.length > 0;
    if (area.clientWidth === 0) return; // another section is shown
    const [old, focused] = [standing(), document.activeElement?.closest("li[data-order]")?.getAttribute("data-order")];
    openLanes(now);
    const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
    const wide = isWide(gridOf({ width: area.clientWidth, height: 0 }, sizesOf(rem, 0)));
    showBar(wide); // it may take room from the lanes
    const height = area.clientHeight - sizesOf(rem, 0).unit - GAP; // below the lanes' heads
    const sizes = sizesOf(rem, height);
    const grid = gridOf({ width: area.clientWidth, height }, sizes);
    /** @type {Partial<Record<Lane, number>>} */
    const spans = wide ? spansOf(open, grid.columns) : { [chosen]: grid.columns };
    area.dataset.columns = String(grid.columns);
    area.toggleAttribute("data-flat", sizes.isFlat);
    for (const lane of LANES) {
      const columns = spans[lane] ?? grid.columns;
      byId(`lane-${lane}`).hidden = !open.includes(lane) || spans[lane] === undefined;
      byId(`lane-${lane}`).dataset.span = String(columns);
      Object.assign(byId(lane).dataset, { columns: String(columns), rows: String(grid.rows) });
      setText(`${lane}-count`, String(countOf(lane) || ""));
      const page = open.includes(lane) ? pageOf(lane, { ...grid, columns }, height, sizes, now) : { count: 1, slots: [] };
      showPager(lane, page.count);
      const shown = page.slots.map(({ order, isGhost, ...size }) => ({ key: `${isGhost ? "left " : ""}${order.orderId}`, order, cells: size.cells,
        view: isGhost ? null : viewOf(order, size), words: isGhost ? wordsOf(order.orderId) : "" }));
      showList(byId(lane), shown, ({ key }) => key, ({ order, view, cells, words }) => (view ? ticket(view) : outlineOf(order, cells, words)),
        ({ view, cells, words }) => JSON.stringify([view, cells, words]));
    }
    const moved = Array.from(standing()).filter(([orderId, { place }]) => {
      const was = old.get(orderId)?.place;
      return place.width > 0 && (!was || isFar(was.left, place.left) || isFar(was.top, place.top) || isFar(was.width, place.width));
    });
    guard.mark(moved.map(([, { node }]) => node));
    if (focused && document.activeElement === document.body) focusNear(focused);
  };

  /** Keep the keyboard where it worked: at the next ticket of the same lane. @param {string} orderId */
  const focusNear = (orderId) => {
    const place = area.querySelector(`[data-left="${CSS.escape(orderId)}"]`) ?? area.querySelector("li[data-order]");
    const lane = place?.closest("ul")?.querySelectorAll(".ticket-next") ?? [];
    const after = Array.from(lane).find((button) => place && !(place.compareDocumentPosition(button) & Node.DOCUMENT_POSITION_PRECEDING));
    /** @type {HTMLElement} */ (after ?? lane[0] ?? byId("done")).focus();
  };

  /** @param {Lane} lane @param {number} by */
  const turn = (lane, by) => {
    pages[lane] = Math.max(0, pages[lane] + by);
    show();
  };

  const fingers = watchFingers(area, show, (node, by) => {
    const lane = LANES.find((one) => byId(`lane-${one}`).contains(node));
    if (lane) turn(lane, by);
  });
  for (const lane of LANES) {
    byId(`${lane}-previous`).addEventListener("click", () => turn(lane, -1));
    byId(`${lane}-next`).addEventListener("click", () => turn(lane, 1));
  }
  new ResizeObserver(() => show()).observe(area);

  return {
    /** @param {Standing[]} now  all open orders */
    show(now) {
      orders = now;
      show();
    },
    /** Let no lane open or close for a moment, and no ticket move up while somebody takes one step after the other. */
    hold() {
      heldUntil = performance.now() + PLACE_REST_MS;
      stillUntil = performance.now() + STILL_MS;
    },
    /** When it has to be shown again without anything having happened. @returns {number} milliseconds */
    dueIn() {
      const now = performance.now();
      return Math.min(ghostsDueIn(ghosts, now), ...[heldUntil, stillUntil].filter((until) => until > now).map((until) => until - now));
    },
  };
}
