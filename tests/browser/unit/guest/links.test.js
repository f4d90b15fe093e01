// @ts-check
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { offeredWords, refusedWords } from "../../../../static/ui/arrive/by-link.js";
import { spentWords } from "../../../../static/ui/arrive/new-sign-in.js";
import { ProblemError } from "../../../../static/sdk/problem.js";

const PAGES = fileURLToPath(new URL("../../../../static/", import.meta.url));

test("whoever is here is told that they still are", () => {
  const problem = (/** @type {string} */ code, status = 401) => new ProblemError({ status, code, title: "T" });
  const anna = /** @type {const} */ ({ name: "Anna", userType: "customer" });
  assert.equal(refusedWords(problem("links-off", 403), anna), "Nobody is signed in by a link here. You are still Anna.");
  assert.equal(refusedWords(problem("suspended", 403), null), "The account of this link is suspended.");
  for (const code of ["invalid-credentials", "token-expired", "invalid-request"]) assert.match(refusedWords(problem(code), anna), /not valid, or it has expired.*still Anna/);
});

test("a link of a cashier says what it may at the desk", () => {
  const toni = /** @type {const} */ ({ name: "Toni", userType: "customer" });
  assert.match(offeredWords(toni), /^This link turns this tab into Toni's \(customer\)\. It sees that wallet/);
  assert.match(offeredWords({ ...toni, is: ["customer", "cashier"] }), /Toni's \(customer, cashier\)\. It takes and pays out cash at the desk/);
});

test("whoever comes with a used link of the desk is sent there again", () => {
  const words = (/** @type {string} */ code, status = 401) => spentWords(new ProblemError({ status, code, title: "T" }));
  for (const code of ["token-expired", "invalid-credentials", "new-sign-in-spent"]) assert.match(words(code), /Ask at the cash desk/, code);
  assert.match(words("suspended", 403), /suspended/);
});

/** What an address can make a page do. Anybody can send an address: it may only show things, or must be asked about. */
const READERS = {
  "pages/admin/admin.js": "which view",
  "pages/customer/customer.js": "which view",
  "pages/docs/docs.js": "which chapter",
  "pages/give-back/give-back.js": "which deposit to show: a tap takes it",
  "pages/desk/desk.js": "whose card to show: nothing moves by it",
  "pages/kiosk/kiosk.js": "the setup",
  "pages/kiosk/screen.js": "which boards: they are in public",
  "pages/kiosk/setup/setup.js": "the setup",
  "pages/pay/pay.js": "what to show for payment: a tap pays it",
  "pages/receipt/receipt.js": "whose receipt to show",
  "pages/vendor/choose.js": "which of the own stalls",
  "pages/vendor/vendor.js": "which view",
  "ui/session.js": "a link: it is asked about",
};

test("no other script reads its address", () => {
  const files = readdirSync(PAGES, { recursive: true, encoding: "utf-8" }).filter((name) => name.endsWith(".js"));
  assert.ok(files.length > 100);
  const address = /\b(location\s*\.\s*(hash|search|href)|document\s*\.\s*(URL|documentURI|baseURI|referrer)|URLSearchParams)\b/;
  const readers = files.filter((name) => address.test(readFileSync(join(PAGES, name), "utf-8"))).map((name) => name.replaceAll("\\", "/"));
  assert.deepEqual(readers.sort(), [...Object.keys(READERS), "pages/give-back/offer.js", "pages/pay/offer.js"].sort());
});

test("no page takes a token out of its address but by the question", () => {
  const shell = readFileSync(join(PAGES, "ui/shell.js"), "utf-8");
  assert.equal(shell.match(/keepToken\(/g)?.length, 2);
  assert.match(shell, /onToken: \(next\) => keepToken\(page\.role, next\)/); // the session that is here already goes on
  assert.match(shell, /const token = await askAboutLink\(.*\n\s*if \(token\) keepToken\(/);
});
