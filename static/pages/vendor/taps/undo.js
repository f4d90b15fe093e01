// @ts-check
import { byId, el, setText, showList } from "../../../ui/dom.js";
import { UNDO_MS, undoableAt, withoutUndoable, withUndoable } from "./undo-list.js";

const NARROW = "(max-width: 760px)"; // where there is room for one

/** The bar that takes back what was just done. It has a place of its own, so that it covers nothing and moves nothing.
 * @param {ReturnType<typeof import("./guard.js").createGuard>} guard */
export function createUndo(guard) {
  let list = /** @type {import("./undo-list.js").Undoable[]} */ ([]);
  const narrow = matchMedia(NARROW);

  const show = () => {
    const standing = undoableAt(list, performance.now()).slice(0, narrow.matches ? 1 : undefined);
    showList(byId("undo"), standing, ({ key, at }) => `${key} ${at}`, ({ key, at, words, undo }) =>
      el("li", {}, el("button", { class: "undo-step", "data-focus": `undo-${key}-${at}`, onclick: () => {
        if (!guard.claim()) return;
        list = withoutUndoable(list, key);
        setText("announce", `Taken back: ${words}`);
        undo();
        show();
      } }, el("b", {}, "Undo"), " ", el("span", {}, words))), ({ key, at, words }) => `${key} ${at} ${words}`);
  };

  return {
    /** @param {string} key  of what was changed @param {string} words @param {() => void} undo */
    add(key, words, undo) {
      list = withUndoable(list, { key, words, at: performance.now(), undo });
      setText("announce", `${words}. You can undo this for ${UNDO_MS / 1_000} seconds.`);
      show();
      setTimeout(show, UNDO_MS + 20); // a timer may be early by less
    },
    /** It was changed in another way: there is nothing to take back any more. @param {string} key */
    forget(key) {
      list = withoutUndoable(list, key);
      show();
    },
  };
}
