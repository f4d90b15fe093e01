// @ts-check
import { fullJitter } from "./backoff.js";
import { createCursor } from "./cursor.js";
import { ProblemError } from "./problem.js";

/** @typedef {import("./types.js").LinkState} LinkState */
/** @typedef {{code: string, message: string}} Ended */
/** @typedef {Record<string, (data: any) => void>} Handlers  by event name; `connected` gets every first frame */

/** @typedef {object} StreamOptions
 * @property {() => Promise<string>} address  the URL to open, with a fresh ticket where one is needed; a ProblemError with
 *   401 or 403 means signed out
 * @property {() => Promise<unknown>} probe  asks, after a refusal, whether we are still signed in
 * @property {boolean} ticketed
 * @property {boolean} withCredentials
 * @property {boolean} [forever]  a screen that nobody looks after: keep trying even when signed out
 * @property {string} [userId]  whose stream this must be: a cookie may have changed hands
 * @property {Handlers} handlers
 * @property {(state: LinkState, ended?: Ended) => void} [onState]
 * @property {import("./types.js").Env} env
 */

const FINAL = new Set(["unauthorized", "token-expired", "session-ended", "suspended", "display-revoked", "forbidden"]);
const OF_THE_STREAM = new Set(["connected", "error", "session-expiring"]); // not in the log, so without an id
/** Everything the log holds, so that the cursor also moves on past events that a page has no use for. */
const LOGGED = [
  "balance-updated", "payment-completed", "new-notification", "notifications-read", "new-order", "order-status-changed", "order-ready",
  "order-refunded", "queue-updated", "vendor-message", "customer-message", "payment-request-paid", "menu-updated",
  "board-updated", "new-transaction", "tracking-orders", "room-joined", "room-left", "notifications-read", "vendor-updated",
];
const STEADY_MS = 10_000; // a connection that lived this long ends the back-off
const HIDDEN_MS_MAX = 30_000; // after a pocket's sleep a connection may look open and be dead
const SILENT_MS_MAX = 10 * 60 * 1_000; // heartbeats are comments, which scripts can't see; so ask again when nothing came

/** Follow one stream; each event reaches its handler once, in log order.
 * @param {StreamOptions} options
 * @returns {{stop: () => void, position: () => number}} position: of the last event seen */
export function followStream(options) {
  const follower = new Follower(options);
  follower.start();
  return { stop: () => follower.stop(), position: () => follower.cursor.position() };
}

/**
 * The ends of a connection: the browser itself retries a plain loss, with its cursor. A refusal (anything but 200) closes
 * the EventSource for good; then this opens a new one, with `?after=`. With a ticket every loss is reopened here: the
 * browser would retry with the spent ticket and whatever stream cookie the tab next door has set since.
 */
class Follower {
  cursor = createCursor();
  #source = /** @type {EventSource | null} */ (null);
  #state = /** @type {LinkState | null} */ (null);
  #undos = /** @type {(() => void)[]} */ ([]);
  #generation = 0; // of the connection; what an older one still has to say doesn't count
  #opening = 0; // the generation that waits for its address
  #attempt = 0;
  #retryTimer = 0;
  #silenceTimer = 0;
  #connectedAt = 0;
  #heardAt = 0;
  #hiddenAt = 0;
  #refused = false;

  /** @param {StreamOptions} options */
  constructor(options) {
    this.options = options;
    this.env = options.env;
  }

