// @ts-check
import { byId, setText, showList, whileBusy } from "../js/dom.js";
import { humanWords } from "../js/words.js";

const KEPT_MAX = 2_000; // on screen; what is older is asked for again

/** @template T @typedef {{items: T[], next: string | null}} Page  next: where the older ones begin */

/** Put a newer first page on top of what is shown: what it holds counts, older pages stay if it reaches them; pure.
 * @template T @param {Page<T>} old @param {Page<T>} page @param {(item: T) => string} keyOf @returns {Page<T>} */
export function withNewest(old, page, keyOf) {
  const keys = new Set(page.items.map(keyOf));
  if (!old.items.some((item) => keys.has(keyOf(item)))) return page;
  return { items: [...page.items, ...old.items.filter((item) => !keys.has(keyOf(item)))], next: old.next };
}

/** @template T @typedef {object} Paged
 * @property {string} name  of the list: its elements are `#<name>`, `#<name>-state` and `#<name>-more`
 * @property {() => string} path  where its pages come from, with its filters
 * @property {(item: T) => string} keyOf
 * @property {(item: T) => HTMLElement} row
 * @property {string} empty  what stands there instead of nothing
 * @property {(item: T) => boolean} [isShown]  a filter over what is here
 * @property {(items: T[], page: any) => void} [changed]  page: the last answer, for what it says besides its items */

/** A list of the server's, shown page by page, the newest first.
 * @template T @param {import("../js/festival-push.js").Client} client @param {Paged<T>} list */
export function createPaged(client, { name, path, keyOf, row, empty, isShown = () => true, changed }) {
  let items = /** @type {T[]} */ ([]);
  let next = /** @type {string | null} */ (null);
  let asked = 0;
  let answer = /** @type {any} */ (null);
  const more = /** @type {HTMLButtonElement} */ (byId(`${name}-more`));

  const show = () => {
    const shown = items.filter(isShown);
    setText(`${name}-state`, shown.length ? "" : empty);
    showList(byId(name), shown, keyOf, row);
    more.hidden = next === null;
    changed?.(items, answer);
  };

  /** @param {string | null} before  null: the newest */
  const load = async (before, { anew = false } = {}) => {
    const mine = (asked += 1);
    const url = path();
    try {
      const page = await client.get(before ? `${url}${url.includes("?") ? "&" : "?"}before=${encodeURIComponent(before)}` : url);
      if (mine !== asked) return; // another question was asked meanwhile
      answer = page;
      const merged = before ? { items: [...items, ...page.items], next: page.next } : withNewest({ items: anew ? [] : items, next }, page, keyOf);
      items = merged.items.slice(0, KEPT_MAX);
      next = items.length < KEPT_MAX ? merged.next : null;
      show();
    } catch (error) {
      if (mine === asked && !items.length) setText(`${name}-state`, humanWords(error));
    }
  };
  more.addEventListener("click", () => void whileBusy(more, () => load(next)));

  return {
    show,
    items: () => items,
    /** The newest of it, once more. */
    load: () => load(null),
    /** From the start: the filters have changed. */
    restart: () => load(null, { anew: true }),
    /** @param {T} item  as it is now; one that is not listed goes on top */
    put(item) {
      const known = items.some((one) => keyOf(one) === keyOf(item));
      items = known ? items.map((one) => (keyOf(one) === keyOf(item) ? item : one)) : [item, ...items].slice(0, KEPT_MAX);
      show();
    },
    /** @param {string} key */
    drop(key) {
      items = items.filter((one) => keyOf(one) !== key);
      show();
    },
  };
}
