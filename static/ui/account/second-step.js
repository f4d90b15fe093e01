// @ts-check
/** The second step of signing in, after the right PIN; and signing in by a passkey alone. */
import { canPasskey, passkeyWords, usePasskey } from "./credentials.js";
import { el, whileBusy } from "../dom.js";
import { codeField, field } from "../fields.js";
import { humanWords } from "../format/words.js";
import { ProblemError } from "../../sdk/problem.js";

/** @typedef {import("../../sdk/client.js").Client} Client */
/** @typedef {{signal: AbortSignal, done: (answer: any, values: Record<string, string>) => void}} Options
 *   signal: the form is left */

const PATH = "/v1/auth/login/factor";
const OVER = new Set(["token-expired", "token-spent", "unauthorized"]);

/** Return whether the PIN was right, and is not enough. @param {unknown} error @returns {error is ProblemError} */
export const isSecondStep = (error) => error instanceof ProblemError && error.code === "second-factor-required";

/** @param {Client} client @param {ProblemError} asked  what the PIN was answered with @param {Options} options */
export function secondStep(client, asked, { signal, done }) {
  const { challenge, methods = [], passkey } = asked.params;
  const problem = el("p", { class: "form-problem", role: "alert" });
  const fields = el("div", { class: "stack" });
  const submit = el("button", { class: "primary wide", type: "submit" }, "Sign in");
  const others = el("div", { class: "stack" });
  const form = el("form", { class: "stack second-step" }, el("h3", {}, "Your second factor"), fields, problem, submit, others);

  /** @param {HTMLButtonElement} button @param {() => Promise<object>} proof */
  const send = (button, proof) => whileBusy(button, async () => {
    problem.textContent = "";
    try {
      done(await client.post(PATH, { challenge, ...await proof() }, {}, { signal }), {});
    } catch (error) {
      const isOver = error instanceof ProblemError && OVER.has(error.code);
      problem.textContent = isOver ? "That took too long. Sign in with your PIN again." : passkeyWords(error);
      if (isOver) location.reload();
    }
  });
  const show = (/** @type {"totp" | "recoveryCode" | "passkey"} */ method) => {
    problem.textContent = "";
    submit.hidden = method === "passkey";
    fields.replaceChildren(...(method === "passkey" ? [] : [method === "totp" ? codeField("second-code")
      : field("Recovery code", { id: "recovery-code", name: "recoveryCode", autocapitalize: "characters", autocomplete: "off",
        spellcheck: "false", maxlength: 40 }, "One of those that you wrote down; each works once")]));
    const byPasskey = el("button", { class: submit.hidden ? "primary wide" : "wide", type: "button" }, "Use my passkey");
    byPasskey.addEventListener("click", () => void send(byPasskey, async () => ({ passkey: await usePasskey(passkey, signal) })));
    others.replaceChildren(
      ...(passkey && canPasskey() ? [byPasskey] : []),
      ...(method !== "totp" && methods.includes("totp") ? [other("Use a code from my app", "totp")] : []),
      ...(method !== "recoveryCode" ? [other("I have lost it: use a recovery code", "recoveryCode")] : []));
    (fields.querySelector("input") ?? others.querySelector("button"))?.focus();
  };
  const other = (/** @type {string} */ words, /** @type {"totp" | "recoveryCode"} */ method) =>
    el("button", { class: "quiet wide", type: "button", onclick: () => show(method) }, words);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void send(submit, async () => Object.fromEntries(Array.from(new FormData(form), ([name, value]) => [name, String(value).trim()])));
  });
  queueMicrotask(() => show(methods.includes("totp") ? "totp" : passkey && canPasskey() ? "passkey" : "recoveryCode")); // once it is on the page
  return form;
}

/** A way to sign in without a name and a PIN, where the browser has passkeys. @param {Client} client
 * @param {Options} options @returns {HTMLElement[]} */
export function passkeyButton(client, { signal, done }) {
  if (!canPasskey()) return [];
  const problem = el("p", { class: "form-problem", role: "alert" });
  const button = el("button", { class: "wide", type: "button" }, "Sign in with a passkey");
  button.addEventListener("click", () => void whileBusy(button, async () => {
    problem.textContent = "";
    try {
      const { challenge, options } = await client.post("/v1/auth/passkey/options", {}, {}, { signal });
      done(await client.post("/v1/auth/passkey", { challenge, passkey: await usePasskey(options, signal) }, {}, { signal }), {});
    } catch (error) {
      const isUnknown = error instanceof ProblemError && error.code === "invalid-credentials";
      problem.textContent = isUnknown ? "This passkey signs nobody in here." : error instanceof ProblemError ? humanWords(error) : passkeyWords(error);
    }
  }));
  return [el("div", { class: "stack passkey-sign-in" }, button, problem)];
}
