// @ts-check
import { toast } from "./toast.js";

/** Put a text on the clipboard, also where the page came without TLS and browsers withhold the modern way.
 * @param {string} text @param {string} words  what is said when it worked */
export async function copyText(text, words) {
  try {
    if (navigator.clipboard) await navigator.clipboard.writeText(text);
    else copyBySelection(text);
    toast(words, "success");
  } catch {
    toast("Your browser doesn't let this page copy. Mark the text and copy it by hand.", "warning");
  }
}

/** @param {string} text */
function copyBySelection(text) {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "sr-only";
  document.body.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  if (!copied) throw new Error("not copied");
}