  start() {
    const { watch, isHidden, now } = this.env;
    this.#heardAt = now();
    this.#undos = [
      watch("visibilitychange", () => {
        if (isHidden()) this.#hiddenAt = now();
        else this.#check(this.#hiddenAt > 0 && now() - this.#hiddenAt > HIDDEN_MS_MAX);
      }),
      watch("pagehide", () => this.#close()), // an open connection keeps a page out of the back/forward cache
      watch("pageshow", () => this.#check(false)),
      watch("online", () => this.#check(true)),
      watch("offline", () => this.#say("offline")),
    ];
    this.#say(this.#lostState());
    void this.#open();
    this.#listenToSilence();
  }

  stop() {
    this.#close();
    this.env.clearTimeout(this.#silenceTimer);
    for (const undo of this.#undos) undo();
  }

  /** @param {LinkState} state @param {Ended} [ended] */
  #say(state, ended) {
    if (state === this.#state && !ended) return;
    this.#state = state;
    this.options.onState?.(state, ended);
  }

  #lostState() {
    return this.env.isOnline() ? "reconnecting" : "offline";
  }

  #close() {
    this.#generation += 1;
    this.env.clearTimeout(this.#retryTimer);
    this.#source?.close();
    this.#source = null;
  }

  async #open() {
    this.#close();
    const mine = (this.#opening = this.#generation);
    try {
      if (this.#refused && !this.options.ticketed) await this.options.probe();
      const url = await this.options.address();
      if (mine === this.#generation) this.#listen(url);
    } catch (error) {
      if (mine !== this.#generation) return;
      const problem = error instanceof ProblemError ? error : null;
      if (problem?.status === 401 || problem?.status === 403) {
        this.#end({ code: problem.code, message: problem.message });
      } else {
        this.#say(this.#lostState());
        this.#retryLater();
      }
    }
  }

  /** @param {string} address */
  #listen(address) {
    const after = this.cursor.id() && `${address.includes("?") ? "&" : "?"}after=${encodeURIComponent(this.cursor.id())}`;
    const source = new this.env.EventSource(address + after, { withCredentials: this.options.withCredentials });
    const mine = this.#generation;
    /** @param {string} type @param {(event: MessageEvent) => void} hear */
    const on = (type, hear) => source.addEventListener(type, (event) => {
      this.#heardAt = this.env.now();
      if (mine === this.#generation) hear(/** @type {MessageEvent} */ (event));
    });
    const { handlers } = this.options;
    this.#source = source;
    this.#refused = false;
    this.#heardAt = this.env.now();
    on("connected", (event) => this.#connected(event));
    on("session-expiring", (event) => handlers["session-expiring"]?.(JSON.parse(event.data)));
    // The server's own `error` event has data; the browser's news of a lost connection has none.
    on("error", (event) => (typeof event.data === "string" ? this.#told(JSON.parse(event.data)) : this.#lost(source)));
    for (const type of new Set([...LOGGED, ...Object.keys(handlers)])) {
      if (OF_THE_STREAM.has(type)) continue;
      on(type, ({ data, lastEventId }) => {
        if (this.cursor.accept(lastEventId, `${type} ${data}`)) handlers[type]?.(JSON.parse(data));
      });
    }
  }

  /** @param {MessageEvent} event */
  #connected(event) {
    /** @type {import("./types.js").Connected} */
    const data = JSON.parse(event.data);
    const { userId, handlers } = this.options;
    if (userId && data.userId !== userId) {
      this.#end({ code: "other-user", message: "Somebody else is signed in here." });
      return;
    }
    if (!data.resumed) this.cursor.reset(event.lastEventId);
    this.#connectedAt = this.env.now();
    this.#say("live");
    handlers.connected?.(data);
  }

  /** The server says why it ends the stream. @param {Ended} ended */
  #told(ended) {
    this.options.handlers.error?.(ended);
    if (FINAL.has(ended.code)) this.#end(ended);
    else this.#say(this.#lostState()); // capacity, draining …: the connection ends next, and with that comes the retry
  }

  /** @param {EventSource} source */
  #lost(source) {
    this.#say(this.#lostState());
    if (this.#connectedAt && this.env.now() - this.#connectedAt > STEADY_MS) this.#attempt = 0;
    this.#connectedAt = 0;
    this.#refused = source.readyState === this.env.EventSource.CLOSED;
    if (this.#refused || this.options.ticketed) this.#retryLater();
  }

  /** @param {Ended} ended */
  #end(ended) {
    this.#say("signed-out", ended);
    if (this.options.forever) this.#retryLater();
    else this.stop();
  }

  #retryLater() {
    this.#close();
    const waitMs = fullJitter(this.#attempt, this.env.random);
    this.#attempt += 1;
    this.#retryTimer = this.env.setTimeout(() => void this.#open(), waitMs);
  }

  /** Open again at once where the connection is gone, or may be dead without anyone having noticed.
   * @param {boolean} doubtful */
  #check(doubtful) {
    const gone = !this.#source || this.#source.readyState === this.env.EventSource.CLOSED;
    const opening = this.#opening === this.#generation && !this.#source;
    if (doubtful || (gone && !opening)) void this.#open();
  }

  #listenToSilence() {
    const { now, random, isHidden } = this.env;
    if (!isHidden() && now() - this.#heardAt > SILENT_MS_MAX) this.#check(true);
    const waitMs = SILENT_MS_MAX / 2 + (random() * SILENT_MS_MAX) / 4; // not every phone in the same second
    this.#silenceTimer = this.env.setTimeout(() => this.#listenToSilence(), waitMs);
  }
}
