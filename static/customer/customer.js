// @ts-check
import { setText } from "../js/dom.js";
import { formatMoney } from "../js/money.js";
import { startPage } from "../js/shell.js";
import { toast } from "../js/toast.js";
import { createMenu } from "./menu.js";
import { createNotices } from "./notices.js";
import { createOrders } from "./orders.js";
import { showView } from "./views.js";
import { createTransactions } from "./transactions.js";

/** @typedef {import("../js/types.js").Me} Me */

/** @type {() => void} */
let navigate = () => {};

/** @param {Me} me @param {import("../js/festival-push.js").Client} client
 * @param {() => number} position  how far the stream has brought us @returns {import("../js/stream.js").Handlers} */
function start(me, client, position) {
  const { currency } = me;
  let balance = me.balance;
  const showBalance = (/** @type {number} */ amount) => {
    balance = amount;
    setText("balance", formatMoney(amount, currency));
  };
  const settled = (/** @type {any} */ answer) => {
    orders.merge(answer.order);
    if (answer.position > position()) showBalance(answer.balance); // else the stream has said so, or newer things
  };
  const orders = createOrders(client, currency, me.orders, settled);
  const notices = createNotices(client, me.unread, position);
  const transactions = createTransactions(client, currency);
  const menu = createMenu(client, currency, () => balance, (answer) => {
    settled(answer);
    location.hash = "#view=orders";
  });

  showBalance(me.balance);
  setText("greeting", `${me.name}'s balance`);
  setText("top-up-code", me.topUpCode ?? "–");
  setText("user-id", me.userId);
  navigate = () => {
    const view = showView(location.hash, (vendorId) => menu.open(vendorId));
    if (view === "notices") notices.open();
    if (view === "wallet") transactions.open();
  };
  navigate();
  void menu.loadStalls();

  const ofOrders = (/** @type {string} */ type) => (/** @type {any} */ data) => orders.apply(type, data);
  return {
    connected({ snapshot }) {
      if (!snapshot) return;
      showBalance(snapshot.balance);
      orders.restore(snapshot.orders);
      notices.setUnread(snapshot.unread);
      transactions.changed();
    },
    "balance-updated"({ newBalance }) {
      showBalance(newBalance);
      transactions.changed();
    },
    "new-notification": (notice) => notices.add(notice),
    "notifications-read": ({ unread }) => notices.setUnread(unread),
    "vendor-message": ({ message, timestamp, orderId }) => notices.add({ message, timestamp, orderId, type: "message" }),
    "order-status-changed": ofOrders("order-status-changed"),
    "order-ready"(data) {
      orders.apply("order-ready", data); // the words come as a notification
      navigator.vibrate?.([200, 100, 200]);
    },
    "order-refunded": ({ orderId }) => orders.read(orderId),
    "queue-updated": ofOrders("queue-updated"),
    "menu-updated": (item) => menu.apply(item),
    "session-expiring": () => toast("You will soon be signed out. Sign in again to stay connected.", "warning"),
  };
}

startPage({ role: "customer", start, navigate: () => navigate() });
