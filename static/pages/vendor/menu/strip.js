// @ts-check
import { byId, el, setText, showList } from "../../../ui/dom.js";
import { deviceStore } from "../../../sdk/storage.js";
import { countsOf } from "../orders/counts.js";

/** @typedef {import("../../../sdk/types.js").MenuItem} MenuItem */
/** @typedef {import("../orders/ticket.js").Standing} Standing */

const ALL_DAY = "festival-push.stall-all-day";
const ROOMY_PX = 960; // from here on there is room for the counts unless somebody closes them

/** What stands above the tickets: a switch for each item of the menu, and how much of what is still to be made.
 * @param {(item: MenuItem) => void} flip  sold out, or to be had again */
export function createStrip(flip) {
  const toggle = byId("all-day-toggle");
  let isOpen = (deviceStore.get(ALL_DAY) ?? (innerWidth >= ROOMY_PX ? "open" : "closed")) === "open";

  const show = () => {
    toggle.setAttribute("aria-expanded", String(isOpen));
    byId("all-day").hidden = !isOpen;
  };
  toggle.addEventListener("click", () => {
    isOpen = !isOpen;
    deviceStore.set(ALL_DAY, isOpen ? "open" : "closed");
    show();
  });
  show();

  return {
    /** @param {(MenuItem & {unsent?: boolean})[]} menu */
    items: (menu) => showList(byId("chips"), menu, ({ itemId }) => itemId, (item) => el("li", {},
      el("button", { class: "item-chip", role: "switch", "aria-checked": String(item.available), "aria-label": `${item.name} is available`,
        "data-focus": `chip-${item.itemId}`, onclick: () => flip(item) }, el("span", {}, item.name), item.unsent && el("small", { class: "unsent" }, "not sent")))),
    /** @param {Standing[]} orders @param {(order: Standing, line: number) => boolean} isMade */
    counts(orders, isMade) {
      const counts = countsOf(orders, isMade);
      setText("all-day-none", counts.length ? "" : "Nothing to make.");
      showList(byId("all-day-counts"), counts, ({ name }) => name, ({ name, count }) => el("li", {}, el("b", {}, `${count} ×`), ` ${name}`));
    },
  };
}
