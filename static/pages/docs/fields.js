// @ts-check
/** A JSON schema as a list that people read: name, type, bounds, meaning; what is inside stands below. */
import { el } from "../../ui/dom.js";

/** @typedef {Record<string, any>} Schema */
/** @typedef {Record<string, any>} Document */

const DEPTH_MAX = 4;
/** How each bound is written. @type {[string, (value: any) => string][]} */
const BOUNDS = [
  ["minimum", (value) => `≥ ${value}`], ["maximum", (value) => `≤ ${value}`], ["minLength", (value) => `at least ${value} long`],
  ["maxLength", (value) => `at most ${value} long`], ["minItems", (value) => `at least ${value}`],
  ["maxItems", (value) => `at most ${value}`], ["format", (value) => (value === "line" ? "one line" : value)],
  ["const", (value) => `always ${JSON.stringify(value)}`], ["default", (value) => `${JSON.stringify(value)} if left out`],
];

/** Words with `code` among them. @param {string} text @returns {(string | HTMLElement)[]} */
export const prose = (text) => text.split("`").map((part, index) => (index % 2 ? el("code", { class: "mono" }, part) : part));

/** Return the schema that a reference leads to. @param {Document} document @param {Schema} schema @returns {Schema} */
export function resolved(document, schema) {
  if (!schema.$ref) return schema;
  /** @type {any} */
  let target = document;
  for (const name of schema.$ref.slice(2).split("/")) target = target[name.replaceAll("~1", "/").replaceAll("~0", "~")];
  return resolved(document, target);
}

/** @param {Document} document @param {Schema} schema @returns {string} */
export function typeOf(document, schema) {
  const plain = resolved(document, schema);
  const options = plain.anyOf ?? (plain.properties ? undefined : plain.oneOf); // else it says which fields must be there
  if (options) return options.map((/** @type {Schema} */ each) => typeOf(document, each)).join(" or ");
  if (plain.enum) return plain.enum.map((/** @type {unknown} */ each) => JSON.stringify(each)).join(", ");
  if (plain.type === "array") return `list of ${plain.items ? typeOf(document, plain.items) : "anything"}`;
  return [plain.type ?? (plain.const === undefined ? "anything" : "")].flat().join(" or ");
}

/** @param {Document} document @param {Schema} schema @param {number} [depth]
 * @returns {HTMLElement | null} null when nothing is inside */
export function fieldList(document, schema, depth = 0) {
  const plain = inner(document, schema);
  const fields = Object.entries(plain.properties ?? {});
  if (fields.length === 0 || depth >= DEPTH_MAX) return null;
  const required = new Set(plain.required ?? []);
  return el("ul", { class: "fields" }, ...fields.map(([name, field]) => fieldRow(document, name, field, required.has(name), depth)));
}

/** @param {Document} document @param {string} name @param {Schema} field @param {boolean} required
 * @param {number} [depth] */
export function fieldRow(document, name, field, required, depth = 0) {
  const plain = resolved(document, field);
  const bounds = BOUNDS.filter(([bound]) => plain[bound] !== undefined).map(([bound, write]) => write(plain[bound]));
  const type = [typeOf(document, field), ...bounds, ...(required ? [] : ["may be left out"])].filter(Boolean).join(" · ");
  return el("li", {},
    el("strong", { class: "mono" }, name), " ", el("span", { class: "type" }, type),
    plain.description && el("div", {}, ...prose(plain.description)), fieldList(document, field, depth + 1));
}

/** Return the schema that has the fields: that of a list's items, or the only one besides null.
 * @param {Document} document @param {Schema} schema @returns {Schema} */
function inner(document, schema) {
  const plain = resolved(document, schema);
  if (plain.type === "array" && plain.items) return inner(document, plain.items);
  const options = (plain.anyOf ?? []).filter((/** @type {Schema} */ each) => each.type !== "null");
  return options.length === 1 ? inner(document, options[0]) : plain;
}

/** Make a value that fits a schema, for a curl line.
 * @param {Document} document @param {Schema} schema @param {string} name @returns {unknown} */
export function sample(document, schema, name) {
  const plain = resolved(document, schema);
  if (plain.examples) return plain.examples[0];
  if (plain.const !== undefined) return plain.const;
  if (plain.enum) return plain.enum[0];
  if (plain.anyOf) return sample(document, plain.anyOf[0], name);
  if (plain.type === "array") return [sample(document, plain.items ?? {}, name)];
  if (plain.type === "integer") return Math.max(plain.minimum ?? 1, 1);
  if (plain.type === "boolean") return true;
  if (plain.type !== "object") return plain.pattern?.startsWith("^[0-9]") ? "2468" : `<${name}>`;
  const least = [...(plain.required ?? []), ...(plain.oneOf?.[0]?.required ?? [])];
  const wanted = least.length ? least : Object.keys(plain.properties ?? {}).slice(0, plain.minProperties ?? 0);
  return Object.fromEntries(
    wanted.map((/** @type {string} */ each) => [each, sample(document, plain.properties[each], each)]));
}
