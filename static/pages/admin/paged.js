// @ts-check
import { byId, setText, showList, whileBusy } from "../../ui/dom.js";
import { createReading, oneAtATime, withNewest } from "../../ui/state/reading.js";
import { whenBack } from "../../ui/link-state.js";
import { listWords } from "../../ui/format/words.js";

const KEPT_MAX = 2_000; // on screen; what is older is asked for again

/** @template T @typedef {object} Paged
 * @property {string} name  of the list: its elements are `#<name>`, `#<name>-state` and `#<name>-more`
 * @property {() => string} path  where its pages come from, with its filters
 * @property {(item: T) => string} keyOf
 * @property {(item: T) => HTMLElement} row
 * @property {string} empty  the text of an empty list
 * @property {(item: T) => boolean} [isShown]  filters the items that are loaded
 * @property {(error: unknown) => string} [problem]  why they can't be shown
 * @property {(page: any) => void} [read]  a page has come; before its rows are shown
 * @property {(items: T[], page: any) => void} [changed]  page: the last answer, for what it holds besides items */

/** A list of the server's, shown page by page, the newest first.
 * @template T @param {import("../../sdk/festival-push.js").Client} client @param {Paged<T>} list */
export function createPaged(client, { name, path, keyOf, row, empty, isShown = () => true, problem = listWords, read, changed }) {
  let items = /** @type {T[]} */ ([]);
  let next = /** @type {string | null} */ (null);
  let [wanted, held] = [0, -1]; // numbers of the filters: those asked for, and those of the items (-1: no items yet)
  let answer = /** @type {any} */ ({});
  const more = /** @type {HTMLButtonElement} */ (byId(`${name}-more`));

  const show = () => {
    const shown = items.filter(isShown);
    if (shown.length || held >= 0) setText(`${name}-state`, shown.length ? "" : empty);
    showList(byId(name), shown, keyOf, row);
    more.hidden = next === null;
    changed?.(items, answer);
  };
  const reading = createReading(show);

  /** @param {string | null} before  null: the newest */
  const load = async (before) => {
    const mine = wanted;
    const url = path();
    try {
      await reading.read(() => client.get(before ? `${url}${url.includes("?") ? "&" : "?"}before=${encodeURIComponent(before)}` : url), (page) => {
        // The filters or the end of the list have changed meanwhile.
        if (mine !== wanted || (before && before !== next)) return;
        const old = mine === held ? items : [];
        const merged = before ? { items: [...old, ...page.items], next: page.next } : withNewest({ items: old, next }, page, keyOf);
        [held, answer] = [mine, page];
        read?.(page);
        items = merged.items.slice(0, KEPT_MAX);
        next = items.length < KEPT_MAX ? merged.next : null;
      });
    } catch (error) {
      // Items that match the present filters stay on screen; otherwise the error is shown.
      if (mine === wanted && (mine !== held || !items.length)) setText(`${name}-state`, problem(error));
      whenBack(loadNewest);
    }
  };
  more.addEventListener("click", () => void whileBusy(more, () => load(held === wanted ? next : null)));
  const loadNewest = oneAtATime(() => load(null));

  return {
    show,
    /** Read the newest page once more. */
    load: loadNewest,
    /** Read from the start, because the filters have changed. */
    restart() {
      wanted += 1;
      return loadNewest();
    },
    /** @param {...T} told  as they are now; those that are not listed go on top, the last one highest */
    put: (...told) => reading.change(() => {
      for (const item of told) {
        const known = items.some((one) => keyOf(one) === keyOf(item));
        items = known ? items.map((one) => (keyOf(one) === keyOf(item) ? { ...one, ...item } : one)) : [item, ...items].slice(0, KEPT_MAX);
      }
    }),
    /** Say more of one that is listed; one that isn't any more stays away. @param {string} key @param {Partial<T>} more */
    amend: (key, more) => reading.change(() => {
      items = items.map((one) => (keyOf(one) === key ? { ...one, ...more } : one));
    }),
    /** @param {string} key */
    drop: (key) => reading.change(() => {
      items = items.filter((one) => keyOf(one) !== key);
    }),
  };
}
