// @ts-check
import { createAnnouncements } from "../../ui/announcements.js";
import { byId, el, setText } from "../../ui/dom.js";
import { currencyOf, formatMoney } from "../../ui/format/money.js";
import { noticeWords } from "../../ui/format/notices.js";
import { groupedIban } from "../../ui/payouts/iban.js";
import { createPayouts } from "../../ui/payouts/own.js";
import { tillOf, walletOf } from "../../sdk/account.js";
import { showAccount } from "../../ui/account/panel.js";
import { createAccounts, sideOf, stallOrdersOf, stallsOf } from "../../ui/state/accounts.js";
import { showSection } from "../../ui/sections.js";
import { parseFragment } from "../../ui/session.js";
import { startPage } from "../../ui/shell.js";
import { toast } from "../../ui/toast.js";
import { ask } from "../../ui/touch/question.js";
import { chooseStall, chosenStall, stallAddress } from "./choose.js";
import { createCharge } from "./charge/charge.js";
import { createQrDialog } from "./charge/qr-dialog.js";
import { createKeepers } from "./keepers.js";
import { createMenu } from "./menu/menu.js";
import { createStrip } from "./menu/strip.js";
import { createBell } from "./orders/bell.js";
import { createGuard } from "./taps/guard.js";
import { createQueue } from "./orders/queue.js";
import { DONE_WORDS } from "./orders/stepping.js";
import { createUndo } from "./taps/undo.js";
import { createWaiting } from "./taps/waiting.js";
import { createSold } from "./selling/sold.js";
import { createBooks } from "../../ui/reports/books.js";
import { createSales } from "./sales/sales.js";
import { createScreens } from "./screens.js";
import { tellingDelays } from "./slow.js";
import { createStall } from "./stall.js";

/** @typedef {import("../../sdk/types.js").Me} Me */
/** @typedef {import("../../sdk/festival-push.js").Client} Client */

const VIEWS = ["orders", "menu", "charge", "sales", "stall"];

/** @type {() => void} */
let navigate = () => {};

/** @typedef {import("../../sdk/types.js").KeptStall} KeptStall */

/** The parts of the kitchen, and how they hang together: orders, the menu, and what of both waits to be sent.
 * @param {Me} me  with the orders of this stall alone @param {Client} client @param {string} vendorId */
function createKitchen(me, client, vendorId) {
  const { userId } = me;
  const currency = currencyOf(me);
  const [guard, bell] = [createGuard(), createBell(/** @type {HTMLButtonElement} */ (byId("sound")))];
  const undo = createUndo(guard);
  const outbox = client.outbox({
    userId,
    onSent: (step, order) => queue.sent(step, order),
    onRefused: (step, problem) => queue.refused(step, problem),
    onItemSent: (change) => menu.sent(change),
    onItemRefused: (change, problem) => menu.refused(change, problem),
  });
  const dialog = createQrDialog(client);
  const charge = createCharge(client, currency, dialog, me.stalls ? { vendorId } : {});
  const strip = createStrip((item) => menu.flip(item));
  const menu = createMenu(client, currency, vendorId, { outbox, guard, undo, dialog }, me.rules?.taxRatesBp ?? [], (items) => {
    strip.items(items);
    charge.offer(items);
    queue.show();
  });
  const waiting = createWaiting(guard, () => [
    ...outbox.pending().map(({ key, orderId, status }) => ({ key, words: `Order ${queue.numberOf(orderId)}: ${DONE_WORDS[status]}` })),
    ...outbox.pendingItems().map(({ key, itemId, available }) => ({ key, words: `${menu.item(itemId)?.name ?? "An item"}: ${available ? "available" : "sold out"}` })),
  ], async (key) => {
    const steps = outbox.pending();
    const step = steps.find((one) => one.key === key);
    // What was done to the order after this step makes no sense without it.
    const keys = step ? steps.slice(steps.indexOf(step)).filter(({ orderId }) => orderId === step.orderId).map((one) => one.key) : [key];
    const changed = step?.orderId ?? outbox.pendingItems().find((one) => one.key === key)?.itemId ?? "";
    let isDropped = true;
    for (const one of keys.reverse()) isDropped &&= await outbox.drop(one);
    if (isDropped) undo.forget(changed);
    queue.show();
    menu.show();
    return isDropped;
  });
  const sold = createSold(client, currency, me.stalls ? `&account=till&vendorId=${encodeURIComponent(vendorId)}` : "", (order) => queue.giveBack(order));
  const queue = createQueue(client, me, vendorId, { outbox, guard, undo, bell, menu, worked(orders, isMade) {
    strip.counts(orders, isMade);
    waiting.show();
  }, givenBack: (order) => sold.take(order) });
  return { guard, bell, charge, menu, queue, sold };
}

