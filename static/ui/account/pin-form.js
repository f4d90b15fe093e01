// @ts-check
import { el, whileBusy } from "../dom.js";
import { pinField } from "../sign-in.js";
import { humanWords, isOpen } from "../format/words.js";

/** Return in words what became of a change that was not confirmed; pure. @param {unknown} error */
export const pinWords = (error) => isOpen(error)
  ? "We can't tell yet whether your PIN was changed. Try again; if the old PIN is refused then, the new one counts already."
  : humanWords(error);

/** Let people change their own PIN. @param {import("../../sdk/festival-push.js").Client} client
 * @param {() => string} signIn  their name for signing in @returns {HTMLFormElement} */
export function createPinForm(client, signIn) {
  const problem = el("p", { class: "form-problem", role: "alert" });
  const done = el("p", { class: "form-done", role: "status" });
  const button = el("button", { class: "primary wide", type: "submit" }, "Change my PIN");
  // For password managers, which otherwise can't tell whose PIN it is.
  const username = el("input", { name: "username", autocomplete: "username", readonly: true, hidden: true });
  const form = el("form", { class: "stack", onfocusin: () => void (username.value = signIn()) },
    el("p", { class: "muted" }, "All your other devices are signed out; they sign in with the new PIN."),
    username,
    pinField("current-password", { label: "Old PIN", name: "old-pin", hint: "" }),
    pinField("new-password", { label: "New PIN", name: "new-pin" }),
    pinField("new-password", { label: "New PIN again", name: "new-pin-again", hint: "" }),
    problem, done, button);

  const send = async () => {
    const [pin, newPin, again] = ["old-pin", "new-pin", "new-pin-again"].map((name) => new FormData(form).get(name));
    problem.textContent = done.textContent = "";
    if (newPin !== again) {
      problem.textContent = "The two new PINs are not the same. Nothing was changed.";
      return;
    }
    try {
      await client.post("/v1/me/pin", { pin, newPin });
      form.reset();
      done.textContent = "Your PIN is changed. Your other devices are signed out.";
    } catch (error) {
      problem.textContent = pinWords(error);
    }
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void whileBusy(button, send);
  });
  return form;
}
