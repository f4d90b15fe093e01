// @ts-check
/** The newest steps that can still be taken back; pure. */

export const UNDO_MS = 8_000;
const KEPT_MAX = 3;

/** @typedef {{key: string, words: string, at: number, undo: () => void}} Undoable
 *   key: of what was changed: a newer change of it takes the older one's place */

/** @param {Undoable[]} list @param {number} now  milliseconds @returns {Undoable[]} the newest first */
export const undoableAt = (list, now) => list.filter(({ at }) => now - at < UNDO_MS);

/** @param {Undoable[]} list @param {Undoable} step @returns {Undoable[]} */
export const withUndoable = (list, step) =>
  [step, ...undoableAt(list, step.at).filter(({ key }) => key !== step.key)].slice(0, KEPT_MAX);

/** @param {Undoable[]} list @param {string} key @returns {Undoable[]} */
export const withoutUndoable = (list, key) => list.filter((step) => step.key !== key);
