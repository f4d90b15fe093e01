// @ts-check
/** State that is read from the server and changed by events. An event may overtake an older answer. */

/** Keep state right although events overtake answers: changes made while an answer is on its way are made again on top
 * of it, in order. So a change must set a value and not add to it: then it can be made twice.
 * @param {() => void} show  shows the state; called after every change */
export function createReading(show) {
  // For each answer on its way, the changes since it was asked for.
  const waiting = /** @type {Set<(() => void)[]>} */ (new Set());

  /** @param {...() => void} changes */
  const change = (...changes) => {
    for (const apply of changes) {
      apply();
      for (const missed of waiting) missed.push(apply);
    }
    show();
  };

  /** @template T @param {() => Promise<T>} ask @param {(answer: T, missed: (() => void)[]) => void} use
   * @returns {Promise<T>} */
  const hear = async (ask, use) => {
    const missed = /** @type {(() => void)[]} */ ([]);
    waiting.add(missed);
    try {
      const answer = await ask();
      use(answer, missed);
      return answer;
    } finally {
      waiting.delete(missed);
    }
  };

  return {
    /** Change the state as an event says. @param {() => void} apply  changes it */
    change: (apply) => change(apply),
    /** Read the state from the server.
     * @template T @param {() => Promise<T>} ask @param {(answer: T) => void} take  changes the state
     * @returns {Promise<T>} the answer; fails as `ask` does */
    read: (ask, take) => hear(ask, (answer, missed) => {
      take(answer);
      missed.forEach((apply) => apply());
      show();
    }),
    /** Send a command whose answer is the new state. It is a change, too, for the other answers on their way.
     * @template T @param {() => Promise<T>} ask @param {(answer: T) => void} take  changes the state
     * @returns {Promise<T>} the answer; fails as `ask` does */
    send: (ask, take) => hear(ask, (answer, missed) => change(() => take(answer), ...missed)),
  };
}

/** Return a function that runs something, one run at a time. Calls during a run lead to one more run after it: so a run
 * begins after the last call, and a rush of events asks the server twice at most.
 * @param {() => Promise<void>} run  handles its own errors
 * @returns {() => Promise<void>} resolves when nothing is left to do */
export function oneAtATime(run) {
  let isWanted = false;
  let running = /** @type {Promise<void> | null} */ (null);
  const runAll = async () => {
    try {
      while (isWanted) {
        isWanted = false;
        await run();
      }
    } finally {
      running = null; // at once, because a call from now on needs a new run
    }
  };
  return () => {
    isWanted = true;
    running ??= runAll();
    return running;
  };
}

/** @template T
 * @typedef {{items: T[], next: string | null}} Page  of a list, the newest first; next: where the older ones begin */

/** Replace the part of a list that a newer first page covers. Items older than the page's last one stay; pure.
 * @template T @param {Page<T>} old @param {Page<T>} page @param {(item: T) => string} keyOf @returns {Page<T>} */
export function withNewest(old, page, keyOf) {
  const ends = page.items.slice(-1).map(keyOf);
  const end = old.items.findIndex((item) => ends.includes(keyOf(item)));
  const older = end < 0 || page.next === null ? [] : old.items.slice(end + 1);
  return older.length ? { items: [...page.items, ...older], next: old.next } : page;
}
