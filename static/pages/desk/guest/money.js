// @ts-check
/** Money over the counter: a top-up, and a payout in cash. Both ask before anything moves. */
import { byId, el, input, setText, whileBusy } from "../../../ui/dom.js";
import { amountProblem, exampleMoney, formatMoney, parseMoney } from "../../../ui/format/money.js";
import { commandWords } from "../../../ui/format/words.js";
import { toast } from "../../../ui/toast.js";
import { rest } from "../../../ui/touch/rest.js";
import { ask } from "../../admin/ask.js";
import { sendMoney, waitsWords } from "../../admin/deeds/second.js";
import { usualAmounts } from "./amounts.js";

/** @typedef {import("./words.js").Card} Card
 * @typedef {import("../undo.js").Booking} Booking */
/** @typedef {{drawerId: string, name: string, expected: number}} OwnDrawer */

const METHOD_WORDS = { cash: "in cash", card: "by card" };
const button = (/** @type {string} */ id) => /** @type {HTMLButtonElement} */ (byId(id));

/** What is said before a top-up; pure. @param {Card} card @param {number} amount @param {"cash" | "card"} method
 * @param {(amount: number) => string} money */
export const topUpWords = ({ name, topUpCode, balance }, amount, method, money) =>
  `${money(amount)}, paid ${METHOD_WORDS[method]}, go into the wallet of ${name} (code ${topUpCode}). It holds ${money(balance + amount)} then.`;

/** What is said before a payout; pure. @param {Card} card @param {number} cash  in the drawer @param {(amount: number) => string} money */
export const payOutWords = ({ name, topUpCode, balance }, cash, money) =>
  `In cash, out of the wallet of ${name} (code ${topUpCode}), which holds ${money(balance)}.${cash < balance ? ` Your drawer has ${money(cash)}.` : ""} Book it first, then hand the money over.`;

/** @param {import("../../../sdk/festival-push.js").Client} client @param {import("../../../sdk/types.js").Currency} currency
 * @param {{card: () => Card | null, drawer: () => OwnDrawer | null | undefined, mayWithout: boolean,
 *   booked: (booking: Booking, words: string, told: Partial<Card>) => void}} options
 *   drawer: the own one; undefined: it is not known yet; mayWithout: an organiser takes cash without one; booked: money has moved */
export function createMoney(client, currency, { card: current, drawer, mayWithout, booked }) {
  const money = (/** @type {number} */ amount) => formatMoney(amount, currency);
  const field = input("amount");
  const method = () => (input("method-card").checked ? "card" : "cash");
  const mayTake = () => method() === "card" || mayWithout || drawer() !== null;

  const show = () => {
    const card = current();
    const own = drawer();
    byId("top-up").hidden = Boolean(card?.movedTo); // what is paid in belongs into the new one
    for (const one of Array.from(byId("amounts").querySelectorAll("button"))) one.disabled = !mayTake();
    button("top-up-send").disabled = !mayTake();
    byId("top-up-open").hidden = mayTake();
    byId("top-up-hint").hidden = method() === "card" || own !== null;
    setText("top-up-hint", mayTake() ? "You have no drawer open: this cash is booked on the office's desk." : "Open your drawer before you take cash.");
    setText("pay-out", own === null ? "Pay out: open a drawer first" : "Pay out…");
    button("pay-out").disabled = !own || !card || card.balance <= 0;
  };

  /** @param {number} amount @param {HTMLButtonElement} by */
  const topUp = (amount, by) => whileBusy(by, async () => {
    const card = current();
    if (!card) return;
    const how = method();
    const sum = money(amount);
    setText("top-up-problem", "");
    const answered = await ask({ title: `Top up ${card.name}: ${sum}?`, action: `Book ${sum}`, words: topUpWords(card, amount, how, money) }, currency);
    if (!answered) return;
    try {
      const sent = await sendMoney(client, "/v1/admin/top-ups", { userId: card.userId, amount, method: how });
      if (!sent) return;
      field.value = "";
      input("method-cash").checked = true;
      if (sent.isWaiting) return toast(waitsWords(`${sum} for ${card.name}`), "info");
      const words = `${sum} booked ${METHOD_WORDS[how]} for ${card.name}.${sent.replayed ? " An earlier try had gone through; it counts once." : ""}`;
      booked({ transactionId: sent.data.transactionId, kind: "top-up", amount, timestamp: sent.data.timestamp ?? new Date(client.serverNow()).toISOString(), name: card.name, userId: card.userId },
        words, { balance: sent.data.balance });
    } catch (error) {
      setText("top-up-problem", commandWords(error, currency));
    }
  }).then(show);

  const payOut = () => whileBusy(button("pay-out"), async () => {
    const [card, own] = [current(), drawer()];
    if (!card || !own) return;
    const most = card.balance;
    const answered = await ask({ title: `Pay out to ${card.name}`, action: "Book the payout", amount: most, words: payOutWords(card, own.expected, money) }, currency);
    if (!answered) return;
    try {
      const wish = answered.amount === most ? { all: true } : { amount: answered.amount };
      const sent = await sendMoney(client, `/v1/admin/people/${encodeURIComponent(card.userId)}/payouts`, wish);
      if (!sent) return;
      if (sent.isWaiting) return toast(waitsWords(`${money(answered.amount)} for ${card.name}`), "info");
      const amount = sent.data.amount ?? answered.amount;
      booked({ transactionId: sent.data.transactionId, kind: "payout", amount, timestamp: sent.data.timestamp ?? new Date(client.serverNow()).toISOString(), name: card.name, userId: card.userId },
        `${money(amount)} booked. Hand the money to ${card.name} now.`, { balance: sent.data.balance });
    } catch (error) {
      toast(commandWords(error, currency), "error");
    }
  }).then(show);

  byId("amounts").replaceChildren(...usualAmounts(currency).map((amount) => {
    const one = el("button", { type: "button", class: "amount", onclick: () => void topUp(amount, one) }, money(amount));
    return one;
  }));
  field.placeholder = exampleMoney(currency, 1250);
  byId("top-up").addEventListener("submit", (event) => {
    event.preventDefault();
    const amount = parseMoney(field.value, currency);
    setText("top-up-problem", amount === null ? `This is no amount. ${amountProblem(field.value, currency, 1250)}` : "");
    if (amount === null) field.focus();
    else void topUp(amount, button("top-up-send"));
  });
  for (const id of ["method-cash", "method-card"]) byId(id).addEventListener("change", show);
  byId("pay-out").addEventListener("click", () => void payOut());

  return {
    show,
    /** Another guest: nothing of the last one stays, and a second tap of the same finger does nothing. */
    turn() {
      field.value = "";
      input("method-cash").checked = true;
      setText("top-up-problem", "");
      rest(byId("guest-card"));
      show();
    },
    focus: () => field.focus(),
  };
}
