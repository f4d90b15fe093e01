// @ts-check
import { byId } from "./dom.js";

/** Show one of a page's sections, `#view-<name>`, and mark its tab.
 * @param {readonly string[]} names @param {string} shown
 * @param {string} [tab]  the section whose tab is marked, if it has none of its own */
export function showSection(names, shown, tab = shown) {
  for (const name of names) byId(`view-${name}`).hidden = name !== shown;
  byId("app").dataset.view = shown;
  for (const link of Array.from(document.querySelectorAll(".tabs a"))) {
    if (link.getAttribute("data-view") === tab) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  scrollTo(0, 0);
}

/** @param {string} id @param {number} count */
export function showBadge(id, count) {
  const badge = byId(id);
  badge.hidden = count === 0;
  badge.textContent = count > 99 ? "99+" : String(count);
}
