// @ts-check
import { byId, el } from "./dom.js";

const SHOWN_MS = 7_000;
const SHOWN_MAX = 3;

/** @typedef {"info" | "success" | "warning" | "error" | "order" | "payment" | "announcement" | "message"} Tone */

/** Say something in passing; the same words aren't said twice while they still stand there.
 * @param {string} message @param {Tone | string} [tone] @param {string | null} [title] */
export function toast(message, tone = "info", title = null) {
  const list = byId("toasts");
  const key = `${title ?? ""} ${message}`;
  for (const old of Array.from(list.children)) {
    if (old.getAttribute("data-key") === key) return;
  }
  const close = el("button", { class: "toast-close", "aria-label": "Dismiss", onclick: () => note.remove() }, "✕");
  const text = el("div", { class: "toast-text" }, title && el("strong", {}, title), el("span", {}, message));
  // Errors interrupt a screen reader; everything else waits for its turn in the list's polite live region.
  const note = el("div", { class: "toast", "data-tone": tone, "data-key": key, role: tone === "error" ? "alert" : null }, text, close);
  list.append(note);
  while (list.children.length > SHOWN_MAX) list.firstElementChild?.remove();
  setTimeout(() => note.remove(), tone === "error" ? SHOWN_MS * 2 : SHOWN_MS);
}
