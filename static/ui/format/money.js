// @ts-check
/** Amounts are integers in minor units (cents). Only this module knows where the point goes, and only from what the server
 * says beside each amount: browsers have digits of their own (none for HUF, IDR or IQD), and change them. */

/** @typedef {import("../../sdk/types.js").Currency} Currency */

/** The currency that an answer's amounts are in. @param {Currency} answer @returns {Currency} */
export const currencyOf = ({ currency, currencyDigits }) => ({ currency, currencyDigits });

/** @param {number} amount  minor units @param {Currency} currency @param {{signed?: boolean}} [options]
 * @returns {string} */
export function formatMoney(amount, { currency, currencyDigits }, { signed = false } = {}) {
  const format = new Intl.NumberFormat(undefined, {
    style: "currency",
    currency,
    minimumFractionDigits: currencyDigits,
    maximumFractionDigits: currencyDigits,
    signDisplay: signed ? "exceptZero" : "auto",
  });
  return format.format(amount / 10 ** currencyDigits); // exact for display: far below 2^53
}

/** Read an amount as a person types it, digit by digit: `12.5`, `12,50` and `12` are all fine; nothing is rounded.
 * @param {string} text @param {Currency} currency
 * @returns {number | null} minor units; null if it isn't an amount above zero: `amountProblem` says why */
export function parseMoney(text, { currencyDigits }) {
  const match = /^(\d{1,9})(?:[.,](\d{1,4}))?$/.exec(text.trim());
  if (!match) return null;
  const [, whole = "", fraction = ""] = match;
  if (fraction.length > currencyDigits) return null;
  const amount = Number(whole + fraction.padEnd(currencyDigits, "0"));
  return amount > 0 ? amount : null;
}

/** Say why `parseMoney` doesn't take a text, and what it would.
 * @param {string} text @param {Currency} currency @param {number} [hundredths]  of the example @returns {string} */
export function amountProblem(text, currency, hundredths = 450) {
  const typed = text.trim();
  const like = `Type it like ${exampleMoney(currency, hundredths)}.`;
  const grouped = /^\d{1,3}([.,' \u00a0\u2009\u202f’])\d{3}(?:\1\d{3})*(?:[.,]\d{1,4})?$/.exec(typed);
  if (grouped) {
    const plain = typed.split(grouped[1] ?? "").join("").replace(",", ".");
    return `${typed} could be two amounts. Leave the thousands undivided, like ${plain}.`;
  }
  if (/^\d+[.,]\d+$/.test(typed)) return `${currency.currency} has ${digitWords(currency)} after the point. ${like}`;
  if (/^[0.,]+$/.test(typed)) return `It must be more than nothing. ${like}`;
  return like;
}

/** @param {Currency} currency */
const digitWords = ({ currencyDigits: digits }) => (digits === 0 ? "no digits" : digits === 1 ? "one digit" : `${digits} digits`);

/** An amount to show how one is typed: `4.50`, or `450` where there is no point.
 * @param {Currency} currency @param {number} [hundredths] */
export const exampleMoney = (currency, hundredths = 450) =>
  plainMoney(currency.currencyDigits ? Math.round(hundredths * 10 ** (currency.currencyDigits - 2)) : hundredths, currency);

/** The amount as `parseMoney` reads it back: no currency, no grouping.
 * @param {number} amount @param {Currency} currency */
export function plainMoney(amount, { currencyDigits }) {
  const text = String(amount).padStart(currencyDigits + 1, "0");
  return currencyDigits ? `${text.slice(0, -currencyDigits)}.${text.slice(-currencyDigits)}` : text;
}
