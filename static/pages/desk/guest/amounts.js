// @ts-check
/** The amounts that people hand over most. */

/** @typedef {import("../../../sdk/types.js").Currency} Currency */

const NOTES = [10, 20, 50, 100];

/** What a banknote is worth beside one of the euro, roughly. @type {Record<string, number>} */
const SCALE = {
  CZK: 10, DKK: 10, NOK: 10, SEK: 10, MXN: 10, ZAR: 10, THB: 10, UAH: 10, INR: 10, PHP: 10, TRY: 10, HKD: 10, TWD: 10, EGP: 10,
  HUF: 100, ISK: 100, JPY: 100, RSD: 100, KES: 100, NGN: 100, PKR: 100, RUB: 10, AMD: 100,
  KRW: 1_000, CLP: 1_000, COP: 1_000, IQD: 1_000, IDR: 1_000, TZS: 1_000, UGX: 1_000, LBP: 10_000, VND: 10_000, IRR: 10_000,
};

const inMinor = (/** @type {number} */ amount, /** @type {Currency} */ { currency, currencyDigits }) => amount * (SCALE[currency] ?? 1) * 10 ** currencyDigits;

/** In minor units, the smallest first; pure. @param {Currency} currency @returns {number[]} */
export const usualAmounts = (currency) => NOTES.map((note) => inMinor(note, currency));

const PIECES = [200, 100, 50, 20, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01];
const PIECES_OWN = /** @type {Record<string, number[]>} */ ({ USD: [100, 50, 20, 10, 5, 2, 1, 0.25, 0.1, 0.05, 0.01], GBP: PIECES.slice(2), CHF: PIECES.slice(0, 12) });

/** The notes and coins to count, in minor units, the largest first; pure. @param {Currency} currency @returns {number[]} */
export const piecesOf = (currency) => (PIECES_OWN[currency.currency] ?? PIECES).map((piece) => Math.round(inMinor(piece, currency) * 100) / 100)
  .filter((amount) => Number.isInteger(amount) && amount > 0);
