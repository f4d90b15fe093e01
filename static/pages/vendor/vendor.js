// @ts-check
import { createAnnouncements } from "../../ui/announcements.js";
import { byId, setText } from "../../ui/dom.js";
import { currencyOf, formatMoney } from "../../ui/format/money.js";
import { createPayouts } from "../../ui/own-payouts.js";
import { createPinForm } from "../../ui/pin-form.js";
import { showSection } from "../../ui/sections.js";
import { parseFragment } from "../../ui/session.js";
import { startPage } from "../../ui/shell.js";
import { toast } from "../../ui/toast.js";
import { ask } from "../../ui/touch/question.js";
import { createCharge } from "./charge/charge.js";
import { createQrDialog } from "./charge/qr-dialog.js";
import { createMenu } from "./menu/menu.js";
import { createStrip } from "./menu/strip.js";
import { createBell } from "./orders/bell.js";
import { createGuard } from "./taps/guard.js";
import { createQueue } from "./orders/queue.js";
import { DONE_WORDS } from "./orders/stepping.js";
import { createUndo } from "./taps/undo.js";
import { createWaiting } from "./taps/waiting.js";
import { createSales } from "./sales.js";
import { createScreens } from "./screens.js";
import { tellingDelays } from "./slow.js";
import { createStall } from "./stall.js";

/** @typedef {import("../../sdk/types.js").Me} Me */
/** @typedef {import("../../sdk/festival-push.js").Client} Client */

const VIEWS = ["orders", "menu", "charge", "sales", "stall"];

/** @type {() => void} */
let navigate = () => {};

/** The parts of the kitchen, and how they hang together: orders, the menu, and what of both waits to be sent.
 * @param {Me} me @param {Client} client @param {string} vendorId */
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
  const charge = createCharge(client, currency, dialog);
  const strip = createStrip((item) => menu.flip(item));
  const menu = createMenu(client, currency, vendorId, { outbox, guard, undo, dialog }, (items) => {
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
  const queue = createQueue(client, me, { outbox, guard, undo, bell, menu, worked(orders, isMade) {
    strip.counts(orders, isMade);
    waiting.show();
  } });
  return { guard, bell, charge, menu, queue };
}

/** The parts of the page. @param {Me} me @param {Client} client @param {() => number} position  how far the stream has
 * brought us */
function createParts(me, client, position) {
  const currency = currencyOf(me);
  const vendorId = me.vendorId ?? me.userId; // a stall may have several keepers
  let balance = me.balance;
  const showBalance = (/** @type {number} */ amount) => {
    balance = amount;
    setText("balance", formatMoney(amount, currency));
  };
  const kitchen = createKitchen(me, client, vendorId);
  const stall = createStall(client, vendorId, kitchen.guard, ({ name }) => {
    setText("stall", name);
    kitchen.bell.rename(`${name} · Festival Push`);
  });
  const payouts = createPayouts(client, currency, () => balance, (answer) => {
    if (answer.position > position()) showBalance(answer.balance); // else the stream has said so, or newer things
  }, () => true, (amount) => ask({ title: `Ask for ${formatMoney(amount, currency)}?`, action: "Ask for the payout",
    words: "It leaves your balance at once. The festival office pays it out, or gives it back with a reason." }));
  createPinForm(client, me.userId);
  showBalance(balance);
  void kitchen.menu.load();
  void stall.load();
  payouts.open();
  return { ...kitchen, showBalance, sales: createSales(client, currency), stall, screens: createScreens(client, vendorId, kitchen.guard), payouts,
    announcements: createAnnouncements(client, me.userId) };
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
  const { showBalance, bell, queue, sales, charge, menu, stall, screens, payouts, announcements } = createParts(me, client, position);
  followAddress((view) => {
    queue.show();
    if (view === "stall") void screens.load();
  });
  void screens.load();
  void announcements.load();
  const ofAnnouncements = (/** @type {string} */ type) => (/** @type {any} */ data) => announcements.apply(type, data);
  return {
    connected({ snapshot, resumed }) {
      if (!resumed) void announcements.load();
      if (!snapshot) return;
      showBalance(snapshot.balance);
      queue.replace(snapshot.orders);
      queue.conversation.restart();
      sales.changed();
      payouts.changed();
      void menu.load();
      void stall.load();
      void screens.load();
      void charge.check();
    },
    "new-order": (data) => queue.arrive(data),
    "balance-updated"({ newBalance, reason }) {
      showBalance(newBalance);
      sales.changed();
      if (reason === "payout") payouts.changed();
    },
    "payment-request-paid": (data) => charge.paid(data),
    "order-status-changed": (data) => queue.apply("order-status-changed", data),
    "order-refunded": ({ orderId }) => void queue.refresh(orderId),
    "customer-coming": (data) => queue.coming(data),
    "new-notification"(data) {
      const { message, type, title, orderId } = data;
      if (type === "announcement") return announcements.apply("new-notification", data);
      if (type === "success" || type === "warning") payouts.changed(); // what became of one
      if (type === "message" && queue.conversation.isOpen(orderId)) return; // it is read there
      toast(message, type, title);
      if (type === "message") bell.ring();
    },
    "announcement-changed": ofAnnouncements("announcement-changed"),
    "announcement-withdrawn": ofAnnouncements("announcement-withdrawn"),
    // A toast says the same: it comes as a notification, too.
    "customer-message": (data) => queue.conversation.receive("customer", data),
    "vendor-message": (data) => queue.conversation.receive("vendor", data), // of another keeper
    "menu-updated": (item) => menu.apply(item),
    "vendor-updated": (data) => stall.apply(data),
    "display-waiting": (data) => screens.wait(data),
    "session-expiring": () => toast("You will soon be signed out. Sign in again to keep receiving orders.", "warning"),
  };
}

startPage({ role: "vendor", start, navigate: () => navigate() });
