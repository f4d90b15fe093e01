// @ts-check
/** Web storage that never throws: private windows and full disks fall back to memory. */

/** @typedef {{get(name: string): string | null, set(name: string, value: string): void,
 *   remove(name: string): void}} Store */

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
