// @ts-check
/** Laws over the pages' text, which their content security policy and their users rely on. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { SourceTextModule } from "node:vm";

const STATIC = normalize(join(dirname(fileURLToPath(import.meta.url)), "../../../static"));
const files = readdirSync(STATIC, { recursive: true, encoding: "utf8" });
const read = (/** @type {string} */ name) => readFileSync(join(STATIC, name), "utf8");
const scripts = files.filter((name) => name.endsWith(".js"));
const pages = files.filter((name) => name.endsWith(".html"));
const PAGES = ["customer", "vendor", "desk", "admin", "kiosk", "pay", "receipt", "give-back"];
const LENGTHS = "pages/kiosk/dom.js"; // the one script that sets computed lengths, by the object model

/** The classic scripts of a page. @param {string} page */
const classicOf = (page) =>
  Array.from(read(`pages/${page}/index.html`).matchAll(/<script defer src="\/static\/([^"]+)"/g), ([, name = ""]) => name);

/** Every module that `entry` needs. @param {string} entry @param {Set<string>} [seen] */
function modulesOf(entry, seen = new Set()) {
  for (const [, target = ""] of read(entry).matchAll(/^(?:import|export)[^;]*? from "(\.[^"]+)";/gm)) {
    const module = join(dirname(entry), target);
    if (!seen.has(module)) modulesOf(module, seen.add(module));
  }
  return seen;
}

test("every script is a module that can be parsed", () => {
  for (const name of scripts) {
    assert.doesNotThrow(() => new SourceTextModule(read(name), { identifier: name }), name);
  }
});

test("no script parses markup, makes code of text or styles by attribute", () => {
  assert.ok(scripts.length > 20);
  for (const name of scripts) {
    const text = name === LENGTHS ? read(name).replace("element.style.setProperty(", "") : read(name);
    assert.doesNotMatch(text, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc|DOMParser|\.style\b/, name);
    assert.match(read(name), /^\/\/ @ts-check\n/, name);
  }
});

test("no page holds inline script or style, nor asks another host", () => {
  for (const name of pages) {
    assert.doesNotMatch(read(name), /<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)/, name);
  }
  for (const name of files.filter((name) => /\.(html|js|css)$/.test(name))) {
    assert.doesNotMatch(read(name).replaceAll("http://www.w3.org/", ""), /https?:\/\/|\burl\(|@import/, name);
  }
});

test("each page preloads exactly the modules it needs, so that a slow network asks once", () => {
  for (const page of PAGES) {
    const preloaded = Array.from(read(`pages/${page}/index.html`).matchAll(/modulepreload" href="\/static\/([^"]+)"/g), ([, name]) => name);
    assert.deepEqual(preloaded.sort(), Array.from(modulesOf(`pages/${page}/${page}.js`)).sort(), page);
  }
});

test("the board's page loads each of its scripts, once, and what a script uses before it", () => {
  const loaded = classicOf("kiosk");
  assert.deepEqual(loaded.slice().sort(), scripts.filter((name) => name.startsWith("pages/kiosk/")).sort());
  const defined = new Set();
  for (const name of loaded) {
    const [, own = ""] = read(name).match(/^const (Board\w+) =/m) ?? [];
    defined.add(own);
    for (const [used] of read(name).replaceAll(/\/\*\*[\s\S]*?\*\//g, "").matchAll(/\bBoard\w+(?=\.)/g)) assert.ok(defined.has(used), `${name} uses ${used}`);
  }
});

test("every element that a page's scripts ask for by id is on that page", () => {
  for (const page of PAGES) {
    const ids = new Set(Array.from(read(`pages/${page}/index.html`).matchAll(/\sid="([^"]+)"/g), ([, id]) => id));
    const own = Array.from(modulesOf(`pages/${page}/${page}.js`)).concat(`pages/${page}/${page}.js`, classicOf(page));
    for (const name of own) {
      for (const [, id = ""] of read(name).matchAll(/\b(?:byId|setText|showBadge|input|onSubmit)\("([a-z-]+)"/g)) {
        assert.ok(ids.has(id), `${name} wants #${id} on ${page}`);
      }
    }
  }
});

test("no page has an id twice", () => {
  for (const name of pages) {
    const ids = Array.from(read(name).matchAll(/\sid="([^"]+)"/g), ([, id]) => id);
    assert.deepEqual(ids.filter((id, at) => ids.indexOf(id) !== at), [], name);
  }
});

test("every field of a page has a label, and every page a language and a title", () => {
  for (const name of pages) {
    const html = read(name);
    assert.match(html, /<html lang="en">/);
    assert.match(html, /<title>[^<]+<\/title>/);
    for (const [, id = ""] of html.matchAll(/<(?:input|select)[^>]*\sid="([^"]+)"/g)) {
      const wrapped = new RegExp(`<label[^>]*>(?:(?!</label>)[\\s\\S])*id="${id}"`);
      assert.ok(html.includes(`for="${id}"`) || wrapped.test(html), `${name} #${id}`);
    }
  }
});
