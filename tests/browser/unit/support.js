// @ts-check
/** A browser that a test can hold still: a clock, a network that answers as told, and EventSources to speak through. */

export class FakeEventSource extends EventTarget {
  static CLOSED = 2;
  readyState = 0;

  /** @param {string} url @param {any} init */
  constructor(url, init) {
    super();
    this.url = url;
    this.init = init;
  }

  close() {
    this.readyState = 2;
  }

  /** @param {string} type @param {unknown} data @param {string} [lastEventId] */
  say(type, data, lastEventId = "") {
    this.readyState = 1;
    this.dispatchEvent(Object.assign(new Event(type), { data: JSON.stringify(data), lastEventId }));
  }

  /** The connection is gone. @param {boolean} [forGood]  the answer was not 200 */
  break(forGood = false) {
    this.readyState = forGood ? 2 : 0;
    this.dispatchEvent(new Event("error"));
  }
}

/** Let everything that waits on settled promises run. */
export const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

/** @param {number} status @param {unknown} [body] @param {Record<string, string>} [headers] */
export const answer = (status, body, headers = {}) =>
  new Response(body === undefined ? null : JSON.stringify(body), { status, headers });

/** @param {((request: {method: string, path: string, headers: any, body: any}) => any)} [respond]  a Response, or an Error to throw */
export function fakeBrowser(respond = () => answer(200, {})) {
  let now = 1_000_000;
  let timers = /** @type {{id: number, at: number, run: () => void}[]} */ ([]);
  let ids = 0;
  const kept = new Map();
  const listeners = new Map();
  const sources = /** @type {FakeEventSource[]} */ ([]);
  const requests = /** @type {{method: string, path: string, headers: any, body: any, credentials: any}[]} */ ([]);
  const browser = {
    sources,
    requests,
    online: true,
    hidden: false,
    random: 0.5,
    last: () => /** @type {FakeEventSource} */ (sources[sources.length - 1]),
    fire: (/** @type {string} */ type) => (listeners.get(type) ?? []).slice().forEach((/** @type {any} */ listen) => listen({})),
    /** Move the clock, running what falls due, with time for its promises in between. @param {number} ms */
    async advance(ms) {
      const until = now + ms;
      for (;;) {
        await settle();
        timers.sort((a, b) => a.at - b.at);
        const next = timers[0];
        if (!next || next.at > until) break;
        timers.shift();
        now = next.at;
        next.run();
      }
      now = until;
      await settle();
    },
  };
  const env = /** @type {import("../../../static/js/types.js").Env} */ (/** @type {unknown} */ ({
    fetch: async (/** @type {string} */ path, /** @type {any} */ init) => {
      const request = { method: init.method, path, headers: init.headers, credentials: init.credentials, body: init.body && JSON.parse(init.body) };
      requests.push(request);
      const response = await respond(request);
      if (response instanceof Error) throw response;
      return response;
    },
    EventSource: class extends FakeEventSource {
      constructor(/** @type {string} */ url, /** @type {any} */ init) {
        super(url, init);
        sources.push(this);
      }
    },
    setTimeout: (/** @type {() => void} */ run, /** @type {number} */ ms) => {
      timers.push({ id: (ids += 1), at: now + ms, run });
      return ids;
    },
    clearTimeout: (/** @type {number} */ id) => (timers = timers.filter((timer) => timer.id !== id)),
    now: () => now,
    random: () => browser.random,
    isOnline: () => browser.online,
    isHidden: () => browser.hidden,
    watch: (/** @type {string} */ type, /** @type {any} */ listener) => {
      listeners.set(type, [...(listeners.get(type) ?? []), listener]);
      return () => listeners.set(type, listeners.get(type).filter((/** @type {any} */ one) => one !== listener));
    },
    tabStore: {
      get: (/** @type {string} */ name) => kept.get(name) ?? null,
      set: (/** @type {string} */ name, /** @type {string} */ value) => kept.set(name, value),
      remove: (/** @type {string} */ name) => kept.delete(name),
    },
  }));
  return { env, browser };
}
