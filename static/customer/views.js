// @ts-check
import { byId } from "../js/dom.js";
import { parseFragment } from "../js/session.js";

const VIEWS = ["stalls", "menu", "orders", "notices", "wallet"];

/** Show the section that the address names, so that the phone's back button does what people expect.
 * @param {string} hash @param {(vendorId: string) => void} openMenu @returns {string} the section's name */
export function showView(hash, openMenu) {
  const fields = parseFragment(hash);
  const stall = fields.get("stall");
  const asked = stall ? "menu" : (fields.get("view") ?? "stalls");
  const view = VIEWS.includes(asked) ? asked : "stalls";
  for (const name of VIEWS) byId(`view-${name}`).hidden = name !== view;
  byId("app").dataset.view = view;
  for (const tab of Array.from(document.querySelectorAll(".tabs a"))) {
    const current = tab.getAttribute("data-view") === (view === "menu" ? "stalls" : view);
    if (current) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
  if (stall) openMenu(stall);
  scrollTo(0, 0);
  if (hash) byId(`view-${view}`).querySelector("h2")?.focus({ preventScroll: true }); // a screen reader follows
  return view;
}

/** @param {string} id @param {number} count */
export function showBadge(id, count) {
  const badge = byId(id);
  badge.hidden = count === 0;
  badge.textContent = count > 99 ? "99+" : String(count);
}
