// @ts-check
import { byId, setText } from "../../ui/dom.js";
import { rest } from "../../ui/rest.js";

/** Ask before money leaves the wallet. @param {string} words  what will happen @param {string} action  on the button
 * @returns {Promise<boolean>} false: nothing shall happen; so also while another question stands there */
export function areSure(words, action) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("sure"));
  if (dialog.open) return Promise.resolve(false);
  setText("sure-words", words);
  setText("sure-do", action);
  dialog.returnValue = "";
  dialog.showModal();
  rest(byId("sure-do"));
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true }));
}
