// @ts-check
/** What holds for a guest's payouts, in words. */
import { formatMoney } from "../format/money.js";

/** @typedef {{min: number, fee: number, until?: string, over: boolean, donationsFor?: string}} Terms  as the server says them */
/** @typedef {import("../../sdk/types.js").Currency} Currency */

/** @type {Terms} */
export const NO_TERMS = { min: 0, fee: 0, over: false };

/** A moment with its day, as people read it. @param {string} timestamp */
const moment = (timestamp) => new Date(timestamp).toLocaleString(undefined, { dateStyle: "long", timeStyle: "short" });

/** The terms in a few sentences; "": there are none. Pure but for the place's way to write days.
 * @param {Terms} terms @param {Currency} currency */
export function termsWords({ min, fee, until, over }, currency) {
  if (until && over) return `The time to ask for a payout was over on ${moment(until)}. Ask at the festival office.`;
  const said = [
    min ? `At least ${formatMoney(min, currency)} are paid out.` : "",
    fee ? `Each payout costs ${formatMoney(fee, currency)}; you get that back if it can't be made.` : "",
    until ? `You can ask until ${moment(until)}.` : "",
  ];
  return said.filter(Boolean).join(" ");
}

/** What a payout would be, or why it can't be; pure.
 * @param {{typed: number | null, balance: number, terms: Terms, currency: Currency}} wish  typed: null for all of it
 * @returns {{amount: number, rest: number, problem: string}} rest: what the wallet still holds then */
export function payoutOf({ typed, balance, terms, currency }) {
  const amount = typed ?? balance - terms.fee;
  const words = (/** @type {number} */ sum) => formatMoney(sum, currency);
  const wrong = (/** @type {string} */ problem) => ({ amount, rest: 0, problem });
  if (amount <= 0 && balance > 0 && terms.fee) return wrong(`Your balance is ${words(balance)}, and a payout costs ${words(terms.fee)}.`);
  if (amount <= 0 || amount > balance) return wrong(`Your balance is ${words(balance)}.`);
  if (amount + terms.fee > balance) return wrong(`With the fee this takes ${words(amount + terms.fee)}. Your balance is ${words(balance)}.`);
  if (amount < terms.min) return wrong(`At least ${words(terms.min)} are paid out.`);
  return { amount, rest: balance - amount - terms.fee, problem: "" };
}