/** The parts of the page. @param {Me} me @param {KeptStall} kept  the stall that is shown @param {Client} client
 * @param {() => number} position  how far the stream has brought us */
function createParts(me, kept, client, position) {
  const currency = currencyOf(me);
  const { vendorId } = kept;
  const [till, wallet, side] = [tillOf(vendorId), walletOf(me.userId), sideOf(me, vendorId)];
  const accounts = createAccounts(me, () => showBalances());
  const showBalances = () => {
    setText("balance", formatMoney(accounts.balance(till), currency));
    setText("wallet", formatMoney(accounts.balance(wallet), currency));
  };
  const isOwner = kept.part === "owner";
  const kitchen = createKitchen({ ...me, orders: stallOrdersOf(me, vendorId) }, client, vendorId);
  const stall = createStall(client, vendorId, kitchen.guard, isOwner, ({ name, atOnce }) => {
    setText("stall", name);
    kitchen.sold.turn(atOnce === true);
    byId("view-orders").toggleAttribute("data-at-once", atOnce === true);
    kitchen.bell.rename(`${name} · Festival Push`);
  });
  const payouts = createPayouts(client, currency, {
    side,
    balance: () => accounts.balance(till),
    settled(answer) {
      if (answer.position > position()) accounts.set(till, answer.balance); // else the stream has said so, or newer things
    },
    userId: me.userId,
    isSure: ({ amount, isAll, iban }) => ask({ title: isAll ? "Ask for all that can be had?" : `Ask for ${formatMoney(amount, currency)}?`, action: "Ask for the payout",
      words: `It leaves the till at once. The festival office pays it ${iban ? `to ${groupedIban(iban)}` : "out"}, or gives it back with a reason.${isAll ? " Money of orders that are not completed stays in the till." : ""}` }),
  });
  const books = createBooks(client, currency, { base: `/v1/vendors/${encodeURIComponent(vendorId)}`, mayClose: isOwner,
    isSure: (title, words, action) => ask({ title, words, action }) });
  byId("books").addEventListener("toggle", () => void (/** @type {HTMLDetailsElement} */ (byId("books")).open && books.open()));
  const keepers = createKeepers(client, kept, me.userId);
  byId("keepers-box").hidden = !me.wallet; // a server that knows one keeper alone
  byId("payout").hidden = !isOwner; // the others may not ask for the till's money
  byId("payout-owner").hidden = isOwner;
  byId("wallet-line").hidden = !me.wallet;
  showAccount(byId("account"), client, me);
  showOtherStalls(stallsOf(me), vendorId);
  showBalances();
  void kitchen.menu.load();
  void stall.load();
  payouts.open();
  return { ...kitchen, accounts, till, keepers, sales: createSales(client, currency, vendorId), books, stall, screens: createScreens(client, vendorId, kitchen.guard), payouts,
    announcements: createAnnouncements(client, me.userId) };
}

/** Links to the other stalls that somebody keeps. @param {KeptStall[]} stalls @param {string} shown  the stall's id */
function showOtherStalls(stalls, shown) {
  const others = stalls.filter(({ vendorId }) => vendorId !== shown);
  byId("other-stalls").hidden = others.length === 0;
  byId("other-stalls-list").replaceChildren(...others.map(({ vendorId, name }) => el("li", {}, el("a", { class: "button", href: stallAddress(vendorId) }, name))));
}

