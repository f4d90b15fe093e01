// @ts-check
/** The steps of adding a second factor: the PIN again, the app and its first code, the recovery codes. */
import { el, whileBusy } from "../dom.js";
import { codeField, field } from "../fields.js";
import { humanWords } from "../format/words.js";
import { ProblemError } from "../../sdk/problem.js";

/** A form that does something with what is typed, and says what went wrong. @param {(Node | string)[]} content
 * @param {string} action @param {(values: Record<string, string>) => Promise<void>} work @param {() => void} back */
function step(content, action, work, back) {
  const problem = el("p", { class: "form-problem", role: "alert" });
  const button = el("button", { class: "primary wide", type: "submit" }, action);
  const form = el("form", { class: "stack" }, ...content, problem, button,
    el("button", { class: "quiet wide", type: "button", onclick: back }, "Back"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void whileBusy(button, async () => {
      problem.textContent = "";
      try {
        await work(Object.fromEntries(Array.from(new FormData(form), ([name, value]) => [name, String(value).trim()])));
      } catch (error) {
        problem.textContent = error instanceof ProblemError && error.code === "wrong-pin" ? "This is not your PIN." : humanWords(error);
      }
    });
  });
  return form;
}

/** @param {string} why @param {(proof: {pin: string}) => Promise<void>} work @param {() => void} back */
export const askPin = (why, work, back) => step([
  el("p", {}, why),
  field("Your PIN", { id: "factor-pin", name: "pin", type: "password", inputmode: "numeric", pattern: "[0-9]{4,12}", minlength: 4,
    maxlength: 12, autocomplete: "current-password", title: "4 to 12 digits" }),
], "Go on", ({ pin = "" }) => work({ pin }), back);

/** @param {{url: string, secret: string, qr: string}} begun @param {(totp: string, name: string) => Promise<void>} confirm
 * @param {() => void} back */
export const enrolApp = ({ url, secret, qr }, confirm, back) => step([
  el("p", {}, "Scan this with an authenticator app, then type the code that it shows."),
  el("img", { class: "factor-qr", src: `data:image/svg+xml,${encodeURIComponent(qr)}`, alt: "QR code for your app" }),
  el("a", { class: "button wide", href: url }, "The app is on this device"),
  el("p", { class: "muted" }, "Or type this into the app: ", el("code", { class: "mono factor-secret" }, secret)),
  codeField("factor-code"),
  field("Name", { id: "factor-name", name: "name", maxlength: 60, required: false, autocomplete: "off" }, "So that you know it again, for example: my phone"),
], "Add it", ({ totp = "", name = "" }) => confirm(totp, name), back);

/** @param {string[]} codes @param {() => void} next */
export const showCodes = (codes, next) => el("div", { class: "stack" },
  el("h3", {}, "Your recovery codes"),
  el("p", {}, "If you lose your second factor, one of these signs you in. Each works once. Write them down now: they are not shown again."),
  el("ul", { class: "card stack mono recovery-codes" }, ...codes.map((code) => el("li", {}, code))),
  el("button", { class: "primary wide", type: "button", onclick: next }, "I have kept them"));
