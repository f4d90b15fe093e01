// @ts-check
import { el } from "./dom.js";

/** A field with its label. @param {string} label @param {Record<string, any>} attributes @param {string} [hint] */
export function field(label, attributes, hint) {
  const hintId = `${attributes.id}-hint`;
  const input = el("input", { required: true, "aria-describedby": hint ? hintId : null, ...attributes });
  return el("div", { class: "field" }, el("label", { for: attributes.id }, label), input,
    hint && el("small", { id: hintId }, hint));
}

/** A field for a code of an app. @param {string} id */
export const codeField = (id) =>
  field("Code from your app", { id, name: "totp", inputmode: "numeric", pattern: "[0-9]{6}", minlength: 6, maxlength: 6,
    autocomplete: "one-time-code", title: "6 digits" }, "6 digits; a new one every half minute");
