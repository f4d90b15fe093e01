// @ts-check
/** Before money leaves, the server asks for the PIN once more: whoever holds an open page is not always its owner. */
import { ProblemError } from "../../sdk/problem.js";
import { byId, el } from "../dom.js";
import { rest } from "../touch/rest.js";

const ASKING = ["pin-required", "wrong-pin"];

/** Ask for it in a dialog of its own. @param {string} why  the last one was wrong, or there were too many tries
 * @param {string} [words]  what is about to happen
 * @returns {Promise<string | null>} null: nothing shall happen */
export function askPin(why, words = "Money is about to leave: this makes sure that it is you.") {
  const field = el("input", { id: "pin-asked", type: "password", inputmode: "numeric", pattern: "[0-9]{4,12}", minlength: 4, maxlength: 12, required: true,
    autocomplete: "current-password" });
  const dialog = el("dialog", { class: "sheet", "aria-labelledby": "pin-asked-title", id: "pin-dialog" },
    el("form", { class: "stack", method: "dialog", autocomplete: "off" },
      el("h2", { id: "pin-asked-title" }, "Your PIN, once more"),
      el("p", {}, words),
      el("p", { class: "form-problem", role: "alert" }, why),
      el("div", { class: "field" }, el("label", { for: "pin-asked" }, "PIN"), field),
      el("div", { class: "choices" }, el("button", { type: "button", onclick: () => dialog.close() }, "Don't"),
        el("button", { class: "primary", value: "yes" }, "Go on"))));
  document.body.append(dialog);
  dialog.showModal();
  field.focus();
  return new Promise((resolve) => dialog.addEventListener("close", () => {
    const pin = dialog.returnValue === "yes" ? field.value : null;
    field.value = "";
    dialog.remove();
    rest(byId("app")); // what lay below is under the finger now
    resolve(pin);
  }, { once: true }));
}

/** Send a command; where the server wants the PIN for it, ask for that and send it again.
 * @template T @param {(secret: {secret?: Record<string, unknown>}) => Promise<T>} send  with options for `command`
 * @param {(why: string) => Promise<string | null>} [ask]
 * @returns {Promise<T | null>} null: nobody gave a PIN, and nothing has happened
 * @throws {ProblemError} as `send` does */
export async function withPin(send, ask = (why) => askPin(why)) {
  let secret = /** @type {{secret?: Record<string, unknown>}} */ ({});
  for (;;) {
    try {
      return await send(secret);
    } catch (error) {
      if (!(error instanceof ProblemError) || !ASKING.includes(error.code)) throw error;
      const pin = await ask(error.code === "wrong-pin" ? "That PIN was wrong. Nothing has happened yet." : "");
      if (pin === null) return null;
      secret = { secret: { pin } };
    }
  }
}
