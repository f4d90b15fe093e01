// @ts-check
/** The page behind a QR code: what it costs, one button, and the number to be called by. */
import { byId, el, setText, showList, whileBusy } from "../js/dom.js";
import { isDefinite } from "../js/idempotency.js";
import { formatMoney } from "../js/money.js";
import { STATUS_WORDS } from "../js/orders.js";
import { ProblemError } from "../js/problem.js";
import { startPage } from "../js/shell.js";
import { tabStore } from "../js/storage.js";
import { formatWhen } from "../js/time.js";
import { toast } from "../js/toast.js";
import { commandWords, humanWords } from "../js/words.js";
import { itemOffer, QUANTITY_MAX, readAddress, readOffer } from "./offer.js";
import { createUnanswered } from "./unanswered.js";

/** @typedef {import("./offer.js").Offer} Offer */
/** @typedef {import("../js/types.js").Order} Order */

const SECTIONS = ["state", "offer", "paid", "over"];
/** What to say instead of an offer. @type {Record<string, [string, string]>} */
const OVER = {
  none: ["Nothing to pay here", "This address is not a whole QR code. Scan it again."],
  gone: ["This is not for sale", "It has sold out, or the stall has taken it off its menu."],
  unknown: ["This code is not valid any more", "Ask the stall for a new one. Nothing was charged."],
  paid: ["Already paid", "Somebody else has paid this already. You were not charged."],
  expired: ["Too late", "The time to pay this is over. You were not charged; ask the stall for a new code."],
};
const CHANGED = "The stall's prices have changed since it made this code. Nothing was charged: ask for a new one.";

/** @param {string} name */
function showOnly(name) {
  for (const section of SECTIONS) byId(section).hidden = section !== name;
}

/** @param {string} title @param {string} text @param {(() => void) | null} [again] */
function showOver(title, text, again = null) {
  setText("over-title", title);
  setText("over-text", text);
  byId("again").hidden = again === null;
  byId("again").onclick = again;
  showOnly("over");
  byId("over-title").focus();
}

/** @param {import("../js/types.js").Me} me @param {import("../js/festival-push.js").Client} client @param {() => number} position
 * @returns {import("../js/stream.js").Handlers} */
