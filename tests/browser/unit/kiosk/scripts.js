// @ts-check
/** The pickup board's classic scripts: they share one scope in a browser, and here the scope of a function. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { compileFunction } from "node:vm";

export const KIOSK = join(dirname(fileURLToPath(import.meta.url)), "../../../../static/pages/kiosk");
export const kioskFiles = readdirSync(KIOSK, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".js"));
export const readKiosk = (/** @type {string} */ name) => readFileSync(join(KIOSK, name), "utf8");

/** Run scripts as a page does, one after the other. @param {string[]} files @param {string[]} names  what they define
 * @param {Record<string, unknown>} [globals]  that stand for the browser's @returns {any} by name */
export function runScripts(files, names, globals = {}) {
  const text = `${files.map(readKiosk).join("\n")}\nreturn { ${names.join(", ")} };`;
  return compileFunction(text, Object.keys(globals))(...Object.values(globals));
}
