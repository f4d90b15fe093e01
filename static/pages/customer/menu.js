// @ts-check
import { byId, setText, showList } from "../../ui/dom.js";
import { later } from "../../ui/later.js";
import { whenBack } from "../../ui/link-state.js";
import { currencyOf, formatMoney } from "../../ui/format/money.js";
import { isUnsent, ProblemError } from "../../sdk/problem.js";
import { deviceStore } from "../../sdk/storage.js";
import { createReading, oneAtATime } from "../../ui/state/reading.js";
import { createSearch } from "../../ui/state/search.js";
import { createCarts } from "../../ui/state/carts.js";
import { toast } from "../../ui/toast.js";
import { commandWords, listWords } from "../../ui/format/words.js";
import { changedPrices, changeQuantity, depositIn, oldestAge, orderWish, totalOf, withoutSoldOut } from "../../ui/state/cart.js";
import { menuRow } from "./menu-row.js";
import { createOrderBar } from "./order-bar.js";
import { AGAIN, createPlacing } from "./placing.js";
import { createStalls, isClosed } from "./stalls.js";

/** @typedef {import("../../sdk/types.js").MenuItem} MenuItem */
/** @typedef {Pick<MenuItem, "itemId" | "price">} Price */

const FEW = 20; // items that are found by looking
const RELOAD_MS_MAX = 3_000; // a menu's change reaches every phone at once: spread the questions that follow
const MENU_CHANGED = ["price-changed", "item-unavailable", "vendor-closed", "vendor-unattended"];

/** The list of stalls, one stall's menu, and the cart.
 * @param {import("../../sdk/festival-push.js").Client} client @param {import("../../sdk/types.js").Me} me
 * @param {() => number} balance @param {(placed: any) => void} placed  an order was paid */
