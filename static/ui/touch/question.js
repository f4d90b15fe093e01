// @ts-check
/** The question of a page, in its dialog `#ask`: `#ask-do` sends the dialog's form, with the value "yes". */
import { byId, setText } from "../dom.js";
import { rest } from "./rest.js";

/** words: what will happen; action: on the button @typedef {{title: string, words: string, action: string}} Question */

let isAsking = false; // also in the moment between the dialog's end and its `close` event

/** Open the dialog. @param {Question} question
 * @returns {Promise<boolean> | null} whether the answer is yes; null, and nothing has changed, while another question
 *   stands there: one tap must not answer both */
export function openQuestion({ title, words, action }) {
  if (isAsking) return null;
  const dialog = /** @type {HTMLDialogElement} */ (byId("ask"));
  setText("ask-title", title);
  setText("ask-words", words);
  setText("ask-do", action);
  byId("ask-back").onclick = () => dialog.close();
  dialog.returnValue = "";
  dialog.showModal();
  isAsking = true;
  rest(byId("ask-do"));
  byId("ask-back").focus(); // Enter, pressed once too often, does nothing
  return new Promise((resolve) => dialog.addEventListener("close", () => {
    isAsking = false;
    rest(byId("app")); // what lay below is under the finger now
    resolve(dialog.returnValue === "yes");
  }, { once: true }));
}

/** Ask before something that can't be undone. @param {Question} question
 * @returns {Promise<boolean>} false: nothing shall happen; so also while another question stands there */
export const ask = (question) => openQuestion(question) ?? Promise.resolve(false);
