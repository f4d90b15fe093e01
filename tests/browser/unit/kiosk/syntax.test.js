// @ts-check
/** Boards hang on old screens: the page must run in the browsers of 2016 (Chrome 50, Safari 10). */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import ts from "typescript";
import { KIOSK, kioskFiles, readKiosk } from "./scripts.js";

// What TypeScript's own library doesn't date: parts of the DOM that came later.
const LATER = ["fetch(", "URLSearchParams", "AbortController", "TextDecoder", "ResizeObserver", "IntersectionObserver", "BroadcastChannel", "structuredClone",
  "queueMicrotask", "globalThis", "PointerEvent", "pointerdown", ".append(", ".prepend(", ".replaceWith(", ".replaceChildren(", ".toggleAttribute(",
  ".key ", ".key)", ".key;", ".isConnected", "once: true", "passive: true", ".after(", ".before(", "showModal", "randomUUID", ".getAnimations("];
const LATER_CSS = /\b(?:gap|inset|aspect-ratio|place-\w+|grid[a-z-]*)\s*:|\b(?:min|max|clamp|env)\(|:(?:is|where|has|focus-visible|focus-within)\b|\d(?:dvh|svh|lvh|dvw)\b|display:\s*grid|position:\s*sticky|#(?:[0-9a-f]{4}|[0-9a-f]{8})\b|\bcolor-mix\(|@container|@layer/;

/** @param {string} text @returns {string[]} what is newer than ES2015 in it */
function newerSyntax(text) {
  const found = /** @type {string[]} */ ([]);
  const emit = (/** @type {ts.ScriptTarget} */ target) =>
    ts.transpileModule(text, { reportDiagnostics: true, compilerOptions: { target, module: ts.ModuleKind.None, alwaysStrict: false } });
  const emitted = emit(ts.ScriptTarget.ES2015);
  if (emitted.outputText !== emit(ts.ScriptTarget.ESNext).outputText) found.push("is rewritten for ES2015");
  found.push(...(emitted.diagnostics ?? []).map(({ messageText }) => String(messageText)));
  const visit = (/** @type {any} */ node) => {
    // TypeScript drops these without a word: a comma behind the last argument or parameter is of 2017.
    if (node.arguments?.hasTrailingComma || node.parameters?.hasTrailingComma) found.push(`comma at the end of ${node.getText()}`);
    if (node.kind === ts.SyntaxKind.RegularExpressionLiteral && /\(\?<|\\p\{|\/[a-z]*[dsv][a-z]*$/.test(node.text)) found.push(node.text);
    if (node.kind === ts.SyntaxKind.BigIntLiteral || node.kind === ts.SyntaxKind.ImportDeclaration || node.kind === ts.SyntaxKind.ExportDeclaration || node.kind === ts.SyntaxKind.AwaitExpression) found.push(node.getText());
    ts.forEachChild(node, visit);
  };
  const source = ts.createSourceFile("board.js", text, ts.ScriptTarget.ESNext, true, ts.ScriptKind.JS);
  visit(source);
  return found;
}

test("every script of the board keeps to the syntax of ES2015", () => {
  assert.ok(kioskFiles.length > 15);
  for (const name of kioskFiles) assert.deepEqual(newerSyntax(readKiosk(name)), [], name);
});

test("what is newer is found", () => {
  for (const newer of ["a?.b", "a ?? b", "a ??= b", "a ** 2", "async () => {}", "f({ ...a })", "const { a, ...rest } = b", "try { f(); } catch { g(); }", "f(a,)", "function f(a,) {}",
    "1_000", "class A { #x = 1; }", "for await (const a of b) f();", "/(?<a>b)/", "/a/s", "export { a }", "10n"]) {
    assert.notDeepEqual(newerSyntax(newer), [], newer);
  }
  for (const old of ["const f = ({ a, b }) => `${a}`", "for (const a of b) f(...a)", "const a = { b, [c]: 1, d() {}, }", "let [a, b] = [b, a]"]) {
    assert.deepEqual(newerSyntax(old), [], old);
  }
});

test("no script or style of the board needs a part of the browser that came later", () => {
  for (const name of kioskFiles) for (const later of LATER) assert.ok(!readKiosk(name).includes(later), `${name}: ${later}`);
  const css = readFileSync(join(KIOSK, "kiosk.css"), "utf8").replaceAll(/\/\*[\s\S]*?\*\//g, "");
  assert.doesNotMatch(css, LATER_CSS);
  for (const later of ["display: flex; gap: 1px", "column-gap: 1px", "color: #ffffff80", "position: sticky"]) assert.match(`a { ${later} }`, LATER_CSS);
});
