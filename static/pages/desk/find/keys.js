// @ts-check
/** Hands on a keyboard and scanners that type: what they type goes to the search, wherever on the page they are. */
import { byId, input } from "../../../ui/dom.js";

const FIELDS = "input, select, textarea, [contenteditable]";

/** Whether a key begins a search; pure. @param {{key: string, ctrlKey?: boolean, metaKey?: boolean, altKey?: boolean}} event */
export const isTyped = ({ key, ctrlKey, metaKey, altKey }) => key.length === 1 && key !== " " && !ctrlKey && !metaKey && !altKey;

/** Whether what stands in the field for an amount is a code that a scanner has typed; pure. @param {string} text */
export const isCode = (text) => /\p{L}/u.test(text);

/** @param {() => void} toSearch  shows the search, and puts the cursor there */
export function followKeys(toSearch) {
  const find = input("find-text");
  document.addEventListener("keydown", (event) => {
    const target = /** @type {Element} */ (event.target);
    if (byId("app").hidden || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape") return toSearch();
    if (!isTyped(event) || target.closest?.(FIELDS)) return;
    find.value = "";
    toSearch(); // and the key is typed there
  });
  const amount = input("amount");
  amount.addEventListener("input", () => {
    if (!isCode(amount.value)) return;
    const typed = amount.value;
    amount.value = "";
    toSearch();
    find.value = typed;
    find.setSelectionRange(typed.length, typed.length);
    find.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
