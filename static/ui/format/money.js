// @ts-check
/** Amounts are integers in minor units (cents); only this module knows where the point goes. */

// As on the server (domain/amounts.py), by ISO 4217. Browsers have digits of their own: none for HUF, IDR or IQD.
const NO_DIGITS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(" ");
const THREE_DIGITS = "BHD IQD JOD KWD LYD OMR TND".split(" ");

/** @param {string} currency  ISO 4217 @returns {number} digits after the point: 2 for EUR, 0 for JPY, 3 for KWD */
export function minorDigits(currency) {
  if (NO_DIGITS.includes(currency)) return 0;
  return THREE_DIGITS.includes(currency) ? 3 : 2;
}

/** @param {number} amount  minor units @param {string} currency @param {{signed?: boolean}} [options]
 * @returns {string} */
export function formatMoney(amount, currency, { signed = false } = {}) {
  const digits = minorDigits(currency);
  const format = new Intl.NumberFormat(undefined, {
    style: "currency",
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
    signDisplay: signed ? "exceptZero" : "auto",
  });
  return format.format(amount / 10 ** digits); // exact for display: far below 2^53
}

/** Read an amount as a person types it, digit by digit: `12.5`, `12,50` and `12` are all fine; nothing is rounded.
 * @param {string} text @param {string} currency
 * @returns {number | null} minor units; null if it isn't an amount above zero */
export function parseMoney(text, currency) {
  const digits = minorDigits(currency);
  const match = /^(\d{1,9})(?:[.,](\d{1,3}))?$/.exec(text.trim());
  if (!match) return null;
  const [, whole = "", fraction = ""] = match;
  if (fraction.length > digits) return null;
  const amount = Number(whole + fraction.padEnd(digits, "0"));
  return amount > 0 ? amount : null;
}

/** The amount as `parseMoney` reads it back: no currency, no grouping.
 * @param {number} amount @param {string} currency */
export function plainMoney(amount, currency) {
  const digits = minorDigits(currency);
  const text = String(amount).padStart(digits + 1, "0");
  return digits ? `${text.slice(0, -digits)}.${text.slice(-digits)}` : text;
}
