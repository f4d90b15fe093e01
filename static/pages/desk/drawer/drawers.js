// @ts-check
/** Drawers of today and before: a cashier's own, for organisers everybody's. */
import { el, setText, whileBusy } from "../../../ui/dom.js";
import { formatMoney } from "../../../ui/format/money.js";
import { formatWhen } from "../../../ui/format/time.js";
import { createPaged } from "../../admin/paged.js";
import { differenceWords } from "./words.js";

/** @typedef {import("./words.js").ListedDrawer} ListedDrawer */

/** @param {import("../../../sdk/festival-push.js").Client} client @param {import("../../../sdk/types.js").Currency} currency
 * @param {{isOrganiser: boolean, count: (drawerId: string) => Promise<void>}} options  count: to close somebody's */
export function createDrawers(client, currency, { isOrganiser, count }) {
  const money = (/** @type {number} */ amount) => formatMoney(amount, currency);
  setText("drawers-title", isOrganiser ? "All drawers" : "My drawers");

  /** @param {ListedDrawer} drawer */
  const counting = ({ drawerId, name, cashierName }) => {
    const button = el("button", { class: "small", onclick: () => void whileBusy(button, () => count(drawerId)) }, "Count…", el("span", { class: "sr-only" }, ` ${name} of ${cashierName}`));
    return button;
  };

  /** @param {ListedDrawer} drawer */
  const row = (drawer) => {
    const isClosed = drawer.status === "closed";
    const times = [formatWhen(drawer.openedAt), drawer.closedAt && formatWhen(drawer.closedAt)].filter(Boolean).join(" – ");
    return el("li", { class: "row wrap" },
      el("div", { class: "grow" }, el("strong", {}, drawer.name), " ", el("span", { class: drawer.difference ? "chip bad" : "chip" }, isClosed ? "closed" : "open"),
        el("p", { class: "muted" }, [isOrganiser && drawer.cashierName, times].filter(Boolean).join(" · ")),
        isClosed && el("p", { class: "muted" }, [differenceWords(drawer.difference ?? 0, money), drawer.reason].filter(Boolean).join(" "))),
      isClosed ? el("span", { class: "price" }, money(drawer.counted ?? 0)) : isOrganiser && counting(drawer));
  };

  const list = createPaged(client, {
    name: "drawers",
    path: () => "/v1/admin/drawers?limit=20",
    keyOf: (/** @type {ListedDrawer} */ { drawerId }) => drawerId,
    row,
    empty: "None yet.",
  });
  return { load: () => void list.load() };
}
