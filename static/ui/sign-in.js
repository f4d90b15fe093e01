// @ts-check
import { isSecondStep, passkeyButton, secondStep } from "./account/second-step.js";
import { el, whileBusy } from "./dom.js";
import { field } from "./fields.js";
import { rememberedSignIn, rememberSignIn } from "./session.js";
import { crowdWords, humanWords } from "./format/words.js";
import { wantedWork } from "../sdk/wire/proof.js";
import { ProblemError } from "../sdk/problem.js";

/** @typedef {import("./page-links.js").PageName} PageName */

const STAFF = ["desk", "admin"]; // nobody becomes one of them by registering

/** A field for a PIN. @param {"current-password" | "new-password"} autocomplete
 * @param {{label?: string, name?: string, hint?: string}} [texts]  name: also its id */
export const pinField = (autocomplete, { label = "PIN", name = "pin", hint = "4 to 12 digits" } = {}) =>
  field(label, { id: name, name, type: "password", inputmode: "numeric", pattern: "[0-9]{4,12}", minlength: 4, maxlength: 12,
    autocomplete, title: "4 to 12 digits" }, hint);

const TURNS_MAX = 60; // some minutes
const TICK_MS = 1_000;

/** Send until it is our turn, because many people may want to get in at once: nothing was done by a try that the server
 * had no room for.
 * @template T @param {() => Promise<T>} send @param {{say: (words: string) => void, isWanted?: () => boolean,
 *   pause?: (ms: number) => Promise<unknown>}} options  isWanted: whether somebody still waits for it
 * @returns {Promise<T>} @throws {ProblemError} */
export async function inTurn(send, { say, isWanted = () => true, pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms)) }) {
  for (let turn = 1; ; turn += 1) {
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof ProblemError) || !(error.code === "busy" || wantedWork(error)) || turn === TURNS_MAX) throw error;
      const seconds = Math.ceil((error.retryAfter ?? 1) + 2 * Math.random()); // or all would come back together
      say(crowdWords(seconds));
      await pause(seconds * 1_000);
      if (!isWanted()) throw error;
      say("");
    }
  }
}

/** Say why somebody may not sign in. How long they have to wait goes on counting down.
 * @param {HTMLElement} element @param {unknown} error */
function sayPaused(element, error) {
  const words = element.textContent = humanWords(error);
  if (!(error instanceof ProblemError) || error.code !== "too-many-tries" || error.retryAfter === null) return;
  const untilMs = Date.now() + error.retryAfter * 1_000;
  let said = words;
  const timer = setInterval(() => {
    if (!element.isConnected || element.textContent !== said) return clearInterval(timer); // the next try has its own words
    const left = Math.ceil((untilMs - Date.now()) / 1_000);
    const now = left > 0 ? humanWords(new ProblemError({ ...error, title: error.title, retryAfter: left })) : "You can try again now.";
    if (now !== said) element.textContent = said = now; // it is read out
    if (left <= 0) clearInterval(timer);
  }, TICK_MS);
}

/** A form that posts its fields as JSON. @param {import("../sdk/client.js").Client} client @param {string} path
 * @param {string} action @param {HTMLElement[]} fields
 * @param {{signal: AbortSignal, done: (answer: any, values: Record<string, string>) => void}} options  signal: the form is
 *   left, so what it waits for is called off */
export function form(client, path, action, fields, { signal, done }) {
  const problem = el("p", { class: "form-problem", role: "alert" });
  const crowd = el("p", { class: "muted", role: "status" });
  const button = el("button", { class: "primary wide", type: "submit" }, action);
  const whole = el("form", { class: "stack" }, ...fields, problem, crowd, button);
  const say = (/** @type {string} */ words) => void (crowd.textContent = words);
  whole.addEventListener("submit", (event) => {
    event.preventDefault();
    void whileBusy(button, async () => {
      problem.textContent = "";
      const values = Object.fromEntries(Array.from(new FormData(whole), ([name, value]) => [name, String(value).trim()]));
      try {
        const send = () => client.post(path, values, {}, { signal, onWork: () => say(crowdWords()) });
        done(await inTurn(send, { say, isWanted: () => whole.isConnected }), values);
      } catch (error) {
        // The second step knows no sign-in name: the form that it replaces does.
        if (isSecondStep(error)) whole.replaceWith(secondStep(client, error, { signal, done: (account) => done(account, values) }));
        else sayPaused(problem, error);
      } finally {
        say("");
      }
    });
  });
  return whole;
}

/** The name that somebody signs in with; a server that keeps none means the user id; pure.
 * @param {{signIn?: string | null, userId: string}} account */
export const signInOf = ({ signIn, userId }) => signIn ?? userId;

/** The one thing that nobody must forget who has a new sign-in. @param {any} account @param {() => void} next */
export function welcome(account, next) {
  return el("div", { class: "stack" },
    el("h2", {}, `Welcome, ${account.name}!`),
    el("p", {}, "This is your sign-in name. With it and your PIN you sign in on any device. Write it down or take a screenshot, and show it to nobody."),
    el("output", { class: "big-code" }, signInOf(account)),
    el("button", { class: "primary wide", onclick: next }, "I've got it"));
}

/** Fill `container` with sign-in, and with registration where this page lets people register.
 * @param {HTMLElement} container @param {import("../sdk/client.js").Client} client @param {PageName} role
 * @param {{why?: string, done: () => void}} options  done: signed in, by cookie */
export function showSignIn(container, client, role, { why = "", done }) {
  let shown = new AbortController(); // of the form on the page: nobody may become somebody by a form that they have left
  const show = (/** @type {"in" | "new"} */ mode) => {
    shown.abort();
    shown = new AbortController();
    const { signal } = shown;
    const signIn = () => form(client, "/v1/auth/login", "Sign in", [
      field("Sign-in name", { id: "signIn", name: "signIn", maxlength: 80, autocomplete: "username", autocapitalize: "none", spellcheck: "false",
        value: rememberedSignIn() }),
      pinField("current-password"),
    ], { signal, done(account, { signIn = "" }) {
      rememberSignIn(account.signIn ?? signIn);
      done();
    } });
    const register = () => form(client, "/v1/auth/register", "Create my account", [
      field(role === "vendor" ? "Name of the stall" : "Your name", { id: "name", name: "name", maxlength: 60,
        autocomplete: role === "vendor" ? "organization" : "name" }),
      ...(role === "vendor" ? [field("Vendor code", { id: "vendorCode", name: "vendorCode", autocapitalize: "none" }, "From the festival office")] : []),
      pinField("new-password"),
    ], { signal, done(account) {
      rememberSignIn(signInOf(account));
      container.replaceChildren(welcome(account, done));
    } });
    const other = mode === "in" ? "new" : "in";
    container.replaceChildren(
      el("h2", {}, mode === "in" ? "Sign in" : "New here"),
      ...(why ? [el("p", { class: "info" }, why)] : []),
      mode === "in" ? signIn() : register(),
      ...(mode === "in" ? passkeyButton(client, { signal, done }) : []),
      ...(STAFF.includes(role) ? [] : [el("button", { class: "quiet wide", onclick: () => show(other) },
        mode === "in" ? "New here? Create an account" : "I have an account: sign in")]));
    /** @type {HTMLInputElement | null} */ (container.querySelector("input"))?.focus();
  };
  show(role === "customer" && !rememberedSignIn() ? "new" : "in");
}
