// @ts-check
import { byId, el, setText, showList } from "../../../ui/dom.js";
import { rest } from "../../../ui/touch/rest.js";

/** What waits for the connection, in words. @typedef {{key: string, words: string}} Waits */

/** Says what will be sent by itself when the connection is back, and calls it off.
 * @param {ReturnType<typeof import("./guard.js").createGuard>} guard @param {() => Waits[]} list  the oldest first
 * @param {(key: string) => Promise<boolean>} drop  false: it may have been sent already */
export function createWaiting(guard, list, drop) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("waiting-sheet"));

  /** @param {Waits} change */
  const row = ({ key, words }) => el("li", { class: "row" }, el("span", { class: "grow" }, words),
    el("button", { class: "danger", "data-focus": `drop-${key}`, onclick: () => {
      if (guard.claim()) void drop(key).then((isDropped) => setText("waiting-words", isDropped ? `Called off: ${words}` : "Too late: it may have been sent already."));
    } }, "Call off", el("span", { class: "sr-only" }, ` ${words}`)));

  const show = () => {
    const waits = list();
    const isLost = !navigator.onLine || document.documentElement.dataset.link !== "live";
    byId("waiting").hidden = waits.length === 0 || !isLost;
    setText("waiting", waits.length === 1 ? "1 waits for the connection" : `${waits.length} wait for the connection`);
    showList(byId("waiting-list"), waits, ({ key }) => key, row);
    if (!waits.length && dialog.open) dialog.close();
  };

  byId("waiting").addEventListener("click", () => {
    setText("waiting-words", "This is sent by itself when the connection is back, in this order.");
    guard.rest();
    dialog.showModal();
  });
  byId("waiting-close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => guard.rest());
  new MutationObserver(() => {
    rest(byId("lanes")); // a line above them comes or goes
    show();
  }).observe(document.documentElement, { attributeFilter: ["data-link"] });
  return { show };
}
