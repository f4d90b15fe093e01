// @ts-check
import { copyText } from "../../ui/copy.js";
import { byId, setText, whileBusy } from "../../ui/dom.js";
import { currencyOf, formatMoney } from "../../ui/format/money.js";
import { createTerms } from "../../ui/payouts/give.js";
import { groupedIban } from "../../ui/payouts/iban.js";
import { createPayouts } from "../../ui/payouts/own.js";
import { showAccount } from "../../ui/account/panel.js";
import { walletOf } from "../../sdk/account.js";
import { ProblemError } from "../../sdk/problem.js";
import { createAccounts, ownOrdersOf, queryOf, sideOf } from "../../ui/state/accounts.js";
import { ask } from "../../ui/touch/question.js";
import { rest } from "../../ui/touch/rest.js";
import { startPage } from "../../ui/shell.js";
import { toast } from "../../ui/toast.js";
import { humanWords } from "../../ui/format/words.js";
import { createAnnouncements } from "../../ui/announcements.js";
import { createComing } from "./coming.js";
import { createMenu } from "./menu.js";
import { createNotifications } from "./notifications.js";
import { createOrders } from "./orders.js";
import { createReady } from "./ready.js";
import { createTransactions } from "./transactions.js";
import { showView } from "./views.js";

/** @typedef {import("../../sdk/types.js").Me} Me */
/** @typedef {import("../../sdk/festival-push.js").Client} Client */

/** @type {() => void} */
let navigate = () => {};

/** The parts of the page, and how they hang together. @param {Me} me @param {Client} client
 * @param {() => number} position  how far the stream has brought us */
function createParts(me, client, position) {
  const currency = currencyOf(me);
  const own = walletOf(me.userId);
  const accounts = createAccounts(me, () => showBalance());
  const balance = () => accounts.balance(own);
  const spendable = () => accounts.spendable(me.userId);
  const showBalance = () => {
    setText("balance", formatMoney(balance(), currency));
    const allowance = spendable() - balance();
    byId("allowance").hidden = !allowance;
    setText("allowance", `+ ${formatMoney(allowance, currency)} in drink tickets`);
    menu.balanceChanged();
  };
  const askBalance = () => client.post("/v1/balance/refresh", {}).then((answer) => answer.wallet ?? answer); // a keeper's answer names the till, too
  const refreshBalance = () => accounts.read(own, askBalance).then(() => {}, (error) => toast(humanWords(error), "error"));
  const settled = (/** @type {any} */ answer) => {
    if (answer.order) orders.merge(answer.order);
    if (answer.position > position()) accounts.set(own, answer.balance); // else the stream has said so, or newer things
  };
  const coming = createComing(client, (order) => orders.merge(order), () => orders.refresh());
  const ready = createReady((called) => void coming.tell(called));
  const announcements = createAnnouncements(client, me.userId);
  const menu = createMenu(client, me, spendable, (answer) => {
    rest(byId("app")); // the button makes room for what was above or behind it
    settled(answer);
    location.hash = "#view=orders";
  });
  const orders = createOrders(client, { ...me, orders: ownOrdersOf(me) }, settled, { changed: ready.update, isAttended: menu.isAttended, coming });
  const notifications = createNotifications(client, me.unread, {
    currency,
    position,
    isSaid: ({ type, orderId, vendorId }) => type === "announcement" || Boolean(vendorId) || (type === "message" && orders.conversation.isOpen(orderId)) || ready.isCalling(orderId),
  });
  const transactions = createTransactions(client, currency, queryOf(sideOf(me)));
  const terms = createTerms(client, currency, { balance, settled });
  /** @param {import("../../ui/payouts/own.js").Wish} wish */
  const isSure = ({ amount, fee, rest: left, isDonated, iban }) => {
    const [sum, costs] = [formatMoney(amount, currency), fee ? ` The payout costs ${formatMoney(fee, currency)} more.` : ""];
    const given = isDonated ? ` ${formatMoney(left, currency)} are given to ${terms.terms().donationsFor}.` : "";
    return ask({ title: `Ask for ${sum}?`, action: `Ask for ${sum}`,
      words: `It leaves your wallet at once, and you can't spend it any more. The festival office pays it ${iban ? `to ${groupedIban(iban)}` : "out"}.${costs}${given}` });
  };
  const payouts = createPayouts(client, currency, { side: sideOf(me), userId: me.userId, balance, settled, terms: terms.terms, donates: terms.donates,
    isShown: () => !byId("view-wallet").hidden, isSure });
  showBalance();
  return { accounts, own, refreshBalance, announcements, menu, orders, notifications, transactions, payouts, terms };
}

