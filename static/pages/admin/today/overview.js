// @ts-check
import { byId, el, setText, showList } from "../../../ui/dom.js";
import { later } from "../../../ui/later.js";
import { formatMoney } from "../../../ui/format/money.js";
import { oneAtATime } from "../../../ui/state/reading.js";
import { whenBack } from "../../../ui/link-state.js";
import { listWords } from "../../../ui/format/words.js";

const READ_AGAIN_MS = 2_000; // a rush of transactions asks once

/** @typedef {{users: Record<string, number>, suspended: number, vendors: number, vendorsOpen: number,
 *   orders: Record<string, number>, cameIn: number, wallets: number, held: number, fees: number, paidOut: number,
 *   payoutsRequested: number, streams: number, losses?: number, inDrawers?: number, inSafe?: number, differences?: number,
 *   crew?: number, allowances?: number, deposits?: number, donations?: number}} Overview */

/** @typedef {[string, string, string]} Figure */

/** @param {number} difference @param {(amount: number) => string} money */
const differenceWords = (difference, money) => (difference < 0 ? `${money(-difference)} short` : difference > 0 ? `${money(difference)} over` : "no difference");

/** What came in and is nowhere: 0, unless the books are wrong. @param {Overview} overview */
const unexplained = ({ cameIn, losses = 0, crew = 0, wallets, held, fees, paidOut, deposits = 0, allowances = 0, donations = 0 }) =>
  cameIn + losses + crew - (wallets + held + fees + paidOut + deposits + allowances + donations);

/** Return the figures that the organiser looks at first, each as name, value and parts; pure.
 * @param {Overview} overview @param {(amount: number) => string} money @returns {Figure[]} */
export function figuresOf(overview, money) {
  const { users, orders } = overview;
  const of = (/** @type {Record<string, number>} */ counts, /** @type {string[]} */ ...names) =>
    names.reduce((sum, name) => sum + (counts[name] ?? 0), 0);
  const waiting = of(orders, "pending", "confirmed", "preparing");
  const requested = overview.payoutsRequested;
  const { losses, deposits, donations, crew } = overview;
  const off = unexplained(overview);
  /** @param {unknown} there @param {Figure} figure @returns {Figure[]} */
  const where = (there, figure) => (there ? [figure] : []);
  return [
    ["Came in", money(overview.cameIn), `${money(overview.wallets)} in wallets and tills`],
    ["Paid out", money(overview.paidOut), requested ? `${requested} ${requested === 1 ? "waits" : "wait"} for you` : "nothing waits"],
    ["Fees", money(overview.fees), `${money(overview.held)} without an owner`],
    ...where(overview.inDrawers || overview.inSafe || overview.differences,
      ["Cash", money((overview.inDrawers ?? 0) + (overview.inSafe ?? 0)), `${money(overview.inDrawers ?? 0)} in drawers, ${differenceWords(overview.differences ?? 0, money)}`]),
    ...where(deposits, ["Deposits", money(deposits ?? 0), "taken and not given back"]),
    ...where(donations, ["Donations", money(donations ?? 0), "given by guests"]),
    ...where(crew, ["Drink tickets", money(crew ?? 0), `${money(overview.allowances ?? 0)} not used yet`]),
    ...where(losses, ["Lost", money(losses ?? 0), "taken back of what was spent"]),
    ["Books", money(off), off ? "they don't add up: audit them" : "they sum to zero"],
    ["Orders open", String(waiting + of(orders, "ready")), `${of(orders, "ready")} ready, ${of(orders, "completed")} picked up`],
    ["Stalls open", `${overview.vendorsOpen} of ${overview.vendors}`, `keepers: ${of(users, "vendor")}`],
    ["People", String(of(users, "customer", "vendor", "admin")), `${of(users, "customer")} guests, ${overview.suspended} suspended`],
    ["Connected", String(overview.streams), "open pages and screens"],
  ];
}

/** The festival at a glance. @param {import("../../../sdk/festival-push.js").Client} client @param {import("../../../sdk/types.js").Currency} currency */
export function createOverview(client, currency) {
  let stale = false;
  const isSeen = () => !byId("view-today").hidden && document.visibilityState === "visible";

  const load = oneAtATime(async () => {
    stale = false;
    try {
      const overview = /** @type {Overview} */ (await client.get("/v1/admin/overview"));
      showList(byId("figures"), figuresOf(overview, (amount) => formatMoney(amount, currency)), ([name]) => name, ([name, value, detail]) =>
        el("li", { class: "figure" }, el("span", {}, name), el("b", {}, value), el("small", {}, detail)));
      setText("overview-problem", "");
    } catch (error) {
      setText("overview-problem", listWords(error));
      whenBack(load);
    }
  });
  const soon = later(() => void load(), READ_AGAIN_MS);
  document.addEventListener("visibilitychange", () => stale && isSeen() && soon());

  return {
    open: () => void load(),
    /** Something has happened; it is read again when somebody looks. */
    changed() {
      stale = true;
      if (isSeen()) soon();
    },
  };
}