export function createMenu(client, me, balance, placed) {
  const { userId } = me;
  const currency = currencyOf(me);
  let vendorId = "";
  let menu = /** @type {MenuItem[]} */ ([]);
  let isLoaded = false;
  let cart = /** @type {Map<string, number>} */ (new Map());
  let wishes = /** @type {Map<string, string>} */ (new Map()); // by item
  let seen = /** @type {Price[]} */ ([]); // the prices of a cart that was kept, until the menu is here
  let stale = /** @type {Map<string, number>} */ (new Map()); // prices that have changed since the customer chose, by item
  let tipPart = 0; // of the total
  let loadMenu = async () => {}; // of the stall that is open
  const carts = createCarts(deviceStore, userId, () => Date.now());
  const placing = createPlacing(client, userId);
  const stalls = createStalls(client, () => vendorId && show()); // its name is known now, and whether it is open
  const sent = () => placing.sent(vendorId);
  const search = createSearch("menu", FEW, () => show());

  const keep = () => {
    if (!isLoaded || sent()) return;
    const prices = new Map(menu.map(({ itemId, price }) => [itemId, stale.get(itemId) ?? price]));
    carts.keep(vendorId, { cart, wishes, prices, tipPart });
  };

  /** @param {string} itemId @param {number} step */
  const change = (itemId, step) => {
    if (sent()) return;
    cart = changeQuantity(cart, itemId, step);
    if (!cart.has(itemId)) wishes.delete(itemId);
    if (!cart.size) tipPart = 0;
    keep();
    show();
  };

  const bar = createOrderBar(currency, {
    chooseTip(part) {
      tipPart = part;
      keep();
      show();
    },
    wish(itemId, text) {
      wishes.set(itemId, text);
      keep();
      show();
    },
    order: () => order(),
  });

  /** @param {MenuItem} item @param {boolean} isLocked */
  const row = (item, isLocked) => menuRow(item, currency, { quantity: cart.get(item.itemId) ?? 0, was: stale.get(item.itemId) ?? null, isLocked, change });

  const show = () => {
    const asked = sent();
    const found = search.of(menu, ({ name, description }) => `${name} ${description ?? ""}`);
    showList(byId("menu"), found, ({ itemId }) => itemId, (item) => row(item, asked !== null),
      (item) => JSON.stringify([item, cart.get(item.itemId), stale.get(item.itemId), asked !== null]));
    setText("menu-title", stalls.find(vendorId)?.name ?? "Menu");
    setText("menu-balance", formatMoney(balance(), currency));
    const closed = isClosed(stalls.find(vendorId));
    byId("menu-closed").hidden = !closed;
    const nameOf = (/** @type {string} */ id) => menu.find(({ itemId }) => itemId === id)?.name ?? "";
    const chosen = menu.filter(({ itemId }) => cart.has(itemId)).map(({ itemId }) => ({ itemId, quantity: cart.get(itemId) ?? 0, notes: wishes.get(itemId) ?? "" }));
    const lines = (asked?.body.items ?? chosen).map(({ itemId, quantity, notes }) => ({ itemId, quantity, name: nameOf(itemId), wish: notes ?? "" }));
    const total = asked?.body.expectedTotal ?? totalOf(cart, menu).total;
    const deposit = asked ? (asked.body.expectedDeposit ?? 0) : depositIn(cart, menu);
    const tip = asked ? (asked.body.tip ?? 0) : bar.tipOf(total, tipPart);
    bar.show({ lines, total, deposit, tip, age: oldestAge(cart, menu), balance: balance(), isLocked: asked !== null, isClosed: closed });
  };

  const reading = createReading(() => {
    if (isLoaded && !sent()) {
      cart = withoutSoldOut(cart, menu);
      if (!cart.size) tipPart = 0;
      keep();
    }
    show();
  });

  /** @param {string} asked  the stall that is opened; once another one is, its answers don't count */
  const menuLoader = (asked) => {
    const isOpen = () => load === loadMenu;
    const load = oneAtATime(async () => {
      try {
        await reading.read(() => client.get(`/v1/vendors/${encodeURIComponent(asked)}/menu`), ({ items }) => {
          if (!isOpen()) return;
          stale = changedPrices(isLoaded ? menu : seen, items, cart, stale);
          menu = items;
          if (!isLoaded && !sent()) sayGone();
          isLoaded = true;
          setText("menu-state", menu.length ? "" : "This stall has nothing on its menu yet.");
        });
      } catch (error) {
        if (!isOpen()) return;
        if (!isLoaded) setText("menu-state", listWords(error));
        whenBack(load);
      }
    });
    return load;
  };

  /** Say what was chosen earlier and can't be had any more. */
  const sayGone = () => {
    const gone = menu.filter(({ itemId, available }) => cart.has(itemId) && !available).map(({ name }) => name).join(", ");
    if (!gone) return;
    const words = `Sold out meanwhile: ${gone}. It is off your order.`;
    if (withoutSoldOut(cart, menu).size) bar.say(words);
    else toast(words, "warning"); // nothing is left, and no bar
  };
  const loadMenuSoon = later(() => void loadMenu(), Math.random() * RELOAD_MS_MAX);

  /** Show another stall, with what was chosen there before. @param {string} id */
  const turnTo = (id) => {
    [vendorId, menu, isLoaded, stale] = [id, [], false, new Map()];
    search.clear();
    const kept = carts.read(id);
    const asked = sent();
    cart = asked ? new Map(asked.body.items.map(({ itemId, quantity }) => [itemId, quantity])) : (kept?.cart ?? new Map());
    wishes = asked ? new Map(asked.body.items.map(({ itemId, notes }) => [itemId, notes ?? ""])) : (kept?.wishes ?? new Map());
    tipPart = kept?.tipPart ?? 0;
    seen = Array.from(kept?.prices ?? [], ([itemId, price]) => ({ itemId, price }));
    loadMenu = menuLoader(id);
  };

  /** @param {unknown} error */
  const refusalWords = (error) => {
    const gone = error instanceof ProblemError && error.code === "item-unavailable" ? error.params.itemIds : null;
    const names = Array.isArray(gone) ? menu.filter(({ itemId }) => gone.includes(itemId)).map(({ name }) => name).join(", ") : "";
    return names ? `Just sold out: ${names}. It is off your order now; nothing was charged.` : commandWords(error, currency);
  };

  const order = async () => {
    const at = vendorId;
    const isHere = () => at === vendorId; // else the customer looks at another stall by now
    bar.say("");
    const total = totalOf(cart, menu).total;
    const wish = () => orderWish(at, cart, menu, wishes, bar.tipOf(total, tipPart));
    const { answer, problem, words } = await placing.place(at, wish, { started: show, waits: bar.waits, refusalWords });
    if (answer) {
      carts.forget(at);
      if (isHere()) [cart, wishes, stale, tipPart] = [new Map(), new Map(), new Map(), 0];
      show();
      if (answer.replayed) toast("Your order had gone through already; you weren't charged twice.", "success");
      placed(answer.data); // the number comes as a notification, on every device
      return;
    }
    if (!isHere()) return toast(words, "error");
    show();
    bar.say(words);
    if (isUnsent(problem)) whenBack(() => isHere() && bar.unsay(words));
    if (!(problem instanceof ProblemError) || !MENU_CHANGED.includes(problem.code)) return;
    await loadMenu();
    if (!cart.size && isHere()) toast(words, "error"); // nothing is left, and no bar
    if (["vendor-closed", "vendor-unattended"].includes(problem.code)) await stalls.load();
  };

  return {
    loadStalls: stalls.load,
    /** From the start: what has changed since it was read may not be told any more. */
    restart() {
      void stalls.load();
      void loadMenu();
    },
    /** @param {string} id */
    open(id) {
      if (id !== vendorId) turnTo(id);
      bar.say(sent() ? AGAIN : "");
      setText("menu-state", menu.length ? "" : "Loading the menu…");
      show();
      void loadMenu();
    },
    applyVendor: stalls.apply,
    /** Whether somebody is at a stall who may serve an order. @param {string} id */
    isAttended: (id) => stalls.find(id)?.attended !== false,
    /** The balance has changed: what it covers has, too. */
    balanceChanged: () => show(),
    /** @param {any} change  a `menu-updated` event */
    apply(change) {
      if (change.vendorId !== vendorId) return;
      const { itemId, available, price, name } = change;
      if (cart.has(itemId) && !available) toast(`${name} has just sold out.`, "warning");
      const known = menu.find((item) => item.itemId === itemId);
      const isElsewhere = known && known.available === available && known.price === price && known.name === name;
      reading.change(() => {
        stale = changedPrices(menu, [{ itemId, price }], cart, stale);
        menu = menu.map((item) => (item.itemId === itemId ? { ...item, available, price, name } : item));
      });
      if (!known || isElsewhere) loadMenuSoon(); // such as its deposit, which the event does not say
    },
  };
}