/** Show the part of the wallet that never changes, and its buttons. @param {Me} me @param {Client} client
 * @param {() => Promise<void>} refreshBalance */
function showWallet(me, client, refreshBalance) {
  setText("greeting", `${me.name}'s balance`);
  setText("top-up-code", me.topUpCode ?? "–");
  byId("copy-code").hidden = !me.topUpCode;
  showAccount(byId("account"), client, me);
  byId("copy-code").addEventListener("click", () => void copyText(me.topUpCode ?? "", "Your top-up code is copied."));
  showFrozen(me.wallet?.frozen ?? false);
  const refresh = /** @type {HTMLButtonElement} */ (byId("refresh"));
  refresh.addEventListener("click", () => void whileBusy(refresh, refreshBalance));
}

/** @param {boolean} frozen  the desk has frozen the wallet */
const showFrozen = (frozen) => void (byId("wallet-frozen").hidden = !frozen);

/** Show the top-up code to the desk's scanner, once somebody looks at it. Without it they say the code.
 * @param {Client} client */
async function showCode(client) {
  const image = /** @type {HTMLImageElement} */ (byId("top-up-qr"));
  if (!image.hidden) return;
  try {
    image.src = `data:image/svg+xml,${encodeURIComponent(await client.get("/v1/me/qr.svg"))}`;
    image.hidden = false;
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
  }
}

/** @param {Me} me @param {Client} client @param {() => number} position
 * @returns {import("../../sdk/wire/stream.js").Handlers} */
function start(me, client, position) {
  const parts = createParts(me, client, position);
  const { accounts, own, refreshBalance, announcements, menu, orders, notifications, transactions, payouts, terms } = parts;
  showWallet(me, client, refreshBalance);
  navigate = () => {
    const view = showView(location.hash, (vendorId) => menu.open(vendorId));
    if (view === "notifications") notifications.open();
    if (view === "wallet") {
      void showCode(client);
      transactions.open();
      payouts.open();
      terms.open();
    }
  };
  navigate();
  void menu.loadStalls();
  void announcements.load();

  const ofOrders = (/** @type {string} */ type) => (/** @type {any} */ data) => orders.apply(type, data);
  return {
    connected({ resumed, snapshot }) {
      if (!resumed) void announcements.load();
      if (!snapshot) return;
      accounts.restore(snapshot);
      showFrozen(snapshot.wallet?.frozen ?? false);
      orders.restore(ownOrdersOf(snapshot));
      orders.conversation.restart();
      notifications.setUnread(snapshot.unread);
      notifications.restart();
      transactions.changed();
      payouts.changed();
      menu.restart();
    },
    "balance-updated"(data) {
      if (accounts.apply(data) === own) transactions.changed(); // else a till's
    },
    "new-notification"(notification) {
      notifications.add(notification);
      announcements.apply("new-notification", notification);
      if (notification.code === "wallet-frozen" || notification.code === "wallet-unfrozen") showFrozen(notification.code === "wallet-frozen");
      if (notification.type === "success" || notification.type === "warning") payouts.changed();
    },
    "notifications-read"(mark) {
      notifications.markedRead(mark);
      announcements.apply("notifications-read", mark);
    },
    "announcement-changed"(change) {
      notifications.announcementChanged(change.announcementId, change);
      announcements.apply("announcement-changed", change);
    },
    "announcement-withdrawn"(data) {
      notifications.announcementChanged(data.announcementId, null);
      announcements.apply("announcement-withdrawn", data);
    },
    "vendor-message": (data) => orders.conversation.receive("vendor", data), // a notification says the same to the list
    "customer-message": (data) => orders.conversation.receive("customer", data),
    "order-status-changed": ofOrders("order-status-changed"),
    "order-ready": ofOrders("order-ready"),
    "customer-coming": ofOrders("customer-coming"),
    "order-refunded": ({ orderId }) => orders.read(orderId),
    "queue-updated": ofOrders("queue-updated"),
    "menu-updated": (item) => menu.apply(item),
    "vendor-updated"(vendor) {
      menu.applyVendor(vendor);
      orders.refresh(); // what nobody can serve any more can be cancelled
    },
    "session-expiring": () => toast("You will soon be signed out. Sign in again to stay connected.", "warning"),
  };
}

startPage({ role: "customer", start, navigate: () => navigate() });
