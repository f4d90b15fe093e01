// @ts-check
/** What an item says besides its name and price, in words: the tax in it, the age that it needs, and its deposit. Pure. */
import { formatMoney } from "./money.js";

/** @typedef {import("../../sdk/types.js").Currency} Currency */

/** `16+`; empty: any age. @param {{ageMin?: number | undefined}} item */
export const ageMark = ({ ageMin = 0 }) => (ageMin ? `${ageMin}+` : "");

/** The same for who hears it. @param {{ageMin?: number | undefined}} item */
export const ageWords = ({ ageMin = 0 }) => (ageMin ? `From ${ageMin} years` : "");

/** `+ €2.00 deposit`; empty: none. @param {{deposit?: number | undefined}} item @param {Currency} currency */
export const depositWords = ({ deposit = 0 }, currency) => (deposit ? `+\u00a0${formatMoney(deposit, currency)} deposit` : "");

/** A rate of tax as people say it: `19%`, `7.7%`. @param {number} taxBp  basis points */
export const taxWords = (taxBp) => new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 2 }).format(taxBp / 10_000);

/** The deposit of all lines together, in minor units. @param {readonly {quantity: number, deposit?: number | undefined}[]} lines */
export const depositOf = (lines) => lines.reduce((sum, { quantity, deposit = 0 }) => sum + quantity * deposit, 0);

/** What a stall has said of its item beside name and price, for its own list.
 * @param {{taxBp?: number | undefined, ageMin?: number | undefined, deposit?: number | undefined, stock?: number | undefined}} item @param {Currency} currency */
export const itemFacts = (item, currency) => [
  item.taxBp !== undefined && `${taxWords(item.taxBp)} tax`,
  ageMark(item),
  depositWords(item, currency),
  item.stock !== undefined && `${item.stock} left`,
].filter(Boolean).join(" · ");
