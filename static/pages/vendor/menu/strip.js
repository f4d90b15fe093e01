// @ts-check
import { byId, el, setText, showList } from "../../../ui/dom.js";
import { deviceStore } from "../../../sdk/storage.js";
import { countsOf } from "../orders/counts.js";

/** @typedef {import("../../../sdk/types.js").MenuItem} MenuItem */
/** @typedef {import("../orders/ticket.js").Standing} Standing */

const ALL_DAY = "festival-push.stall-all-day";
const ROOMY = "(min-width: 960px) and (min-height: 600px)"; // there the counts are open unless somebody closes them

/** What stands above the tickets: a switch for each item of the menu, and how much of what is still to be made.
 * @param {(item: MenuItem) => void} flip  sold out, or to be had again */
export function createStrip(flip) {
  const toggle = byId("all-day-toggle");
  const roomy = matchMedia(ROOMY);

  const isWanted = () => (deviceStore.get(ALL_DAY) ?? (roomy.matches ? "open" : "closed")) === "open";
  const show = () => {
    const isOpen = isWanted();
    toggle.setAttribute("aria-expanded", String(isOpen));
    byId("all-day").hidden = !isOpen;
  };
  toggle.addEventListener("click", () => {
    deviceStore.set(ALL_DAY, isWanted() ? "closed" : "open");
    show();
  });
  roomy.addEventListener("change", show);
  show();

  return {
    /** @param {(MenuItem & {unsent?: boolean})[]} menu */
    items: (menu) => showList(byId("chips"), menu, ({ itemId }) => itemId, (item) => el("li", {},
      el("button", { class: "item-chip", role: "switch", "aria-checked": String(item.available), "aria-label": `${item.name} is available`,
        "data-focus": `chip-${item.itemId}`, onclick: () => flip(item) }, el("span", {}, item.name), item.stock !== undefined && item.available && el("small", {}, `${item.stock} left`), item.unsent && el("small", { class: "unsent" }, "not sent")))),
    /** @param {Standing[]} orders @param {(order: Standing, line: number) => boolean} isMade */
    counts(orders, isMade) {
      const counts = countsOf(orders, isMade);
      setText("all-day-none", counts.length ? "" : "Nothing to make.");
      showList(byId("all-day-counts"), counts, ({ name }) => name, ({ name, count }) => el("li", {}, el("b", {}, `${count} ×`), ` ${name}`));
    },
  };
}