function start(me, client, position) {
  const { currency } = me;
  const scanned = readAddress(location.search);
  const unanswered = createUnanswered(tabStore, () => Date.now());
  let offer = /** @type {Offer | null} */ (null);
  let balance = me.balance;
  let isReading = false;
  let isStale = false;
  let paid = /** @type {Order | null} */ (null); // once it is, whatever was asked for before must not bring the button back

  const money = (/** @type {number} */ amount) => formatMoney(amount, currency);
  /** The order that was sent without an answer, if it is one of this item. */
  const open = () => (offer?.item ? unanswered.read(offer.item.itemId) : null);

  const show = () => {
    setText("balance", money(balance));
    setText("paid-balance", money(balance));
    if (!offer) return;
    const locked = open();
    const total = locked?.expectedTotal ?? offer.total;
    setText("stall", offer.vendorName);
    const lines = offer.lines.map((line, place) => ({ ...line, place })); // the same thing may stand there twice, with other notes
    showList(byId("lines"), lines, ({ place }) => String(place), ({ name, quantity, total: sum, notes }) => el("li", { class: "row" },
      el("span", { class: "grow" }, `${quantity}\u00a0× ${name}`, notes && el("small", {}, ` ${notes}`)), el("span", { class: "price" }, money(sum))));
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
  const showBalance = (/** @type {number} */ amount) => {
    balance = amount;
    show();
  };

  /** @param {import("../js/types.js").OrderStatus} status */
  const showStatus = (status) => setText("paid-title", ["ready", "completed", "cancelled"].includes(status) ? STATUS_WORDS[status] : "Paid");

  /** @param {Order} order */
  const showPaid = (order) => {
    paid = order;
    history.replaceState(null, "", `?order=${encodeURIComponent(order.orderId)}`); // a reload shows this again, and asks for nothing
    setText("paid-stall", order.vendorName ?? "");
    setText("paid-number", String(order.number));
    showStatus(order.status);
    setText("paid-text", `You paid ${money(order.total)}. This page says when it is ready, and so does your wallet.`);
    show();
    showOnly("paid");
    byId("paid-title").focus();
  };

  /** What changes while the offer is being read may not be in it yet: then it is read once more. */
  const load = async () => {
    isStale = true;
    if (isReading) return;
    isReading = true;
    while (isStale) {
      isStale = false;
      await read();
    }
    isReading = false;
  };

  const read = async () => {
    if (scanned === null) return showOver(...over("none"));
    if (!offer) showOnly("state");
    try {
      if ("orderId" in scanned) return showPaid(await client.get(`/v1/orders/${encodeURIComponent(scanned.orderId)}`));
      const sent = "itemId" in scanned ? unanswered.read(scanned.itemId) : null;
      const found = await readOffer(client, scanned, sent?.items[0].quantity ?? offer?.lines[0]?.quantity ?? 1);
      if (paid) return;
      offer = found;
      if (sent) setText("problem", "Your last try had no answer. Try again: it will count only once.");
      if (offer?.orderId) return showPaid(await client.get(`/v1/orders/${encodeURIComponent(offer.orderId)}`));
      if (!offer) return showOver(...over("gone"));
      if (offer.status !== "open" && !sent) return showOver(...over(offer.status));
      show();
      showOnly("offer");
    } catch (error) {
      if (error instanceof ProblemError && error.status === 404) showOver(...over("unknown"));
      else showOver("That did not work", humanWords(error), () => void load());
    }
  };

  const pay = async () => {
    if (!offer) return;
    const { path } = offer.wish;
    const body = open() ?? offer.wish.body;
    setText("problem", "");
    if (offer.item) unanswered.keep(body);
    try {
      const { data, replayed } = await client.command(path, body);
      unanswered.forget();
      if (data.position > position()) balance = data.balance; // else the stream has said so, or newer things
      if (replayed) toast("Your payment had gone through already; you weren't charged twice.", "success");
      showPaid(data.order);
    } catch (error) {
      await refused(error);
    }
  };

  /** @param {unknown} error */
  const refused = async (error) => {
    const problem = error instanceof ProblemError ? error : null;
    if (problem && isDefinite(problem)) unanswered.forget();
    setText("problem", commandWords(error, currency));
    if (problem?.code === "price-changed" && !offer?.item) setText("problem", CHANGED);
    if (problem?.code === "vendor-closed" && offer) offer.vendorOpen = false;
    const again = ["already-paid", "payment-request-expired", "price-changed", "item-unavailable", "not-found"];
    if (problem && again.includes(problem.code)) await load(); // it shows who has paid, or the new price
    else show();
  };

  /** @param {number} step */
  const change = (step) => {
    if (!offer?.item || open()) return;
    const quantity = Math.min(QUANTITY_MAX, Math.max(1, (offer.lines[0]?.quantity ?? 1) + step));
    offer = itemOffer(offer.item, { name: offer.vendorName, open: offer.vendorOpen }, quantity);
    show();
  };

  byId("less").addEventListener("click", () => change(-1));
  byId("more").addEventListener("click", () => change(1));
  byId("offer").addEventListener("submit", (event) => {
    event.preventDefault();
    void whileBusy(/** @type {HTMLButtonElement} */ (byId("pay")), pay);
  });
  showBalance(balance);
  void load();

  return {
    connected({ snapshot }) {
      if (snapshot) showBalance(snapshot.balance);
    },
    "balance-updated": ({ newBalance }) => showBalance(newBalance),
    "vendor-updated"({ vendorId, open: isOpen }) {
      isStale = true;
      if (offer?.vendorId !== vendorId) return;
      offer.vendorOpen = isOpen;
      show();
    },
    "menu-updated"({ itemId }) {
      if (offer?.item?.itemId === itemId && !byId("offer").hidden) void load();
    },
    "order-status-changed"({ orderId, status }) {
      if (orderId === paid?.orderId) showStatus(status);
    },
    "order-ready": ({ message }) => toast(message, "order"),
    "session-expiring": () => toast("You will soon be signed out. Sign in again to pay.", "warning"),
  };
}

/** @param {string} which @returns {[string, string]} */
const over = (which) => /** @type {[string, string]} */ (OVER[which]);

startPage({ role: "customer", start });
