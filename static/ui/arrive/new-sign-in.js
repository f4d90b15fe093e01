// @ts-check
/** The link that the cash desk shows to somebody who has lost their sign-in: with it they choose a PIN, once. */
import { ProblemError } from "../../sdk/problem.js";
import { el } from "../dom.js";
import { humanWords } from "../format/words.js";
import { rememberSignIn } from "../session.js";
import { form, pinField, signInOf, welcome } from "../sign-in.js";

/** Why a link gives nobody a new sign-in; pure. @param {unknown} error */
export function spentWords(error) {
  const isOver = error instanceof ProblemError && ["token-expired", "invalid-credentials", "new-sign-in-spent"].includes(error.code);
  return isOver ? "This link is used up or too old. Ask at the cash desk for a new one." : humanWords(error);
}

/** Show it at the gate. @param {HTMLElement} gate @param {import("../../sdk/client.js").Client} client  of nobody
 * @param {string} code  what the link holds @returns {Promise<boolean>} whether somebody is signed in by it now */
export async function showNewSignIn(gate, client, code) {
  try {
    const { name } = await client.post("/v1/auth/new-sign-in/read", { code });
    return await choosePin(gate, client, code, name);
  } catch (error) {
    return tell(gate, spentWords(error));
  }
}

/** @param {HTMLElement} gate @param {string} words @returns {Promise<boolean>} */
const tell = (gate, words) => new Promise((resolve) => gate.replaceChildren(
  el("h2", {}, "New sign-in"), el("p", { class: "info", role: "alert" }, words), el("button", { class: "wide", onclick: () => resolve(false) }, "Go on")));

/** @param {HTMLElement} gate @param {import("../../sdk/client.js").Client} client @param {string} code @param {string} name
 * @returns {Promise<boolean>} */
const choosePin = (gate, client, code, name) => new Promise((resolve) => {
  const left = new AbortController();
  const fields = [el("input", { type: "hidden", name: "code", value: code }), pinField("new-password", { label: "New PIN" })];
  gate.replaceChildren(
    el("h2", {}, "A new sign-in for ", el("bdi", {}, name)),
    el("p", {}, "You get a new sign-in name, and choose a new PIN. The old ones are void."),
    form(client, "/v1/auth/new-sign-in", "Sign me in", fields, {
      signal: left.signal,
      done(account) {
        rememberSignIn(signInOf(account));
        gate.replaceChildren(welcome(account, () => resolve(true)));
      },
    }),
    el("button", { class: "quiet wide", onclick() {
      left.abort();
      resolve(false);
    } }, "This is not me"));
  /** @type {HTMLElement | null} */ (gate.querySelector("input:not([type=hidden])"))?.focus();
});
