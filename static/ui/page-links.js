// @ts-check
/** The pages that somebody has: everybody a wallet, keepers their stalls, cashiers and organisers the
 * desk, organisers the office. */
import { el } from "./dom.js";
import { carryToken } from "./session.js";
import { relationsOf } from "./state/accounts.js";

/** @typedef {import("../sdk/types.js").Me} Me */
/** @typedef {import("../sdk/types.js").UserType | "desk"} PageName  a page's folder */
/** @typedef {{page: PageName, words: string}} PageLink */

/** @type {(PageLink & {is: string[]})[]} */
const PAGES = [
  { page: "customer", words: "My wallet", is: ["customer"] },
  { page: "vendor", words: "My stall", is: ["keeper"] },
  { page: "desk", words: "Cash desk", is: ["cashier", "admin"] },
  { page: "admin", words: "Office", is: ["admin"] },
];

/** Return the pages that are for somebody; pure. @param {Me} me @returns {PageLink[]} */
export const pagesOf = (me) => PAGES.filter(({ is }) => relationsOf(me).some((relation) => is.includes(relation)));

/** Links to them. A tab that has a token of its own stays the same person there.
 * @param {Me} me @param {PageName} here @param {Record<string, any>} [attributes] @returns {HTMLAnchorElement[]} */
export const pageLinks = (me, here, attributes = { class: "button small" }) => pagesOf(me).filter(({ page }) => page !== here).map(({ page, words }) =>
  el("a", { ...attributes, href: `/${page}/`, onclick: () => carryToken(here, page) }, words));
