// @ts-check
/** Drawers of today and before: a cashier's own, for organisers everybody's. */
import { byId, el, setText } from "../../../ui/dom.js";
import { formatMoney } from "../../../ui/format/money.js";
import { formatWhen } from "../../../ui/format/time.js";
import { createPaged } from "../../admin/paged.js";
import { differenceWords } from "./words.js";

/** @typedef {import("./words.js").Drawer} Drawer */

/** @param {import("../../../sdk/festival-push.js").Client} client @param {import("../../../sdk/types.js").Currency} currency
 * @param {{isOrganiser: boolean, close: (drawer: Drawer) => void}} options */
export function createDrawers(client, currency, { isOrganiser, close }) {
  const money = (/** @type {number} */ amount) => formatMoney(amount, currency);
  setText("drawers-title", isOrganiser ? "All drawers" : "My drawers");

  /** @param {Drawer} drawer */
  const row = (drawer) => {
    const isClosed = typeof drawer.difference === "number";
    const times = [formatWhen(drawer.openedAt), drawer.closedAt && formatWhen(drawer.closedAt)].filter(Boolean).join(" – ");
    return el("li", { class: "row wrap" },
      el("div", { class: "grow" }, el("strong", {}, drawer.name), " ", el("span", { class: drawer.difference ? "chip bad" : "chip" }, isClosed ? "closed" : "open"),
        el("p", { class: "muted" }, [isOrganiser && (drawer.cashierName ?? drawer.cashierId), times].filter(Boolean).join(" · ")),
        isClosed && el("p", { class: "muted" }, differenceWords(drawer.difference ?? 0, money), drawer.reason && ` ${drawer.reason}`)),
      el("span", { class: "price" }, money(isClosed ? drawer.counted ?? 0 : drawer.expected)),
      isOrganiser && !isClosed && el("button", { class: "small", onclick: () => close(drawer) }, "Count…", el("span", { class: "sr-only" }, ` ${drawer.name}`)));
  };

  const list = createPaged(client, {
    name: "drawers",
    path: () => "/v1/admin/drawers?limit=20",
    keyOf: (/** @type {Drawer} */ { drawerId }) => drawerId,
    row,
    empty: "None yet.",
  });
  return { load: () => void list.load() };
}
