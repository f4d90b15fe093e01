// @ts-check
import { byId, el, setText, showList, whileBusy } from "../../ui/dom.js";
import { later } from "../../ui/later.js";
import { formatMoney, minorDigits } from "../../ui/format/money.js";
import { isDefinite, KEPT_MS } from "../../sdk/idempotency.js";
import { ProblemError } from "../../sdk/problem.js";
import { createReading, oneAtATime } from "../../ui/state/reading.js";
import { toast } from "../../ui/toast.js";
import { commandWords, humanWords } from "../../ui/format/words.js";
import { changedPrices, changeQuantity, orderWish, tipOf, tipsFor, totalOf, withoutSoldOut } from "../../ui/state/cart.js";

/** @typedef {import("../../sdk/types.js").MenuItem} MenuItem */
/** @typedef {import("../../sdk/types.js").Vendor} Vendor */

const RELOAD_MS_MAX = 3_000; // a menu's change reaches every phone at once: spread the questions that follow
const MENU_CHANGED = ["price-changed", "item-unavailable", "vendor-closed"];

/** The list of stalls, one stall's menu, and the cart.
 * @param {import("../../sdk/festival-push.js").Client} client @param {string} currency @param {() => number} balance
 * @param {(placed: any) => void} placed  an order was paid */
