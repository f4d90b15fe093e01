// @ts-check
/** The page behind a stall's code for a deposit: what goes back, and one button that takes it. */
import { walletOf } from "../../sdk/account.js";
import { ProblemError } from "../../sdk/problem.js";
import { byId, el, setText, showList, whileBusy } from "../../ui/dom.js";
import { currencyOf, formatMoney } from "../../ui/format/money.js";
import { formatWhen } from "../../ui/format/time.js";
import { commandWords, listWords } from "../../ui/format/words.js";
import { whenBack } from "../../ui/link-state.js";
import { startPage } from "../../ui/shell.js";
import { createAccounts } from "../../ui/state/accounts.js";
import { createReading, oneAtATime } from "../../ui/state/reading.js";
import { toast } from "../../ui/toast.js";
import { overWords, readAddress, shownOf } from "./offer.js";

/** @typedef {import("./offer.js").Offer} Offer */

const SECTIONS = ["state", "offer", "taken", "over"];

/** @param {string} name */
function showOnly(name) {
  for (const section of SECTIONS) byId(section).hidden = section !== name;
}

/** @param {import("../../sdk/types.js").Me} me @param {import("../../sdk/festival-push.js").Client} client
 * @param {() => number} position @returns {import("../../sdk/wire/stream.js").Handlers} */
function start(me, client, position) {
  const currency = currencyOf(me);
  const money = (/** @type {number} */ amount) => formatMoney(amount, currency);
  const giveBackId = readAddress(location.search);
  const path = `/v1/give-backs/${encodeURIComponent(giveBackId ?? "")}`;
  const own = walletOf(me.userId);
  const accounts = createAccounts(me, () => show());
  let offer = /** @type {Offer | null} */ (null);

  const show = () => {
    const balance = money(accounts.balance(own));
    setText("balance", balance);
    setText("taken-balance", balance);
    if (!offer) return;
    setText("stall", offer.vendorName);
    const lines = offer.items.map((line, index) => ({ ...line, index })); // two lines may have the same name
    showList(byId("lines"), lines, ({ index }) => String(index), ({ name, quantity, deposit }) =>
      el("li", { class: "row" }, el("span", { class: "grow" }, `${quantity}\u00a0× ${name}`),
        el("span", { class: "price" }, money(quantity * deposit))));
    setText("total", money(offer.total));
    setText("take", `Take ${money(offer.total)}`);
    setText("valid", `Can be taken until ${formatWhen(offer.expiresAt)}`);
    setText("taken-title", `${money(offer.total)} is yours`);
    setText("taken-text", `The deposit from ${offer.vendorName} is in your wallet.`);
  };
  const reading = createReading(show);

  /** @param {string} title @param {string} text @param {(() => void) | null} [retry] */
  const showOver = (title, text, retry = null) => {
    setText("over-title", title);
    setText("over-text", text);
    byId("again").hidden = retry === null;
    byId("again").onclick = retry;
    showOnly("over");
    byId("over-title").focus();
  };

  const showOffer = () => {
    if (!offer) return;
    const shown = shownOf(offer);
    if (shown === "claimed" || shown === "expired") return showOver(...overWords(shown));
    if (shown === "taken" && byId("taken").hidden) {
      showOnly("taken");
      byId("taken-title").focus();
    } else showOnly(shown);
  };

  const load = oneAtATime(async () => {
    if (giveBackId === null) return showOver(...overWords("none"));
    try {
      await reading.read(() => client.get(path), (found) => void (offer = found));
      showOffer();
    } catch (error) {
      if (error instanceof ProblemError && error.status === 404) return showOver(...overWords("unknown"));
      if (!offer) showOver("That did not work", listWords(error), again);
      whenBack(load);
    }
  });

  const again = () => {
    showOnly("state");
    void load();
  };

  const take = async () => {
    setText("problem", "");
    try {
      await reading.send(() => client.command(`${path}/claim`, {}), ({ data }) => {
        if (offer) offer = { ...offer, status: "claimed", claimedByYou: true };
        if (data.position > position()) accounts.set(own, data.balance); // else the stream has said so, or newer things
      });
      showOffer();
    } catch (error) {
      setText("problem", commandWords(error, currency));
      const over = ["already-claimed", "give-back-expired", "not-found"];
      if (error instanceof ProblemError && over.includes(error.code)) await load(); // whose it is, or that it is over
    }
  };

  byId("offer").addEventListener("submit", (event) => {
    event.preventDefault();
    void whileBusy(/** @type {HTMLButtonElement} */ (byId("take")), take);
  });
  show();
  void load();

  return {
    connected({ snapshot }) {
      if (!snapshot) return;
      accounts.restore(snapshot);
      void load();
    },
    "balance-updated": (data) => void accounts.apply(data),
    "session-expiring": () => toast("You will soon be signed out. Sign in again to take it.", "warning"),
  };
}

startPage({ role: "customer", start });