/** Let the address name the section, so that the back button does what people expect.
 * @param {(view: string) => void} shown */
function followAddress(shown) {
  navigate = () => {
    const asked = parseFragment(location.hash).get("view") ?? "";
    const view = VIEWS.includes(asked) ? asked : "orders";
    showSection(VIEWS, view);
    shown(view);
  };
  navigate();
}

/** @param {Me} me @param {Client} plain @param {() => number} position
 * @returns {import("../../sdk/wire/stream.js").Handlers} */
function start(me, plain, position) {
  const client = tellingDelays(plain);
  const kept = /** @type {KeptStall} */ (chosenStall(me)); // `prepare` has made sure of it
  const { accounts, till, keepers, bell, queue, sold, sales, charge, menu, stall, screens, payouts, announcements } = createParts(me, kept, client, position);
  followAddress((view) => {
    queue.show();
    if (view === "sales") sales.open();
    if (view !== "stall") return;
    void screens.load();
    void keepers.load();
  });
  void screens.load();
  void announcements.load();
  const ofAnnouncements = (/** @type {string} */ type) => (/** @type {any} */ data) => announcements.apply(type, data);
  /** A stream brings news of all stalls that somebody keeps, and of their own orders elsewhere.
   * @param {(data: any) => void} handle */
  const here = (handle) => (/** @type {any} */ data) => void ((data.vendorId === undefined || data.vendorId === kept.vendorId) && handle(data));
  return {
    connected({ snapshot, resumed }) {
      if (!resumed) void announcements.load();
      if (!snapshot) return;
      accounts.restore(snapshot);
      queue.replace(stallOrdersOf(snapshot, kept.vendorId));
      queue.conversation.restart();
      sold.again();
      sales.changed();
      payouts.changed();
      void menu.load();
      void stall.load();
      void screens.load();
      void charge.check();
    },
    "new-order": here((data) => {
      sold.arrive(data);
      queue.arrive(data);
    }),
    "balance-updated"(data) {
      if (accounts.apply(data) !== till) return; // such as the keeper's own wallet
      sales.changed();
      if (data.reason === "payout") payouts.changed();
    },
    "payment-request-paid": here((data) => charge.paid(data)),
    "order-status-changed": here((data) => queue.apply("order-status-changed", data)),
    "order-refunded": here(({ orderId }) => {
      sold.refresh(orderId);
      void queue.refresh(orderId);
    }),
    "customer-coming": here((data) => queue.coming(data)),
    "new-notification": here((data) => {
      const { type, orderId, vendorId } = data;
      if (type === "announcement") return announcements.apply("new-notification", data);
      if (type === "success" || type === "warning") payouts.changed(); // what became of one
      if (me.wallet && vendorId === undefined) return; // for the person: their own order elsewhere must not ring here
      if (type === "message" && queue.conversation.isOpen(orderId)) return; // it is read there
      const { message, title } = noticeWords(data, currencyOf(me));
      toast(message, type, title);
      if (type === "message") bell.ring();
    }),
    "announcement-changed": ofAnnouncements("announcement-changed"),
    "announcement-withdrawn": ofAnnouncements("announcement-withdrawn"),
    // A toast says the same: it comes as a notification, too.
    "customer-message": here((data) => queue.conversation.receive("customer", data)),
    "vendor-message": here((data) => queue.conversation.receive("vendor", data)), // of another keeper
    "menu-updated": (item) => menu.apply(item),
    "stock-updated": here(({ items }) => menu.count(items)),
    "vendor-updated": (data) => stall.apply(data),
    "display-waiting": here((data) => screens.wait(data)),
    "session-expiring": () => toast("You will soon be signed out. Sign in again to keep receiving orders.", "warning"),
  };
}

startPage({ role: "vendor", prepare: chooseStall, start, navigate: () => navigate() });
