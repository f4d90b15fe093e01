// @ts-check
/** A new sign-in, offered by the cash desk: the person chooses a PIN, and is shown their new name. */
import { createClient } from "../../sdk/client.js";
import { ProblemError } from "../../sdk/problem.js";
import { el } from "../dom.js";
import { rememberSignIn } from "../session.js";
import { form, pinField, signInOf, welcome } from "../sign-in.js";
import { toast } from "../toast.js";

/** Why an offer can't be taken. @param {ProblemError} problem */
export function spentWords({ code }) {
  if (code === "suspended") return "This account is suspended. Ask at the festival office.";
  if (code === "new-sign-in-spent") return "This code was used already, or there is a newer one. Ask at the cash desk for another.";
  return "This code is not valid, or it has expired. Ask at the cash desk for another.";
}

/** Whether the same question may have another answer soon. @param {ProblemError} problem */
const isTemporary = ({ status }) => status === 0 || status === 429 || status >= 500;

/** Ask for whom the offer is, and let them choose a PIN. Nothing happens before they send it.
 * @param {HTMLElement} gate @param {string} code @returns {Promise<boolean>} whether they are signed in by it
 * @throws {ProblemError} the server can't be asked for now */
export async function askAboutOffer(gate, code) {
  const nobody = createClient();
  try {
    const { name } = await nobody.post("/v1/auth/new-sign-in/read", { code });
    return await taken(gate, nobody, name, code);
  } catch (error) {
    if (!(error instanceof ProblemError) || isTemporary(error)) throw error;
    toast(spentWords(error), "warning");
    return false;
  } finally {
    gate.replaceChildren(el("p", { role: "status" }, "Loading…"));
  }
}

/** @param {HTMLElement} gate @param {import("../../sdk/client.js").Client} client @param {string} name @param {string} code
 * @returns {Promise<boolean>} */
function taken(gate, client, name, code) {
  return new Promise((answer) => {
    const left = new AbortController();
    const done = (/** @type {any} */ account) => {
      rememberSignIn(signInOf(account));
      gate.replaceChildren(welcome(account, () => answer(true)));
    };
    gate.replaceChildren(
      el("h2", {}, `A new sign-in for ${name}`),
      el("p", {}, "Choose a PIN. Your earlier PIN and sign-in name are void then, and you get a new name."),
      el("p", { class: "info" }, "Go on only if you asked for this at the cash desk."),
      form(client, "/v1/auth/new-sign-in", "Set my PIN and sign in",
        [el("input", { type: "hidden", name: "code", value: code }), pinField("new-password")], { signal: left.signal, done }),
      el("button", { class: "quiet wide", id: "offer-no", onclick: () => {
        left.abort();
        answer(false);
      } }, "That is not me"));
    /** @type {HTMLInputElement | null} */ (gate.querySelector("#pin"))?.focus();
  });
}
