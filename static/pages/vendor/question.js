// @ts-check
import { byId, setText } from "../../ui/dom.js";
import { rest } from "../../ui/rest.js";

/** Ask before something that can't be undone. @param {{title: string, words: string, action: string}} question
 * words: what will happen; action: on the button
 * @returns {Promise<boolean>} false also while another question stands there: one tap must not answer both */
export function ask({ title, words, action }) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("ask"));
  if (dialog.open) return Promise.resolve(false);
  setText("ask-title", title);
  setText("ask-words", words);
  setText("ask-do", action);
  dialog.returnValue = "";
  dialog.showModal();
  rest(byId("ask-do"));
  byId("ask-back").focus(); // Enter, pressed once too often, does nothing
  return new Promise((resolve) => dialog.addEventListener("close", () => {
    rest(byId("app")); // what lay below is under the finger now
    resolve(dialog.returnValue === "yes");
  }, { once: true }));
}

/** The dialog's two ways out. */
export function readyToAsk() {
  const dialog = /** @type {HTMLDialogElement} */ (byId("ask"));
  byId("ask-back").addEventListener("click", () => dialog.close());
  byId("ask-do").addEventListener("click", () => dialog.close("yes"));
}
