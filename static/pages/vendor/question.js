// @ts-check
import { byId, setText } from "../../ui/dom.js";

/** Ask before something that can't be undone. @param {{title: string, words: string, action: string}} question
 * words: what will happen; action: on the button @returns {Promise<boolean>} */
export function ask({ title, words, action }) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("ask"));
  setText("ask-title", title);
  setText("ask-words", words);
  setText("ask-do", action);
  dialog.returnValue = "";
  dialog.showModal();
  byId("ask-back").focus(); // Enter, pressed once too often, does nothing
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true }));
}

/** The dialog's two ways out. */
export function readyToAsk() {
  const dialog = /** @type {HTMLDialogElement} */ (byId("ask"));
  byId("ask-back").addEventListener("click", () => dialog.close());
  byId("ask-do").addEventListener("click", () => dialog.close("yes"));
}
