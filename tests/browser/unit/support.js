// @ts-check
/** A browser that a test can hold still: a clock, a network that answers as told, and streams to speak through. */

/** One opened stream. */
export class FakeStream {
  isOpen = true;
  #controller = /** @type {any} */ (null);

  /** @param {string} url @param {any} init */
  constructor(url, init) {
    this.url = url;
    this.init = init;
    const body = new ReadableStream({
      start: (controller) => void (this.#controller = controller),
      cancel: () => void (this.isOpen = false),
    });
    this.response = new Response(body, { headers: { "Content-Type": "text/event-stream" } });
    init.signal.addEventListener("abort", () => (this.isOpen = false));
  }

  /** @param {string} text */
  write(text) {
    if (this.isOpen) this.#controller.enqueue(new TextEncoder().encode(text));
  }

  /** @param {string} type @param {unknown} data @param {string} [id] */
  async say(type, data, id = "") {
    this.write(`${id && `id: ${id}\n`}event: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
    await settle();
  }

  /** Its end, in order or not. @param {boolean} [cut] */
  async break(cut = false) {
    if (this.isOpen) cut ? this.#controller.error(new TypeError("network")) : this.#controller.close();
    this.isOpen = false;
    await settle();
  }
}

/** Let everything that waits on settled promises run. */
export const settle = () => new Promise((resolve) => setImmediate(resolve));

/** @param {number} status @param {unknown} [body] @param {Record<string, string>} [headers] */
export const answer = (status, body, headers = {}) =>
  new Response(body === undefined ? null : JSON.stringify(body), { status, headers });

/** A fetch that never answers. @param {any} init @returns {Promise<any>} */
export const never = (init) => new Promise((_, reject) => init.signal.addEventListener("abort", () => reject(new Error("aborted"))));

/** A clock for any number of tabs. */
export function fakeClock() {
  let now = 1_000_000;
  let timers = /** @type {{id: number, at: number, run: () => void}[]} */ ([]);
  let ids = 0;
  return {
    now: () => now,
    setTimeout: (/** @type {() => void} */ run, /** @type {number} */ ms) => {
      timers.push({ id: (ids += 1), at: now + ms, run });
      return ids;
    },
    clearTimeout: (/** @type {number} */ id) => void (timers = timers.filter((timer) => timer.id !== id)),
    /** Move the clock, running what falls due, with time for its promises in between. @param {number} ms */
    async advance(ms) {
      const until = now + ms;
      for (;;) {
        await settle();
        timers.sort((a, b) => a.at - b.at || a.id - b.id);
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
}

/** @typedef {{method: string, path: string, headers: any, body: any, credentials: any, init: any}} Asked */

/** @param {((request: Asked) => any)} [respond]  a Response, an Error to throw, or for a stream undefined: it opens
 * @param {Partial<import("../../../static/sdk/types.js").Env>} [more] */
export function fakeBrowser(respond = ({ headers }) => (headers.Accept === "text/event-stream" ? undefined : answer(200, {})), more = {}) {
  const clock = fakeClock();
  const memory = () => {
    const kept = new Map();
    return {
      get: (/** @type {string} */ name) => kept.get(name) ?? null,
      set: (/** @type {string} */ name, /** @type {string} */ value) => void kept.set(name, value),
      remove: (/** @type {string} */ name) => void kept.delete(name),
    };
  };
  const listeners = new Map();
  const streams = /** @type {FakeStream[]} */ ([]);
  const requests = /** @type {Asked[]} */ ([]);
  const browser = {
    streams,
    requests,
    online: true,
    hidden: false,
    random: 0.5,
    last: () => /** @type {FakeStream} */ (streams[streams.length - 1]),
    fire: (/** @type {string} */ type) => (listeners.get(type) ?? []).slice().forEach((/** @type {any} */ listen) => listen({})),
    advance: clock.advance,
  };
  const env = /** @type {import("../../../static/sdk/types.js").Env} */ (/** @type {unknown} */ ({
    fetch: async (/** @type {string} */ path, /** @type {any} */ init) => {
      const { method, headers, credentials } = init;
      const request = { method, path, headers, credentials, body: init.body && JSON.parse(init.body), init };
      requests.push(request);
      const response = await respond(request);
      if (response instanceof Error) throw response;
      if (response) return response;
      const stream = new FakeStream(path, init);
      streams.push(stream);
      return stream.response;
    },
    setTimeout: clock.setTimeout,
    clearTimeout: clock.clearTimeout,
    now: clock.now,
    random: () => browser.random,
    isOnline: () => browser.online,
    isHidden: () => browser.hidden,
    watch: (/** @type {string} */ type, /** @type {any} */ listener) => {
      listeners.set(type, [...(listeners.get(type) ?? []), listener]);
      return () => listeners.set(type, listeners.get(type).filter((/** @type {any} */ one) => one !== listener));
    },
    locks: null,
    openChannel: null,
    tabStore: memory(),
    deviceStore: memory(),
    ...more,
  }));
  return { env, browser };
}
