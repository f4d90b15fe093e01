// @ts-check
/** Web storage that never throws: private windows and full disks fall back to memory. */

/** @typedef {{get(name: string): string | null, set(name: string, value: string): void,
 *   remove(name: string): void}} Store */
/** @typedef {{key: string, at: number, tried?: boolean}} Kept  at: milliseconds; tried: it may have reached the server */

/** @param {() => Storage} open  a function, because merely naming `localStorage` may throw. @returns {Store} */
export function safeStore(open) {
  /** @type {Map<string, string>} */
  const memory = new Map();
  /** @template T @param {(storage: Storage) => T} use @param {T} otherwise @returns {T} */
  const attempt = (use, otherwise) => {
    try {
      return use(open());
    } catch {
      return otherwise;
    }
  };
  return {
    get: (name) => memory.get(name) ?? attempt((storage) => storage.getItem(name), null),
    set(name, value) {
      const kept = attempt((storage) => {
        storage.setItem(name, value);
        return true;
      }, false);
      if (kept) memory.delete(name);
      else memory.set(name, value);
    },
    remove(name) {
      memory.delete(name);
      attempt((storage) => storage.removeItem(name), undefined);
    },
  };
}

export const tabStore = safeStore(() => sessionStorage);
export const deviceStore = safeStore(() => localStorage);

/** A list on the device, for what waits to be sent. Changes are made under a lock, because several tabs may share it.
 * @template {Kept} T
 * @param {Store} store @param {string} name
 * @param {<R>(act: () => R | Promise<R>) => Promise<R>} alone  runs something under the lock */
export function createKept(store, name, alone) {
  /** @returns {T[]} the oldest first */
  const read = () => {
    try {
      const kept = JSON.parse(store.get(name) ?? "[]");
      return Array.isArray(kept) ? kept : [];
    } catch {
      return [];
    }
  };

  /** @param {(list: T[]) => T[]} change @returns {Promise<void>} */
  const write = (change) => alone(() => {
    const list = read();
    const changed = change(list);
    if (changed !== list) store.set(name, JSON.stringify(changed));
  });

  return {
    read,
    write,
    /** @param {string} key */
    remove: (key) => write((list) => list.filter((one) => one.key !== key)),
    /** Return the first that may be sent now, and remember that it was tried.
     * @param {(one: T) => boolean} isWanted @returns {Promise<T | undefined>} */
    async take(isWanted) {
      let taken = /** @type {T | undefined} */ (undefined);
      await write((list) => {
        taken = list.find(isWanted);
        return taken ? list.map((one) => (one === taken ? { ...one, tried: true } : one)) : list;
      });
      return taken;
    },
    /** Call off what was never tried. @param {string} key @returns {Promise<boolean>} false: it may have been sent */
    async drop(key) {
      let isDropped = false;
      await write((list) => {
        isDropped = list.some((one) => one.key === key && !one.tried);
        return isDropped ? list.filter((one) => one.key !== key) : list;
      });
      return isDropped;
    },
  };
}
