// @ts-check
import { fullJitter } from "./wire/backoff.js";
import { readEvents } from "./wire/poll.js";
import { isSignedOut, otherUser, ProblemError } from "./problem.js";
import { Silence, StreamReader } from "./wire/reader.js";

/** @typedef {import("./types.js").LinkState} LinkState */
/** @typedef {{code: string, message: string}} Ended */
/** @typedef {{type: string, data: any, id: string | null}} Frame */

/** @typedef {object} ConnectionOptions
 * @property {import("./types.js").Env} env
 * @property {import("./wire/http.js").Http} http
 * @property {string} url  of the stream
 * @property {() => Promise<string>} [ticket]  asked before each opening; ProblemError 401 or 403: signed out
 * @property {string} [pollUrl]  the same events as a long poll, for networks that swallow streams
 * @property {string} [userId]  whose stream this must be: a cookie may have changed hands
 * @property {boolean} [forever]  a screen that nobody looks after: keep trying even when signed out
 * @property {() => string} after  the id of the last event seen
 * @property {(frame: Frame) => void} onFrame
 * @property {(state: LinkState, ended?: Ended) => void} onState
 */

const FINAL = new Set(["unauthorized", "token-expired", "session-ended", "suspended", "display-revoked", "forbidden"]);
const STEADY_MS = 10_000; // a connection that lived this long ends the back-off
const OPEN_MS_MAX = 10_000; // a good stream speaks at once
const HEARTBEAT_S = 15; // until the server has said its own
const PATIENCE_BEATS = 2.5; // silence that counts as the end
const DOUBT_BEATS = 1.2; // silence that is looked into when somebody looks at the screen again
const POLL_WAIT_S = 25;
const POLL_MS_MIN = 1_000; // between polls that bring nothing, should somebody answer without waiting
const POLLS = { firstMs: 30_000, mostMs: 10 * 60_000 }; // how long to poll before the stream gets another chance

/**
 * A connection to the server that comes back behind its cursor, however it ended:
 *
 *     the stream ends, or is refused for now   again, later and later, jittered
 *     it falls silent                          again at once
 *     it opens silently, or falls silent twice the long poll; after a while the stream once more
 *     signed out, suspended …                  the end, unless `forever`
 */
export class Connection {
  #state = /** @type {LinkState | null} */ (null);
  #generation = 0; // of `join`: what an older run still has to say doesn't count
  #isJoined = false;
  #interrupt = () => {}; // ends what the run waits for
  #isResting = false;
  #isHurried = false; // don't wait before the next try
  #reader = /** @type {StreamReader | null} */ (null);
  #attempt = 0;
  #heartbeatMs = HEARTBEAT_S * 1_000;
  #silences = 0; // in a row
  #isPolling = false;
  #pollsUntil = 0;
  #pollSpells = 0; // in a row: polling that began again because the stream was still silent

  /** @param {ConnectionOptions} options */
  constructor(options) {
    this.options = options;
    this.env = options.env;
  }

