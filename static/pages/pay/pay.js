// @ts-check
/** The page behind a QR code: what it costs, one button, and the number to be called by. */
import { byId, el, setText, showList, whileBusy } from "../../ui/dom.js";
import { isDefinite } from "../../sdk/idempotency.js";
import { ageMark, ageWords } from "../../ui/format/items.js";
import { currencyOf, formatMoney } from "../../ui/format/money.js";
import { isHandedOver, paidFor, statusWords } from "../../ui/state/order-list.js";
import { isUnsent, ProblemError } from "../../sdk/problem.js";
import { walletOf } from "../../sdk/account.js";
import { createAccounts } from "../../ui/state/accounts.js";
import { createReading, oneAtATime } from "../../ui/state/reading.js";
import { rest } from "../../ui/touch/rest.js";
import { startPage } from "../../ui/shell.js";
import { tabStore } from "../../sdk/storage.js";
import { formatWhen } from "../../ui/format/time.js";
import { toast } from "../../ui/toast.js";
import { whenBack } from "../../ui/link-state.js";
import { commandWords, listWords, STOPPED } from "../../ui/format/words.js";
import { createAnnouncements } from "../../ui/announcements.js";
import { itemOffer, QUANTITY_MAX, readAddress, readOffer } from "./offer.js";
import { over, showOnly, showOver } from "./over.js";
import { createCancel, paidWords } from "./paid.js";
import { createUnanswered } from "./unanswered.js";

/** @typedef {import("./offer.js").Offer} Offer */
/** @typedef {import("../../sdk/types.js").Order} Order */

const CHANGED = "The stall's prices have changed since it made this code. Nothing was charged: ask for a new one.";

/** @param {import("../../sdk/types.js").Me} me @param {import("../../sdk/festival-push.js").Client} client
 * @param {() => number} position
 * @returns {import("../../sdk/wire/stream.js").Handlers} */
