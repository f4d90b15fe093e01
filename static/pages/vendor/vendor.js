// @ts-check
import { byId, setText } from "../../ui/dom.js";
import { formatMoney } from "../../ui/format/money.js";
import { createPayouts } from "../../ui/own-payouts.js";
import { createPinForm } from "../../ui/pin-form.js";
import { startPage } from "../../ui/shell.js";
import { toast } from "../../ui/toast.js";
import { createBell } from "./bell.js";
import { createCharge } from "./charge.js";
import { createMenu } from "./menu.js";
import { createQrDialog } from "./qr-dialog.js";
import { createQueue } from "./queue.js";
import { createSales } from "./sales.js";
import { createStall } from "./stall.js";

/** @typedef {import("../../sdk/types.js").Me} Me */
/** @typedef {import("../../sdk/festival-push.js").Client} Client */

/** The parts of the page, and how they hang together. @param {Me} me @param {Client} client
 * @param {() => number} position  how far the stream has brought us */
function createParts(me, client, position) {
  const { currency } = me;
  const vendorId = me.vendorId ?? me.userId; // a stall may have several keepers
  let balance = me.balance;
  const showBalance = (/** @type {number} */ amount) => {
    balance = amount;
    setText("balance", formatMoney(amount, currency));
  };
  const bell = createBell(/** @type {HTMLButtonElement} */ (byId("sound")));
  const queue = createQueue(client, me, (orders) => bell.update(orders.filter(({ status }) => status === "pending").length));
  const sales = createSales(client, currency);
  const dialog = createQrDialog(client);
  const charge = createCharge(client, currency, dialog);
  const menu = createMenu(client, currency, vendorId, dialog, charge.offer);
  const stall = createStall(client, vendorId, ({ name }) => {
    setText("stall", name);
    bell.rename(`${name} · Festival Push`);
  });
  const payouts = createPayouts(client, currency, () => balance, (answer) => {
    if (answer.position > position()) showBalance(answer.balance); // else the stream has said so, or newer things
  });
  createPinForm(client, me.userId);
  showBalance(balance);
  void menu.load();
  void stall.load();
  payouts.open();
  return { showBalance, bell, queue, sales, charge, menu, stall, payouts };
}

/** @param {Me} me @param {Client} client @param {() => number} position
 * @returns {import("../../sdk/wire/stream.js").Handlers} */
function start(me, client, position) {
  const { showBalance, bell, queue, sales, charge, menu, stall, payouts } = createParts(me, client, position);
  const ofOrders = (/** @type {string} */ type) => (/** @type {any} */ data) => queue.apply(type, data);
  return {
    connected({ snapshot }) {
      if (!snapshot) return;
      showBalance(snapshot.balance);
      queue.replace(snapshot.orders);
      queue.conversation.restart();
      sales.changed();
      payouts.changed();
      void menu.load();
      void stall.load();
      void charge.check();
    },
    "new-order"(data) {
      if (data.queuePosition === null) return; // an amount that was paid: nothing is to be prepared
      queue.arrive(data);
      bell.ring();
      setText("announce", `New order ${data.number}: ${data.item}`);
    },
    "balance-updated"({ newBalance, reason }) {
      showBalance(newBalance);
      sales.changed();
      if (reason === "payout") payouts.changed();
    },
    "payment-request-paid": (data) => charge.paid(data),
    "order-status-changed": ofOrders("order-status-changed"),
    "order-refunded": ({ orderId }) => void queue.refresh(orderId),
    "new-notification"({ message, type, title, orderId }) {
      if (type === "success" || type === "warning") payouts.changed(); // what became of one
      if (type === "message" && queue.conversation.isOpen(orderId)) return; // it is read there
      toast(message, type, title);
      if (type === "message") bell.ring();
    },
    // A toast says the same: it comes as a notification, too.
    "customer-message": (data) => queue.conversation.receive("customer", data),
    "vendor-message": (data) => queue.conversation.receive("vendor", data), // of another keeper
    "menu-updated": (item) => menu.apply(item),
    "vendor-updated": (data) => stall.apply(data),
    "session-expiring": () => toast("You will soon be signed out. Sign in again to keep receiving orders.", "warning"),
  };
}

startPage({ role: "vendor", start });
