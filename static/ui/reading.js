// @ts-check
/** Something that is read from the server while events change it, too. An answer may be older than an event that has overtaken it. */

/** What is changed while an answer is on its way is changed once more on top of it, in order: so neither the answer nor the events
 * are lost. Changes say how it is now, not by how much it has moved, and can be made twice.
 * @param {() => void} show  what is known now; after every change */
export function createReading(show) {
  const waiting = /** @type {Set<(() => void)[]>} */ (new Set()); // for each answer on its way, what was changed since it was asked for

  /** @param {...() => void} changes */
  const change = (...changes) => {
    for (const apply of changes) {
      apply();
      for (const missed of waiting) missed.push(apply);
    }
    show();
  };

  /** @template T @param {() => Promise<T>} ask @param {(answer: T, missed: (() => void)[]) => void} use @returns {Promise<T>} */
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
    /** An event says how it is now. @param {() => void} apply  changes what is known */
    change: (apply) => change(apply),
    /** Ask how it is. @template T @param {() => Promise<T>} ask @param {(answer: T) => void} take  changes what is known
     * @returns {Promise<T>} the answer; fails as `ask` does */
    read: (ask, take) => hear(ask, (answer, missed) => {
      take(answer);
      missed.forEach((apply) => apply());
      show();
    }),
    /** Send a command whose answer says how it is now: a change itself, to those on their way.
     * @template T @param {() => Promise<T>} ask @param {(answer: T) => void} take  changes what is known
     * @returns {Promise<T>} the answer; fails as `ask` does */
    send: (ask, take) => hear(ask, (answer, missed) => change(() => take(answer), ...missed)),
  };
}

/** Do something one at a time; asked for meanwhile, it is done once more: its last run has begun after it was last asked for, and
 * a rush of events makes two questions at most.
 * @param {() => Promise<void>} run  handles its own errors @returns {() => Promise<void>} resolves when nothing is left to do */
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
      running = null; // at once: whoever asks now must not wait for what has ended
    }
  };
  return () => {
    isWanted = true;
    running ??= runAll();
    return running;
  };
}

/** @template T @typedef {{items: T[], next: string | null}} Page  of a list, the newest first; next: where the older ones begin */

/** Put a newer first page in the place of what it covers: what it doesn't hold there is gone. What is older than its end stays; pure.
 * @template T @param {Page<T>} old @param {Page<T>} page @param {(item: T) => string} keyOf @returns {Page<T>} */
export function withNewest(old, page, keyOf) {
  const ends = page.items.slice(-1).map(keyOf);
  const end = old.items.findIndex((item) => ends.includes(keyOf(item)));
  const older = end < 0 || page.next === null ? [] : old.items.slice(end + 1);
  return older.length ? { items: [...page.items, ...older], next: old.next } : page;
}