function start(me, client, position) {
  const currency = currencyOf(me);
  const scanned = readAddress(location.search);
  const unanswered = createUnanswered(tabStore, () => Date.now());
  let offer = /** @type {Offer | null} */ (null);
  const own = walletOf(me.userId);
  const accounts = createAccounts(me, () => show());
  // Once it is set, answers to older questions must not bring the button back.
  let paid = /** @type {Order | null} */ (null);

  const money = (/** @type {number} */ amount) => formatMoney(amount, currency);
  /** The order that was sent without an answer, if it is one of this item. */
  const open = () => (offer?.item ? unanswered.read(offer.item.itemId) : null);

  const show = () => {
    const balance = accounts.balance(own);
    setText("balance", money(balance));
    setText("paid-balance", money(balance));
    if (paid) {
      setText("paid-title", ["ready", "completed", "cancelled"].includes(paid.status) ? statusWords(paid) : "Paid");
      setText("paid-text", paidWords(paid, money));
      showCancel();
    }
    if (!offer) return;
    const locked = open();
    const deposit = locked ? (locked.expectedDeposit ?? 0) : offer.deposit;
    const total = (locked?.expectedTotal ?? offer.total) + deposit;
    setText("stall", offer.vendorName);
    const lines = offer.lines.map((line, index) => ({ ...line, index })); // two lines may have the same item
    showList(byId("lines"), lines, ({ index }) => String(index), ({ name, quantity, total: sum, notes, ageMin }) =>
      el("li", { class: "row" },
        el("span", { class: "grow" }, `${quantity}\u00a0× ${name}`, notes && el("small", {}, ` ${notes}`),
          ageMin ? el("span", { class: "age" }, el("span", { "aria-hidden": "true" }, ageMark({ ageMin })), el("span", { class: "sr-only" }, ageWords({ ageMin }))) : null),
        el("span", { class: "price" }, money(sum))));
    byId("deposit-row").hidden = !deposit;
    setText("deposit", money(deposit));
    setText("total", money(total));
    setText("pay", `Pay ${money(total)}`);
    setText("valid", offer.expiresAt ? `Can be paid until ${formatWhen(offer.expiresAt)}` : "");
    byId("closed").hidden = offer.vendorOpen;
    byId("short").hidden = balance >= total;
    setText("missing", `${money(Math.max(0, total - balance))} is missing in your wallet.`);
    const quantity = offer.lines[0]?.quantity ?? 1;
    byId("quantity-row").hidden = !offer.item;
    setText("quantity", String(quantity));
    /** @type {HTMLButtonElement} */ (byId("less")).disabled = quantity <= 1 || locked !== null;
    /** @type {HTMLButtonElement} */ (byId("more")).disabled = quantity >= QUANTITY_MAX || locked !== null;
  };
  const reading = createReading(show);
  const showCancel = createCancel(client, currency, () => paid, (answer) => reading.change(() => {
    paid = answer.order;
    if (answer.position > position()) accounts.set(own, answer.balance);
  }));
  const announcements = createAnnouncements(client, me.userId);

  const showPaid = () => {
    if (!paid) return;
    const order = paid;
    // A reload shows the paid order again, and asks for no money.
    history.replaceState(null, "", `?order=${encodeURIComponent(order.orderId)}`);
    setText("paid-stall", order.vendorName ?? "");
    setText("paid-lead", isHandedOver(order) ? "Paid at" : "Your number at");
    setText("paid-number", isHandedOver(order) ? money(paidFor(order)) : String(order.number));
    if (!byId("paid").hidden) return;
    showOnly("paid");
    byId("paid-title").focus();
  };

  /** @param {string} orderId */
  const readPaid = async (orderId) => {
    await reading.read(() => client.get(`/v1/orders/${encodeURIComponent(orderId)}`), (order) => void (paid = order));
    showPaid();
  };

  /** @param {Exclude<import("./offer.js").Scanned, {orderId: string} | null>} wanted */
  const readWanted = async (wanted) => {
    const sent = "itemId" in wanted ? unanswered.read(wanted.itemId) : null;
    await reading.read(() => readOffer(client, wanted, sent?.items[0].quantity ?? offer?.lines[0]?.quantity ?? 1), (found) => {
      if (!paid) offer = found;
    });
    if (paid) return;
    if (sent) setText("problem", "Your last try had no answer. Try again: it will count only once.");
    if (offer?.orderId) await readPaid(offer.orderId);
    else if (!offer) showOver(...over("gone"));
    else if (offer.status !== "open" && !sent) showOver(...over(offer.status));
    else showOnly("offer");
  };

  const load = oneAtATime(async () => {
    if (scanned === null) return showOver(...over("none"));
    const orderId = paid?.orderId ?? ("orderId" in scanned ? scanned.orderId : null);
    try {
      await (orderId ? readPaid(orderId) : readWanted(/** @type {any} */ (scanned)));
    } catch (error) {
      if (paid) return; // it stands there as it was
      if (error instanceof ProblemError && error.status === 404) showOver(...over("unknown"));
      else {
        if (!offer || byId("offer").hidden) showOver("That did not work", listWords(error), again);
        whenBack(load);
      }
    }
  });

  const again = () => {
    showOnly("state");
    void load();
  };

  const pay = async () => {
    if (!offer) return;
    const { path } = offer.wish;
    const earlier = open();
    const body = earlier ?? offer.wish.body;
    const call = new AbortController();
    const patience = { signal: call.signal, onWaiting: () => waits(() => call.abort()) };
    setText("problem", "");
    if (offer.item) unanswered.keep(body);
    try {
      const { replayed } = await reading.send(() => client.command(path, body, patience), ({ data }) => {
        paid = data.order;
        if (data.position > position()) accounts.set(own, data.balance); // else the stream has said so, or newer things
      });
      unanswered.forget();
      rest(byId("app")); // or a double tap pays, and cancels
      showPaid();
      if (!replayed) return;
      toast("Your payment had gone through already; you weren't charged twice.", "success");
      void load(); // that answer is as old as the first try
    } catch (error) {
      if (isUnsent(error) && !earlier) unanswered.forget();
      if (isUnsent(error)) whenBack(() => setText("problem", ""));
      await refused(error);
      if (call.signal.aborted && !isDecided(error)) setText("problem", STOPPED);
    } finally {
      byId("waiting").hidden = true;
    }
  };

  /** No answer has come, and it is sent again by itself. @param {() => void} callOff */
  const waits = (callOff) => {
    byId("waiting").hidden = false;
    byId("stop").onclick = () => {
      rest(byId("app")); // the button that pays comes up under the finger
      callOff();
    };
  };
  const isDecided = (/** @type {unknown} */ error) => error instanceof ProblemError && isDefinite(error);

  /** @param {unknown} error */
  const refused = async (error) => {
    const problem = error instanceof ProblemError ? error : null;
    if (isDecided(error)) unanswered.forget();
    setText("problem", commandWords(error, currency));
    if (problem?.code === "price-changed" && !offer?.item) setText("problem", CHANGED);
    if (problem && ["vendor-closed", "vendor-unattended"].includes(problem.code)) reading.change(() => void (offer &&= { ...offer, vendorOpen: false }));
    const changes = ["already-paid", "payment-request-expired", "price-changed", "item-unavailable", "not-found"];
    if (problem && changes.includes(problem.code)) await load(); // it shows who has paid, or the new price
    else show();
  };

  /** @param {number} step */
  const change = (step) => {
    if (!offer?.item || open()) return;
    const quantity = Math.min(QUANTITY_MAX, Math.max(1, (offer.lines[0]?.quantity ?? 1) + step));
    reading.change(() => {
      if (offer?.item) offer = itemOffer(offer.item, { name: offer.vendorName, open: offer.vendorOpen }, quantity);
    });
  };

  byId("less").addEventListener("click", () => change(-1));
  byId("more").addEventListener("click", () => change(1));
  byId("offer").addEventListener("submit", (event) => {
    event.preventDefault();
    void whileBusy(/** @type {HTMLButtonElement} */ (byId("pay")), pay);
  });
  show();
  void load();
  void announcements.load();
  const ofAnnouncements = (/** @type {string} */ type) => (/** @type {any} */ data) => announcements.apply(type, data);

  return {
    connected({ resumed, snapshot }) {
      if (!resumed) void announcements.load();
      if (!snapshot) return;
      accounts.restore(snapshot);
      void load();
    },
    "balance-updated": (data) => void accounts.apply(data),
    "vendor-updated"({ vendorId, open: isOpen, attended }) {
      reading.change(() => {
        if (offer && offer.vendorId === vendorId) offer.vendorOpen = isOpen && attended !== false;
      });
    },
    "menu-updated"({ itemId }) {
      if (scanned && "itemId" in scanned && scanned.itemId === itemId && !paid) void load();
    },
    "order-status-changed"({ orderId, status }) {
      reading.change(() => {
        if (paid && paid.orderId === orderId) paid = { ...paid, status };
      });
    },
    "new-notification": ofAnnouncements("new-notification"),
    "announcement-changed": ofAnnouncements("announcement-changed"),
    "announcement-withdrawn": ofAnnouncements("announcement-withdrawn"),
    "notifications-read": ofAnnouncements("notifications-read"),
    "order-ready": ({ message }) => toast(message, "order"),
    "session-expiring": () => toast("You will soon be signed out. Sign in again to pay.", "warning"),
  };
}

startPage({ role: "customer", start });