  join() {
    if (this.#isJoined) return;
    this.#isJoined = true;
    this.#generation += 1;
    this.#state = null;
    this.#say(this.#lostState());
    void this.#run(this.#generation);
  }

  leave() {
    this.#isJoined = false;
    this.#generation += 1;
    this.#interrupt();
  }

  /** Open again at once if the connection is gone or silent for too long: somebody looks at the screen again.
   * @param {boolean} isDoubtful  open again in any case: the network has changed, so the connection may be dead */
  check(isDoubtful) {
    if (!this.#isJoined) return;
    const silentMs = this.#reader ? this.env.now() - this.#reader.heardAt : 0;
    if (isDoubtful) this.#isPolling = false; // another network, perhaps a better one
    if (!isDoubtful && !this.#isResting && silentMs <= DOUBT_BEATS * this.#heartbeatMs) return;
    this.#isHurried = true;
    this.#interrupt();
  }

  /** Do what a timer would have done, had the browser not slowed it down. */
  look() {
    if (this.#reader && this.env.now() - this.#reader.heardAt > PATIENCE_BEATS * this.#heartbeatMs) this.check(true);
  }

  lose() {
    if (this.#isJoined) this.#say("offline");
  }

  /** @param {LinkState} state @param {Ended} [ended] */
  #say(state, ended) {
    if (state === this.#state && !ended) return;
    this.#state = state;
    this.options.onState(state, ended);
  }

  #lostState() {
    return this.env.isOnline() ? "reconnecting" : "offline";
  }

  /** @param {number} mine */
  async #run(mine) {
    while (mine === this.#generation) {
      let waitMs = 0;
      try {
        waitMs = await (this.#isPolling ? this.#poll(mine) : this.#stream(mine));
      } catch (error) {
        if (mine !== this.#generation) return;
        waitMs = this.#failed(error);
      }
      if (mine !== this.#generation) return;
      if (waitMs > 0 && !this.#isHurried) await this.#rest(waitMs);
      this.#isHurried = false;
    }
  }

  /** @param {number} waitMs */
  async #rest(waitMs) {
    this.#isResting = true;
    await new Promise((resolve) => {
      const timer = this.env.setTimeout(() => resolve(undefined), waitMs);
      this.#interrupt = () => {
        this.env.clearTimeout(timer);
        resolve(undefined);
      };
    });
    this.#isResting = false;
  }

  /** @param {unknown} error @returns {number} milliseconds to wait */
  #failed(error) {
    if (error instanceof Silence) {
      this.#say(this.#lostState());
      return 0;
    }
    if (!(error instanceof ProblemError)) throw error;
    if (isSignedOut(error)) this.#end({ code: error.code, message: error.message });
    else this.#say(this.#lostState());
    this.#isPolling = false; // such a failure is no sign of a network that swallows streams
    return (error.retryAfter ?? 0) * 1_000 + this.#backOff();
  }

  #backOff() {
    this.#attempt += 1;
    return 1 + fullJitter(this.#attempt - 1, this.env.random);
  }

  /** @param {Ended} ended */
  #end(ended) {
    this.#say("signed-out", ended);
    if (!this.options.forever) this.leave();
  }

  /** One stream, to its end. @param {number} mine @returns {Promise<number>} milliseconds to wait before the next */
  async #stream(mine) {
    let openedAt = 0;
    const { env } = this;
    const reader = new StreamReader({
      env,
      open: (signal) => this.#open(signal),
      onFrame: ({ type, data, id }) => {
        if (mine !== this.#generation) return;
        if (type === "connected") openedAt = env.now();
        this.#hear({ type, data: JSON.parse(data), id });
      },
    });
    this.#reader = reader;
    this.#interrupt = () => reader.stop();
    try {
      await reader.run(() => (openedAt ? PATIENCE_BEATS * this.#heartbeatMs : OPEN_MS_MAX));
    } catch (error) {
      if (error instanceof Silence) this.#countSilence(openedAt);
      throw error;
    } finally {
      if (this.#reader === reader) this.#reader = null; // else a newer run has its own by now
      if (openedAt && reader.heardAt - openedAt > this.#heartbeatMs / 2) this.#silences = this.#pollSpells = 0;
      if (openedAt && env.now() - openedAt > STEADY_MS) this.#attempt = 0;
    }
    if (mine !== this.#generation) return 0;
    this.#say(this.#lostState());
    return Math.max(reader.retryMs ?? 0, this.#backOff());
  }

  /** @param {AbortSignal} signal */
  async #open(signal) {
    const { http, url, ticket, after } = this.options;
    const query = after() && `?after=${encodeURIComponent(after())}`;
    return http.openStream(url + query, signal, ticket && { ticket: await ticket() });
  }

  /** @param {Frame} frame */
  #hear(frame) {
    const { type, data } = frame;
    if (type === "connected") {
      const { userId } = this.options;
      if (userId && data.userId !== userId) return this.#end(otherUser());
      if (data.heartbeat > 0) this.#heartbeatMs = data.heartbeat * 1_000;
      this.options.onFrame(frame);
      if (this.#isJoined) this.#say("live");
    } else if (type === "error") {
      this.options.onFrame(frame);
      if (FINAL.has(data.code)) this.#end(data);
      else this.#say(this.#lostState()); // capacity, draining …: the server closes next, then comes the retry
    } else {
      this.options.onFrame(frame);
      if (type === "stale") this.#say(this.#lostState()); // what is shown may be old; the server ends this stream soon
    }
  }

  /** @param {number} openedAt  0: it never said a word */
  #countSilence(openedAt) {
    this.#silences += 1;
    if (!this.options.pollUrl || (openedAt && this.#silences < 2)) return;
    this.#isPolling = true;
    this.#pollsUntil = this.env.now() + Math.min(POLLS.mostMs, POLLS.firstMs * 2 ** this.#pollSpells);
    this.#pollSpells += 1;
  }

  /** One long poll; the first doesn't wait. @param {number} mine @returns {Promise<number>} */
  async #poll(mine) {
    const abort = new AbortController();
    this.#interrupt = () => abort.abort();
    const waitS = this.#state === "live" ? POLL_WAIT_S : 0;
    const askedAt = this.env.now();
    const { connected, frames } = await readEvents(this.options, waitS, abort.signal);
    if (mine !== this.#generation) return 0;
    if (!connected.data.resumed || this.#state !== "live") this.#hear(connected);
    for (const frame of frames) if (mine === this.#generation) this.#hear(frame);
    this.#attempt = 0;
    if (this.env.now() > this.#pollsUntil) this.#isPolling = false;
    return frames.length || !waitS ? 0 : Math.max(0, askedAt + POLL_MS_MIN - this.env.now());
  }
}
