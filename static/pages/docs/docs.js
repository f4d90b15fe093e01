// @ts-check
/** The contract for people: both published documents, by noun, with a search. */
import { byId, el, setText } from "../../ui/dom.js";
import { prose } from "./fields.js";
import { eventEntries, refusalEntries, routeEntries } from "./routes.js";

/** @typedef {{id: string, title: string, about: string, entries: import("./routes.js").Entry[],
 *   node?: HTMLElement}} Section */

/** @param {string} path @returns {Promise<import("./fields.js").Document>} */
async function read(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
}

/** @param {import("./fields.js").Document} api @param {import("./fields.js").Document} streams @returns {Section[]} */
function sectionsOf(api, streams) {
  const nouns = api.tags.map((/** @type {{name: string, description: string}} */ tag) => ({
    id: tag.name, title: tag.name.replaceAll("_", " "), about: tag.description.split("\n\n")[0], entries: routeEntries(api, tag.name),
  }));
  const channels = Object.entries(streams.channels).map(([name, channel]) => ({
    id: `events-${name}`, title: `events of ${channel.address}`, about: channel.description, entries: eventEntries(streams, channel),
  }));
  const refusals = { id: "refusals", title: "refusals", about: "Every error is application/problem+json; go by its code.", entries: refusalEntries(api) };
  return [...nouns, ...channels, refusals];
}

/** @param {Section[]} sections */
function show(sections) {
  for (const section of sections) {
    section.node = el("section", { class: "noun", id: section.id, "aria-label": section.title },
      el("h2", {}, section.title.slice(0, 1).toUpperCase() + section.title.slice(1)), el("p", { class: "muted" }, ...prose(section.about)),
      ...section.entries.map(({ node }) => node));
    byId("sections").append(section.node);
    byId("nouns").append(el("a", { href: `#${section.id}` }, section.title));
  }
}

/** Leave what holds every word. @param {Section[]} sections @param {string} wanted */
function search(sections, wanted) {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const { entries, node } of sections) {
    let here = 0;
    for (const entry of entries) {
      entry.node.hidden = !words.every((word) => entry.text.includes(word));
      if (!entry.node.hidden) here += 1;
    }
    if (node) node.hidden = here === 0;
    count += here;
  }
  byId("nouns").hidden = words.length > 0;
  setText("found", words.length > 0 ? `${count} found` : `${count} routes, events and refusals`);
}

/** Open what the address points at. */
function openTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target instanceof HTMLDetailsElement) target.open = true;
  target?.scrollIntoView();
}

async function start() {
  const [api, streams] = await Promise.all([read("/v1/openapi.json"), read("/v1/asyncapi.json")]);
  byId("about").append(...prose(api.info.description));
  const sections = sectionsOf(api, streams);
  show(sections);
  const field = /** @type {HTMLInputElement} */ (byId("search"));
  field.addEventListener("input", () => search(sections, field.value));
  search(sections, field.value);
  addEventListener("hashchange", openTarget);
  openTarget();
}

start().catch(() => setText("found", "The documents can't be read right now. Load the page again."));
