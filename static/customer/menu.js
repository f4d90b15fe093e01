// @ts-check
import { byId, el, setText, showList, whileBusy } from "../js/dom.js";
import { formatMoney } from "../js/money.js";
import { ProblemError } from "../js/problem.js";
import { toast } from "../js/toast.js";
import { commandWords, humanWords } from "../js/words.js";
import { changeQuantity, orderWish, totalOf, withoutSoldOut } from "./cart.js";

/** @typedef {import("../js/types.js").MenuItem} MenuItem */
/** @typedef {import("../js/types.js").Vendor} Vendor */

const RELOAD_MS_MAX = 3_000; // a menu's change reaches every phone at once: spread the questions that follow
const MENU_CHANGED = ["price-changed", "item-unavailable", "vendor-closed"];

/** The list of stalls, one stall's menu, and the cart.
 * @param {import("../js/festival-push.js").Client} client @param {string} currency @param {() => number} balance
 * @param {(placed: any) => void} placed  an order was paid */
export function createMenu(client, currency, balance, placed) {
  let vendors = /** @type {Vendor[]} */ ([]);
  let vendorId = "";
  let menu = /** @type {MenuItem[]} */ ([]);
  let cart = /** @type {Map<string, number>} */ (new Map());
  let reloading = 0;

  /** @param {string} itemId @param {number} step */
  const change = (itemId, step) => {
    cart = changeQuantity(cart, itemId, step);
    show();
  };

  /** @param {MenuItem} item */
  const row = (item) => {
    const quantity = cart.get(item.itemId) ?? 0;
    const stepper = el("div", { class: "stepper" },
      quantity > 0 && el("button", { "aria-label": `One ${item.name} less`, "data-focus": `less-${item.itemId}`,
        onclick: () => change(item.itemId, -1) }, "−"),
      quantity > 0 && el("output", { "aria-label": `${quantity} ${item.name}` }, quantity),
      el("button", { "aria-label": `Add ${item.name}`, "data-focus": `more-${item.itemId}`,
        onclick: () => change(item.itemId, 1) }, "+"));
    return el("li", { class: item.available ? "row" : "row sold-out" },
      el("div", { class: "grow" }, el("strong", {}, item.name), item.description && el("p", { class: "muted" }, item.description),
        el("p", { class: "price" }, formatMoney(item.price, currency))),
      item.available ? stepper : el("span", { class: "chip" }, "Sold out"));
  };

  const show = () => {
    showList(byId("menu"), menu, ({ itemId }) => itemId, row, (item) => JSON.stringify([item, cart.get(item.itemId)]));
    setText("menu-title", vendors.find((vendor) => vendor.vendorId === vendorId)?.name ?? "Menu");
    const { count, total } = totalOf(cart, menu);
    byId("order-bar").hidden = count === 0;
    const short = total - balance();
    setText("order", `Order ${count} ${count === 1 ? "item" : "items"} · ${formatMoney(total, currency)}`);
    byId("order").classList.toggle("doubtful", short > 0);
  };

  const loadMenu = async () => {
    const asked = vendorId;
    try {
      const { items } = await client.get(`/v1/vendors/${encodeURIComponent(asked)}/menu`);
      if (asked !== vendorId) return; // another stall was opened meanwhile
      menu = items;
      cart = withoutSoldOut(cart, menu);
      setText("menu-state", menu.length ? "" : "This stall has nothing on its menu yet.");
    } catch (error) {
      if (asked === vendorId) setText("menu-state", humanWords(error));
    }
    show();
  };

  const order = async () => {
    const notes = /** @type {HTMLInputElement} */ (byId("order-notes"));
    setText("order-problem", "");
    try {
      const { data, replayed } = await client.command("/v1/orders", orderWish(vendorId, cart, menu, notes.value.trim()));
      cart = new Map();
      notes.value = "";
      show();
      if (replayed) toast("Your order had gone through already; you weren't charged twice.", "success");
      placed(data); // the number comes as a notification, on every device
    } catch (error) {
      setText("order-problem", commandWords(error, currency));
      if (error instanceof ProblemError && MENU_CHANGED.includes(error.code)) await loadMenu();
    }
  };
  byId("order-bar").addEventListener("submit", (event) => {
    event.preventDefault();
    void whileBusy(/** @type {HTMLButtonElement} */ (byId("order")), order);
  });

  return {
    async loadStalls() {
      try {
        vendors = (await client.get("/v1/vendors")).items;
        setText("stalls-state", vendors.length ? "" : "No stalls yet. Come back soon.");
        if (vendorId) show(); // its name is known now
      } catch (error) {
        setText("stalls-state", humanWords(error));
      }
      showList(byId("stalls"), vendors, (vendor) => vendor.vendorId, (vendor) =>
        el("li", {}, el("a", { class: "card stall", href: `#stall=${encodeURIComponent(vendor.vendorId)}` },
          el("strong", {}, vendor.name), el("span", { class: "muted" }, vendor.open === false ? "Closed" : "See the menu"))));
    },
    /** @param {string} id */
    open(id) {
      if (id !== vendorId) [menu, cart] = [[], new Map()];
      vendorId = id;
      setText("order-problem", "");
      setText("menu-state", menu.length ? "" : "Loading the menu…");
      show();
      void loadMenu();
    },
    /** @param {any} change  a `menu-updated` event */
    apply(change) {
      if (change.vendorId !== vendorId) return;
      if (menu.some(({ itemId }) => itemId === change.itemId)) {
        const { available, price, name } = change;
        menu = menu.map((item) => (item.itemId === change.itemId ? { ...item, available, price, name } : item));
        if (cart.has(change.itemId) && !available) toast(`${name} has just sold out.`, "warning");
        cart = withoutSoldOut(cart, menu);
        show();
      } else {
        clearTimeout(reloading);
        reloading = setTimeout(() => void loadMenu(), Math.random() * RELOAD_MS_MAX);
      }
    },
  };
}
