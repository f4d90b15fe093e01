// @ts-check
import { byId, el, input, setText } from "../../ui/dom.js";
import { amountProblem, parseMoney, plainMoney } from "../../ui/format/money.js";
import { openQuestion } from "../../ui/touch/question.js";

/** @typedef {object} Question
 * @property {string} title
 * @property {string} words  what will happen
 * @property {string} action  on the button
 * @property {number} [amount]  asks for an amount up to this one, in minor units; Infinity: the server knows the bound
 * @property {boolean} [isBlank]  that field is empty at first; else it has all
 * @property {string} [reason]  asks for a line of text under this name
 * @property {readonly string[]} [reasons]  the usual ones, to tap instead of typing
 * @property {string} [pattern]  what that line must look like
 * @property {{label: string, options: [string, string][], value: string}} [choice]  value and name of each option */

/** @typedef {{amount: number, reason: string, choice: string}} Answered */

/** Ask before something is done that can't be undone by a second tap. Resolves with null when nothing shall happen, as
 * while another question stands there: one tap must not answer both.
 * @param {Question} question @param {import("../../sdk/types.js").Currency} currency @returns {Promise<Answered | null>} */
export async function ask({ title, words, action, amount, isBlank = false, reason, reasons = [], pattern, choice }, currency) {
  const isYes = openQuestion({ title, words, action });
  if (!isYes) return null;
  setText("ask-problem", "");
  byId("ask-amount-field").hidden = amount === undefined;
  input("ask-amount").value = amount === undefined || isBlank ? "" : plainMoney(amount, currency);
  byId("ask-reason-field").hidden = reason === undefined;
  setText("ask-reason-label", reason ?? "Reason");
  input("ask-reason").value = "";
  input("ask-reason").pattern = pattern ?? ".*";
  input("ask-reason").required = reason !== undefined;
  byId("ask-reasons").replaceChildren(...reasons.map((one) => el("button", { type: "button", class: "small", onclick: () => (input("ask-reason").value = one) }, one)));
  byId("ask-choice-field").hidden = choice === undefined;
  setText("ask-choice-label", choice?.label ?? "Choice");
  byId("ask-choice").replaceChildren(...(choice?.options ?? []).map(([value, name]) => el("option", { value, selected: value === choice?.value }, name)));

  let answered = /** @type {Answered | null} */ (null);
  byId("ask-form").onsubmit = (event) => {
    const typed = amount === undefined ? 0 : parseMoney(input("ask-amount").value, currency);
    if (typed === null || typed > (amount ?? 0)) {
      event.preventDefault(); // else the form closes the dialog
      const why = typed === null ? ` ${amountProblem(input("ask-amount").value, currency)}` : "";
      setText("ask-problem", `Type an amount${Number.isFinite(amount) ? ` up to ${plainMoney(amount ?? 0, currency)}` : ""}.${why}`);
      return input("ask-amount").focus();
    }
    answered = { amount: typed, reason: input("ask-reason").value.trim(), choice: input("ask-choice").value };
  };
  return (await isYes) ? answered : null;
}
