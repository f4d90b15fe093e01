// @ts-check
/** One entry of the page for each route, each event and each refusal. */
import { el } from "../../ui/dom.js";
import { fieldList, fieldRow, prose, resolved, sample, typeOf } from "./fields.js";

/** @typedef {import("./fields.js").Schema} Schema */
/** @typedef {import("./fields.js").Document} Document */
/** @typedef {{id: string, text: string, node: HTMLElement}} Entry  text: what the search looks at, in lower case */

/** The routes of one noun. @param {Document} api @param {string} noun @returns {Entry[]} */
export function routeEntries(api, noun) {
  return Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, operation]) => operation.tags[0] === noun)
      .map(([method, operation]) => routeEntry(api, method.toUpperCase(), path, operation)));
}

/** @param {Document} api @param {string} method @param {string} path @param {Schema} operation @returns {Entry} */
function routeEntry(api, method, path, operation) {
  const body = operation.requestBody?.content["application/json"].schema;
  const responses = Object.entries(operation.responses).map(([status, response]) => ({ status, response: resolved(api, response) }));
  const refusals = responses.filter(({ response }) => response.content?.["application/problem+json"]);
  const answers = responses.filter((each) => !refusals.includes(each));
  const parameters = operation.parameters ?? [];
  const node = entry(`${method} ${path}`, [
    el("span", { class: "method", "data-method": method }, method), el("span", { class: "path mono" }, path),
    el("span", { class: "about" }, ...prose(operation.description)),
  ], [
    parameters.length > 0 && el("h4", {}, "Parameters"),
    parameters.length > 0 && el("ul", { class: "fields" }, ...parameters.map((/** @type {Schema} */ each) =>
      fieldRow(api, each.name, { ...resolved(api, each.schema), description: each.description ?? resolved(api, each.schema).description }, each.required))),
    body && el("h4", {}, "Body"),
    body && (fieldList(api, body) ?? el("p", { class: "muted" }, resolved(api, body).description ?? "{}")),
    ...answers.flatMap(({ status, response }) => answer(api, status, response)),
    refusals.length > 0 && el("h4", {}, "May be refused"),
    refusals.length > 0 && el("ul", { class: "codes mono" }, ...refusals.flatMap(({ status, response }) =>
      codesOf(api, response).map((code) => el("li", {}, `${status} ${code}`)))),
    el("h4", {}, "Try it"), el("pre", { class: "curl mono" }, curl(api, method, path, operation, body)),
  ]);
  const words = [method, path, operation.summary, operation.description, ...Object.keys(resolved(api, body ?? {}).properties ?? {}),
    ...refusals.flatMap(({ response }) => codesOf(api, response)),
    ...parameters.map((/** @type {Schema} */ each) => each.name)];
  return { id: node.id, text: words.join(" ").toLowerCase(), node };
}

/** @param {Document} api @param {string} status @param {Schema} response @returns {HTMLElement[]} */
function answer(api, status, response) {
  const [mediaType, content] = Object.entries(response.content ?? {})[0] ?? ["", null];
  const heading = el("h4", {}, `Answer ${status}`);
  if (!content) return [heading, el("p", { class: "muted" }, "No body.")];
  const about = resolved(api, content.schema).description ?? typeOf(api, content.schema);
  const said = mediaType === "application/json" ? about : mediaType;
  return [heading, el("p", { class: "muted" }, ...prose(said)), ...[fieldList(api, content.schema)].filter((each) => each !== null)];
}

/** @param {Document} api @param {Schema} response @returns {string[]} */
function codesOf(api, response) {
  const schema = response.content["application/problem+json"].schema;
  return (schema.oneOf ?? [schema]).map((/** @type {Schema} */ each) => resolved(api, each).properties.code.const);
}

/** Make the curl line of a route.
 * @param {Document} api @param {string} method @param {string} path @param {Schema} operation
 * @param {Schema | undefined} body */
function curl(api, method, path, operation, body) {
  const words = ["curl -s"];
  words.push(path.endsWith("/stream") ? "-N" : "-w '\\n'");
  if (method !== "GET") words.push(`-X ${method}`);
  words.push(`"$URL${path.replaceAll(/{(\w+)}/g, "<$1>")}"`);
  const takesBearer = operation.security.some((/** @type {Schema} */ way) => way.bearer);
  if (takesBearer) words.push('-H "Authorization: Bearer $TOKEN"');
  const key = (operation.parameters ?? []).find((/** @type {Schema} */ each) => each.name === "Idempotency-Key");
  if (key?.required) words.push('-H "Idempotency-Key: $(date +%s%N)"');
  if (body) words.push("-H 'Content-Type: application/json'", `-d '${JSON.stringify(sample(api, body, ""))}'`);
  return words.join(" ");
}

/** Return the entries of one stream's events. @param {Document} streams @param {Schema} channel @returns {Entry[]} */
export function eventEntries(streams, channel) {
  return Object.entries(channel.messages).map(([event, reference]) => {
    const message = resolved(streams, reference);
    const node = entry(`${channel.address} ${event}`, [
      el("span", { class: "path mono" }, event), el("span", { class: "about" }, ...prose(`${message.summary} ${message.description}`)),
    ], [el("h4", {}, "Data"), fieldList(streams, message.payload)]);
    const fields = Object.keys(resolved(streams, message.payload).properties ?? {});
    return { id: node.id, text: [event, message.summary, channel.address, ...fields].join(" ").toLowerCase(), node };
  });
}

/** Every refusal, and the facts that come with it. @param {Document} api @returns {Entry[]} */
export function refusalEntries(api) {
  return Object.entries(api.components.schemas).filter(([name]) => /.Problem$/.test(name)).map(([, schema]) => {
    const { code, ...facts } = schema.properties;
    const fields = fieldList(api, { ...schema, properties: facts });
    const node = entry(`refusal ${code.const}`, [
      el("span", { class: "path mono" }, code.const), schema.description && el("span", { class: "about" }, ...prose(schema.description)),
    ], [fields ? el("h4", {}, "Facts") : el("p", { class: "muted" }, "No facts besides type, title, status, detail and code."), fields]);
    return { id: node.id, text: [code.const, schema.description ?? "", ...Object.keys(facts)].join(" ").toLowerCase(), node };
  });
}

/** @param {string} name @param {import("../../ui/dom.js").Child[]} summary
 * @param {import("../../ui/dom.js").Child[]} body */
function entry(name, summary, body) {
  const id = name.toLowerCase().split(/[^a-z0-9]+/).filter(Boolean).join("-");
  return el("details", { class: "entry", id }, el("summary", {}, ...summary), el("div", { class: "body" }, ...body));
}
