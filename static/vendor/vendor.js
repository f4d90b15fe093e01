// @ts-check
import { byId, setText } from "../js/dom.js";
import { formatMoney } from "../js/money.js";
import { startPage } from "../js/shell.js";
import { toast } from "../js/toast.js";
import { createBell } from "./bell.js";
import { createCharge } from "./charge.js";
import { createMenu } from "./menu.js";
import { createQrDialog } from "./qr-dialog.js";
import { createQueue } from "./queue.js";
import { createSales } from "./sales.js";

/** @param {import("../js/types.js").Me} me @param {import("../js/festival-push.js").Client} client
 * @returns {import("../js/stream.js").Handlers} */
function start(me, client) {
  const { currency } = me;
  const showBalance = (/** @type {number} */ amount) => setText("balance", formatMoney(amount, currency));
  const bell = createBell(/** @type {HTMLButtonElement} */ (byId("sound")));
  const queue = createQueue(client, currency, me.orders);
  const sales = createSales(client, currency);
  const dialog = createQrDialog(client);
  const charge = createCharge(client, currency, dialog);
  const menu = createMenu(client, currency, me.userId, dialog, charge.offer);
  const ofOrders = (/** @type {string} */ type) => (/** @type {any} */ data) => queue.apply(type, data);

  setText("stall", me.name);
  document.title = `${me.name} · Festival Push`;
  showBalance(me.balance);
  void menu.load();
  return {
    connected({ snapshot }) {
      if (!snapshot) return;
      showBalance(snapshot.balance);
      queue.replace(snapshot.orders);
      sales.changed();
      void charge.check();
    },
    "new-order"(data) {
      queue.arrive(data);
      bell.ring();
      setText("announce", `New order ${data.number}: ${data.item}`);
    },
    "balance-updated"({ newBalance }) {
      showBalance(newBalance);
      sales.changed();
    },
    "payment-request-paid": (data) => charge.paid(data),
    "order-status-changed": ofOrders("order-status-changed"),
    "order-refunded": ({ orderId }) => void queue.refresh(orderId),
    "new-notification": ({ message, type, title }) => toast(message, type, title),
    "customer-message": ({ message }) => toast(message, "message", "Message from a customer"),
    "menu-updated": (item) => menu.apply(item),
    "session-expiring": () => toast("You will soon be signed out. Sign in again to keep receiving orders.", "warning"),
  };
}

startPage({ role: "vendor", start });
