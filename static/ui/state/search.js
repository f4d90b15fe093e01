// @ts-check
/** Finds what somebody looks for in a list that they have already: stalls, and the items of a menu. */
import { byId, input, setText } from "../dom.js";

/** Without case and accents. @param {string} text */
const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** Keep what has each of the words in its text, wherever; pure. @template T @param {readonly T[]} all @param {string} text
 * @param {(one: T) => string} textOf @returns {T[]} in their order; all of them for an empty text */
export function matching(all, text, textOf) {
  const words = folded(text).split(/\s+/).filter(Boolean);
  return all.filter((one) => words.every((word) => folded(textOf(one)).includes(word)));
}

/** A field above a list; it is there as soon as the list is longer than a screen.
 * @param {string} name  of the list: its field is `<name>-search`, what is said if nothing is found `<name>-none`
 * @param {number} few  so many need no field @param {() => void} changed */
export function createSearch(name, few, changed) {
  const field = input(`${name}-search`);
  field.addEventListener("input", changed);
  return {
    /** @template T @param {readonly T[]} all @param {(one: T) => string} textOf @returns {T[]} */
    of(all, textOf) {
      byId(`${name}-search-field`).hidden = all.length <= few;
      const found = all.length <= few ? [...all] : matching(all, field.value, textOf);
      setText(`${name}-none`, all.length && !found.length ? "Nothing is called like that." : "");
      return found;
    },
    clear: () => void (field.value = ""),
  };
}
