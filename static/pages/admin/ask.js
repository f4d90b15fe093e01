// @ts-check
import { byId, el, input, setText } from "../../ui/dom.js";
import { parseMoney, plainMoney } from "../../ui/format/money.js";
import { rest } from "../../ui/rest.js";

/** @typedef {object} Question
 * @property {string} title
 * @property {string} words  what will happen
 * @property {string} action  on the button
 * @property {number} [amount]  asks for an amount up to this one, in minor units
 * @property {string} [reason]  asks for a line of text under this name
 * @property {string} [pattern]  what that line must look like
 * @property {{label: string, options: [string, string][], value: string}} [choice]  value and name of each option */

/** @typedef {{amount: number, reason: string, choice: string}} Answered */

/** Ask before something is done that can't be undone by a second tap. Resolves with null when nothing shall happen, as
 * while another question stands there: one tap must not answer both.
 * @param {Question} question @param {string} currency @returns {Promise<Answered | null>} */
export function ask({ title, words, action, amount, reason, pattern, choice }, currency) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("ask"));
  if (dialog.open) return Promise.resolve(null);
  const form = /** @type {HTMLFormElement} */ (byId("ask-form"));
  setText("ask-title", title);
  setText("ask-words", words);
  setText("ask-problem", "");
  setText("ask-do", action);
  byId("ask-amount-field").hidden = amount === undefined;
  input("ask-amount").value = amount === undefined ? "" : plainMoney(amount, currency);
  byId("ask-reason-field").hidden = reason === undefined;
  setText("ask-reason-label", reason ?? "Reason");
  input("ask-reason").value = "";
  input("ask-reason").pattern = pattern ?? ".*";
  input("ask-reason").required = reason !== undefined;
  byId("ask-choice-field").hidden = choice === undefined;
  setText("ask-choice-label", choice?.label ?? "Choice");
  byId("ask-choice").replaceChildren(...(choice?.options ?? []).map(([value, name]) => el("option", { value, selected: value === choice?.value }, name)));
  dialog.showModal();
  rest(byId("ask-do"));

  return new Promise((resolve) => {
    let answered = /** @type {Answered | null} */ (null);
    const submit = (/** @type {Event} */ event) => {
      event.preventDefault();
      const typed = amount === undefined ? 0 : parseMoney(input("ask-amount").value, currency);
      if (typed === null || typed > (amount ?? 0)) {
        setText("ask-problem", `Type an amount up to ${plainMoney(amount ?? 0, currency)}.`);
        return input("ask-amount").focus();
      }
      answered = { amount: typed, reason: input("ask-reason").value.trim(), choice: input("ask-choice").value };
      dialog.close();
    };
    form.addEventListener("submit", submit);
    dialog.addEventListener("close", () => {
      form.removeEventListener("submit", submit);
      resolve(answered);
    }, { once: true });
  });
}

/** The dialog's own way out. */
export function readyToAsk() {
  byId("ask-back").addEventListener("click", () => /** @type {HTMLDialogElement} */ (byId("ask")).close());
}
