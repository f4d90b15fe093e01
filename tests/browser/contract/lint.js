// @ts-check
/** What the linters of others find in a document of the contract: a JSON list of sentences.
 *
 *     node lint.js openapi|asyncapi DOCUMENT.json
 */
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";
import { createConfig, lintFromString } from "@redocly/openapi-core";
import spectral from "@stoplight/spectral-core";
import rulesets from "@stoplight/spectral-rulesets";

/** @param {string} source @param {string} name */
async function redocly(source, name) {
  const config = await createConfig({ extends: ["recommended"] });
  const found = await lintFromString({ source, absoluteRef: name, config });
  return found.map(({ ruleId, message, location }) => `redocly ${ruleId}: ${message} (${location[0]?.pointer})`);
}

/** @param {string} source @param {any} rules */
async function spectrally(source, rules) {
  const linter = new spectral.Spectral();
  linter.setRuleset({ extends: [[rules, "recommended"]] });
  const found = await linter.run(JSON.parse(source));
  return found.map(({ code, message, path }) => `spectral ${code}: ${message} (${path.join("/")})`);
}

/** @param {string} source */
async function parsed(source) {
  const { document, diagnostics } = await new Parser().parse(source);
  const found = diagnostics.map(({ code, message, path }) => `parser ${code}: ${message} (${path.join("/")})`);
  return document ? found : [...found, "parser: it is no document"];
}

const [language = "", name = ""] = process.argv.slice(2);
const source = readFileSync(name, "utf8");
const ways =
  language === "openapi"
    ? [redocly(source, name), spectrally(source, rulesets.oas)]
    : [redocly(source, name), spectrally(source, rulesets.asyncapi), parsed(source)];
console.log(JSON.stringify((await Promise.all(ways)).flat()));