export function createMenu(client, currency, balance, placed) {
  let vendors = /** @type {Vendor[]} */ ([]);
  let vendorId = "";
  let menu = /** @type {MenuItem[]} */ ([]);
  let cart = /** @type {Map<string, number>} */ (new Map());
  let stale = /** @type {Map<string, number>} */ (new Map()); // prices that have changed since the customer chose, by item
  let tipPart = 0; // of the total
  // An order without an answer: only the very same may be sent again, and only as long as its key is kept.
  let sent = /** @type {ReturnType<typeof orderWish> | null} */ (null);
  let sentAt = 0;
  let loadMenu = async () => {}; // of the stall that is open
  const vendor = () => vendors.find((one) => one.vendorId === vendorId);

  /** @param {string} itemId @param {number} step */
  const change = (itemId, step) => {
    if (sent) return;
    cart = changeQuantity(cart, itemId, step);
    show();
  };

  /** @param {MenuItem} item */
  const row = (item) => {
    const quantity = cart.get(item.itemId) ?? 0;
    const stepper = el("div", { class: "stepper" },
      quantity > 0 && el("button", { "aria-label": `One ${item.name} less`, "data-focus": `less-${item.itemId}`, disabled: sent !== null,
        onclick: () => change(item.itemId, -1) }, "−"),
      quantity > 0 && el("output", { "aria-label": `${quantity} ${item.name}` }, quantity),
      el("button", { "aria-label": `Add ${item.name}`, "data-focus": `more-${item.itemId}`, disabled: sent !== null,
        onclick: () => change(item.itemId, 1) }, "+"));
    return el("li", { class: item.available ? "row" : "row sold-out" },
      el("div", { class: "grow" }, el("strong", {}, item.name), item.description && el("p", { class: "muted" }, item.description),
        el("p", { class: "price" }, formatMoney(item.price, currency),
          stale.has(item.itemId) && el("span", { class: "was" }, ` was ${formatMoney(stale.get(item.itemId) ?? 0, currency)}`))),
      item.available ? stepper : el("span", { class: "chip" }, "Sold out"));
  };

  const tipStep = minorDigits(currency) ? 10 : 1; // ten cents; one yen
  /** What is ordered, or was. */
  const amounts = () => {
    if (sent) return { total: sent.expectedTotal, tip: sent.tip ?? 0 };
    const { total } = totalOf(cart, menu);
    return { total, tip: tipOf(total, tipPart, tipStep) };
  };
  const showTips = () => {
    const { total, tip: chosen } = amounts();
    const tips = tipsFor(total, tipStep);
    byId("tips").hidden = tips.length < 2;
    showList(byId("tips-choice"), tips, ({ tip }) => String(tip), ({ part, tip }) =>
      el("button", {
        type: "button", class: "small", "aria-pressed": String(tip === chosen), "data-focus": `tip-${tip}`, disabled: sent !== null,
        onclick: () => {
          tipPart = part;
          show();
        },
      }, tip ? formatMoney(tip, currency) : "None"), ({ tip }) => JSON.stringify([tip === chosen, sent !== null]));
  };

  const show = () => {
    showList(byId("menu"), menu, ({ itemId }) => itemId, row, (item) => JSON.stringify([item, cart.get(item.itemId), stale.get(item.itemId), sent !== null]));
    setText("menu-title", vendor()?.name ?? "Menu");
    const closed = vendor()?.open === false;
    byId("menu-closed").hidden = !closed;
    const count = sent ? sent.items.reduce((sum, { quantity }) => sum + quantity, 0) : totalOf(cart, menu).count;
    byId("order-bar").hidden = count === 0;
    if (count === 0) tipPart = 0;
    const { total, tip } = amounts();
    showTips();
    /** @type {HTMLInputElement} */ (byId("order-notes")).readOnly = sent !== null;
    const short = total + tip - balance();
    setText("order", `Order ${count} ${count === 1 ? "item" : "items"} · ${formatMoney(total + tip, currency)}`);
    byId("order").classList.toggle("doubtful", short > 0);
    /** @type {HTMLButtonElement} */ (byId("order")).disabled = (closed && !sent) || byId("order").getAttribute("aria-busy") === "true";
    setText("order-short", short <= 0 ? "" : short <= tip ? "Your balance covers the order, but not this tip: choose a smaller one or top up."
      : `${formatMoney(short, currency)} more than your balance: top up first.`);
  };

  const reading = createReading(() => {
    if (!sent) cart = withoutSoldOut(cart, menu);
    show();
  });

  /** @param {string} asked  the stall that is opened; once another one is, its answers don't count */
  const menuLoader = (asked) => {
    const isOpen = () => load === loadMenu;
    const load = oneAtATime(async () => {
      try {
        await reading.read(() => client.get(`/v1/vendors/${encodeURIComponent(asked)}/menu`), ({ items }) => {
          if (!isOpen()) return;
          stale = changedPrices(menu, items, cart, stale);
          menu = items;
          setText("menu-state", menu.length ? "" : "This stall has nothing on its menu yet.");
        });
      } catch (error) {
        if (isOpen()) setText("menu-state", humanWords(error));
      }
    });
    return load;
  };

  /** @param {unknown} error */
  const refusalWords = (error) => {
    const gone = error instanceof ProblemError && error.code === "item-unavailable" ? error.params.itemIds : null;
    const names = Array.isArray(gone) ? menu.filter(({ itemId }) => gone.includes(itemId)).map(({ name }) => name).join(", ") : "";
    return names ? `Just sold out: ${names}. It is off your order now; nothing was charged.` : commandWords(error, currency);
  };

  const showStalls = () => {
    const sorted = [...vendors].sort((a, b) => Number(a.open === false) - Number(b.open === false));
    showList(byId("stalls"), sorted, (one) => one.vendorId, (one) =>
      el("li", {}, el("a", { class: one.open === false ? "card stall closed" : "card stall", href: `#stall=${encodeURIComponent(one.vendorId)}` },
        el("strong", {}, one.name), el("span", { class: "muted" }, one.open === false ? "Closed" : "See the menu"))));
    if (vendorId) show(); // its name is known now, and whether it is open
  };

  const readingStalls = createReading(showStalls);
  const loadStalls = oneAtATime(async () => {
    try {
      await readingStalls.read(() => client.get("/v1/vendors"), ({ items }) => {
        vendors = items;
        setText("stalls-state", vendors.length ? "" : "No stall has opened yet.");
      });
    } catch (error) {
      if (!vendors.length) setText("stalls-state", humanWords(error));
    }
  });
  const loadStallsSoon = later(() => void loadStalls(), Math.random() * RELOAD_MS_MAX);
  const loadMenuSoon = later(() => void loadMenu(), Math.random() * RELOAD_MS_MAX);

  /** Whether an order has waited for its answer so long that another try would count as a new one. */
  const isForgotten = () => sent !== null && Date.now() - sentAt >= KEPT_MS;

  const order = async () => {
    const notes = /** @type {HTMLInputElement} */ (byId("order-notes"));
    setText("order-problem", "");
    if (isForgotten()) {
      sent = null;
      show();
      return setText("order-problem", "We never heard what became of this order. Look at your orders before you order again.");
    }
    if (!sent) sentAt = Date.now();
    const body = (sent ??= orderWish(vendorId, cart, menu, notes.value.trim(), amounts().tip));
    show();
    try {
      const { data, replayed } = await client.command("/v1/orders", body);
      if (sent === body) { // else the customer looks at another stall by now
        [cart, stale, tipPart, sent] = [new Map(), new Map(), 0, null];
        notes.value = "";
        show();
      }
      if (replayed) toast("Your order had gone through already; you weren't charged twice.", "success");
      placed(data); // the number comes as a notification, on every device
    } catch (error) {
      if (sent !== body) return toast(refusalWords(error), "error");
      if (!(error instanceof ProblemError) || isDefinite(error)) sent = null;
      setText("order-problem", refusalWords(error));
      if (!(error instanceof ProblemError) || !MENU_CHANGED.includes(error.code)) return;
      await loadMenu();
      if (error.code === "vendor-closed") await loadStalls();
    }
  };
  byId("order-bar").addEventListener("submit", (event) => {
    event.preventDefault();
    void whileBusy(/** @type {HTMLButtonElement} */ (byId("order")), order).then(show);
  });

  return {
    loadStalls,
    /** From the start: what has changed since it was read may not be told any more. */
    restart() {
      void loadStalls();
      void loadMenu();
    },
    /** @param {string} id */
    open(id) {
      if (id !== vendorId) {
        [vendorId, menu, cart, stale, tipPart, sent] = [id, [], new Map(), new Map(), 0, null];
        loadMenu = menuLoader(id);
      }
      setText("order-problem", "");
      setText("menu-state", menu.length ? "" : "Loading the menu…");
      show();
      void loadMenu();
    },
    /** @param {any} change  a `vendor-updated` event */
    applyVendor(change) {
      readingStalls.change(() => {
        vendors = vendors.map((one) => (one.vendorId === change.vendorId ? { ...one, name: change.name, open: change.open } : one));
      });
      if (!vendors.some((one) => one.vendorId === change.vendorId)) loadStallsSoon();
    },
    /** The balance has changed: what it covers has, too. */
    balanceChanged: () => show(),
    /** @param {any} change  a `menu-updated` event */
    apply(change) {
      if (change.vendorId !== vendorId) return;
      const { itemId, available, price, name } = change;
      if (cart.has(itemId) && !available) toast(`${name} has just sold out.`, "warning");
      reading.change(() => {
        stale = changedPrices(menu, [{ itemId, price }], cart, stale);
        menu = menu.map((item) => (item.itemId === itemId ? { ...item, available, price, name } : item));
      });
      if (!menu.some((item) => item.itemId === itemId)) loadMenuSoon();
    },
  };
}
