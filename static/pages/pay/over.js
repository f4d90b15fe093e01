// @ts-check
/** Which part of the page is shown, and what is said instead of an offer. */
import { byId, setText } from "../../ui/dom.js";

const SECTIONS = ["state", "offer", "paid", "over"];
/** Title and text that are shown instead of an offer. @type {Record<string, [string, string]>} */
const OVER = {
  none: ["Nothing to pay here", "This address is not a whole QR code. Scan it again."],
  gone: ["This is not for sale", "It has sold out, or the stall has taken it off its menu."],
  unknown: ["This code is not valid any more", "Ask the stall for a new one. Nothing was charged."],
  paid: ["Already paid", "Somebody else has paid this already. You were not charged."],
  expired: ["Too late", "The time to pay this is over. You were not charged; ask the stall for a new code."],
};

/** @param {string} name */
export function showOnly(name) {
  for (const section of SECTIONS) byId(section).hidden = section !== name;
}

/** @param {string} title @param {string} text @param {(() => void) | null} [again] */
export function showOver(title, text, again = null) {
  setText("over-title", title);
  setText("over-text", text);
  byId("again").hidden = again === null;
  byId("again").onclick = again;
  showOnly("over");
  byId("over-title").focus();
}

/** @param {string} which @returns {[string, string]} */
export const over = (which) => /** @type {[string, string]} */ (OVER[which]);
