// @ts-check
import { byId } from "../../ui/dom.js";
import { showSection } from "../../ui/sections.js";
import { parseFragment } from "../../ui/session.js";

const VIEWS = ["stalls", "menu", "orders", "notifications", "wallet"];

/** Show the section that the address names, so that the phone's back button does what people expect.
 * @param {string} hash @param {(vendorId: string) => void} openMenu @returns {string} the section's name */
export function showView(hash, openMenu) {
  const fields = parseFragment(hash);
  const stall = fields.get("stall");
  const asked = stall ? "menu" : (fields.get("view") ?? "stalls");
  const view = VIEWS.includes(asked) ? asked : "stalls";
  showSection(VIEWS, view, view === "menu" ? "stalls" : view);
  if (stall) openMenu(stall);
  if (hash) byId(`view-${view}`).querySelector("h2")?.focus({ preventScroll: true }); // a screen reader follows
  return view;
}
