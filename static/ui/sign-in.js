// @ts-check
import { el, whileBusy } from "./dom.js";
import { rememberedUserId, rememberUserId } from "./session.js";
import { humanWords } from "./format/words.js";

/** @typedef {import("../sdk/types.js").UserType} UserType */

/** @param {string} label @param {Record<string, any>} attributes @param {string} [hint] */
function field(label, attributes, hint) {
  const hintId = `${attributes.id}-hint`;
  const input = el("input", { required: true, "aria-describedby": hint ? hintId : null, ...attributes });
  return el("div", { class: "field" }, el("label", { for: attributes.id }, label), input,
    hint && el("small", { id: hintId }, hint));
}

/** A field for a PIN. @param {"current-password" | "new-password"} autocomplete
 * @param {{label?: string, name?: string, hint?: string}} [texts]  name: also its id */
export const pinField = (autocomplete, { label = "PIN", name = "pin", hint = "4 to 12 digits" } = {}) =>
  field(label, { id: name, name, type: "password", inputmode: "numeric", pattern: "[0-9]{4,12}", minlength: 4, maxlength: 12,
    autocomplete, title: "4 to 12 digits" }, hint);

/** A form that posts its fields as JSON. @param {import("../sdk/client.js").Client} client @param {string} path
 * @param {string} action @param {HTMLElement[]} fields @param {(answer: any) => void} done */
function form(client, path, action, fields, done) {
  const problem = el("p", { class: "form-problem", role: "alert" });
  const button = el("button", { class: "primary wide", type: "submit" }, action);
  const whole = el("form", { class: "stack" }, ...fields, problem, button);
  whole.addEventListener("submit", (event) => {
    event.preventDefault();
    void whileBusy(button, async () => {
      problem.textContent = "";
      const values = Object.fromEntries(Array.from(new FormData(whole), ([name, value]) => [name, String(value).trim()]));
      try {
        done(await client.post(path, values));
      } catch (error) {
        problem.textContent = humanWords(error);
      }
    });
  });
  return whole;
}

/** The one thing a new person must not forget. @param {any} account @param {() => void} next */
function welcome(account, next) {
  return el("div", { class: "stack" },
    el("h2", {}, `Welcome, ${account.name}!`),
    el("p", {}, "This is your user id. With it and your PIN you sign in on any device. Write it down or take a screenshot."),
    el("output", { class: "big-code" }, account.userId),
    el("button", { class: "primary wide", onclick: next }, "I've got it"));
}

/** Fill `container` with sign-in, and with registration where this page lets people register.
 * @param {HTMLElement} container @param {import("../sdk/client.js").Client} client @param {UserType} role
 * @param {{why?: string, done: () => void}} options  done: signed in, by cookie */
export function showSignIn(container, client, role, { why = "", done }) {
  const show = (/** @type {"in" | "new"} */ mode) => {
    const signIn = () => form(client, "/v1/auth/login", "Sign in", [
      field("User id", { id: "userId", name: "userId", autocomplete: "username", autocapitalize: "none", spellcheck: "false",
        value: rememberedUserId() }),
      pinField("current-password"),
    ], (account) => {
      rememberUserId(account.userId);
      done();
    });
    const register = () => form(client, "/v1/auth/register", "Create my account", [
      field(role === "vendor" ? "Name of the stall" : "Your name", { id: "name", name: "name", maxlength: 60,
        autocomplete: role === "vendor" ? "organization" : "name" }),
      ...(role === "vendor" ? [field("Vendor code", { id: "vendorCode", name: "vendorCode", autocapitalize: "none" }, "From the festival office")] : []),
      pinField("new-password"),
    ], (account) => {
      rememberUserId(account.userId);
      container.replaceChildren(welcome(account, done));
    });
    const other = mode === "in" ? "new" : "in";
    container.replaceChildren(
      el("h2", {}, mode === "in" ? "Sign in" : "New here"),
      ...(why ? [el("p", { class: "info" }, why)] : []),
      mode === "in" ? signIn() : register(),
      ...(role === "admin" ? [] : [el("button", { class: "quiet wide", onclick: () => show(other) },
        mode === "in" ? "New here? Create an account" : "I have an account: sign in")]));
    /** @type {HTMLInputElement | null} */ (container.querySelector("input"))?.focus();
  };
  show(role === "customer" && !rememberedUserId() ? "new" : "in");
}
