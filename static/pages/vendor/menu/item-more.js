// @ts-check
/** What an item may say beside its price: the part of the menu's form that is behind "More". */
import { byId, el, input, setText } from "../../../ui/dom.js";
import { taxWords } from "../../../ui/format/items.js";
import { amountProblem, exampleMoney, parseMoney, plainMoney } from "../../../ui/format/money.js";

/** @typedef {import("../../../sdk/types.js").MenuItem} MenuItem */
/** @typedef {import("../../../sdk/types.js").Currency} Currency */
/** @typedef {{taxBp: number | null, ageMin: number | null, deposit: number | null, stock: number | null}} More  null: none */
/** @typedef {{more?: More, problem?: string, field?: string}} Read  either what was typed, or what is wrong and where */

const AGES = [16, 18];
const STOCK = /^\d{1,6}$/;

/** What stands in the fields; pure. @param {{tax: string, age: string, deposit: string, stock: string}} typed
 * @param {Currency} currency @returns {Read} */
export function readMore({ tax, age, deposit, stock }, currency) {
  const amount = deposit.trim() ? parseMoney(deposit, currency) : 0;
  if (amount === null) return { problem: `This is no deposit. ${amountProblem(deposit, currency, 200)}`, field: "item-deposit" };
  const count = stock.trim();
  if (count && !STOCK.test(count)) return { problem: "How many are left is a whole number, such as 40.", field: "item-stock" };
  return { more: { taxBp: tax ? Number(tax) : null, ageMin: age ? Number(age) : null, deposit: amount || null, stock: count ? Number(count) : null } };
}

/** What a request says of it: all of it where an item changes, or a count that somebody sells from meanwhile would come
 * back; so what was not touched is left out. Pure.
 * @param {More} more @param {Partial<MenuItem> | null} item  as it was; null: a new one @returns {Partial<More>} */
export function changesOf(more, item) {
  const names = /** @type {(keyof More)[]} */ (["taxBp", "ageMin", "deposit", "stock"]);
  return Object.fromEntries(names.filter((name) => more[name] !== (item?.[name] ?? null)).map((name) => [name, more[name]]));
}

/** The choices of a field, with the one that an item has already; pure.
 * @param {readonly number[]} offered @param {number | undefined} present */
export const choicesOf = (offered, present) => (present === undefined || offered.includes(present) ? [...offered] : [...offered, present]);

/** @param {Currency} currency @param {readonly number[]} rates  that the festival offers, in basis points */
export function createItemMore(currency, rates) {
  const more = /** @type {HTMLDetailsElement} */ (byId("item-more"));

  /** @param {string} id @param {string} none @param {number[]} values @param {(value: number) => string} words @param {number | undefined} present */
  const choose = (id, none, values, words, present) => {
    const select = /** @type {HTMLSelectElement} */ (/** @type {unknown} */ (byId(id)));
    select.replaceChildren(el("option", { value: "" }, none), ...values.map((value) => el("option", { value }, words(value))));
    select.value = present === undefined ? "" : String(present);
  };

  input("item-deposit").placeholder = exampleMoney(currency, 200);
  setText("item-deposit-currency", `in ${currency.currency}`);

  return {
    /** @param {MenuItem | null} item  null: a new one */
    show(item) {
      const { taxBp, ageMin, deposit, stock } = item ?? {};
      const offered = choicesOf(rates, taxBp);
      choose("item-tax", "Not said", offered, taxWords, taxBp);
      byId("item-tax-field").hidden = !offered.length; // the festival names no rate
      choose("item-age", "Any", choicesOf(AGES, ageMin), (age) => `${age}+`, ageMin);
      input("item-deposit").value = deposit ? plainMoney(deposit, currency) : "";
      input("item-stock").value = stock === undefined ? "" : String(stock);
      more.open = [taxBp, ageMin, deposit, stock].some((value) => value !== undefined);
    },
    /** @returns {Read} */
    read() {
      const read = readMore({ tax: input("item-tax").value, age: input("item-age").value, deposit: input("item-deposit").value, stock: input("item-stock").value }, currency);
      if (read.field) {
        more.open = true;
        input(read.field).focus();
      }
      return read;
    },
  };
}
