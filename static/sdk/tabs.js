// @ts-check
import { fullJitter } from "./wire/backoff.js";
import { POLL_EVENTS_MAX, readEvents } from "./wire/poll.js";
import { isSignedOut, ProblemError } from "./problem.js";

/** @typedef {import("./connection.js").Frame} Frame */
/** @typedef {import("./types.js").LinkState} LinkState */
/** @typedef {{kind: "hello"} | {kind: "lead", id: string, state: LinkState}
 *   | {kind: "frame", before: string, frame: Frame}} Note
 *   sent between tabs. before: the leader's cursor before the frame; a tab that is behind it has missed something */

/** @typedef {object} TabsOptions
 * @property {import("./types.js").Env} env
 * @property {import("./types.js").Locks} locks
 * @property {(name: string) => import("./types.js").Channel} openChannel
 * @property {import("./wire/http.js").Http} http
 * @property {string} name  of the lock and the channel: one for each session, so that people never mix
 * @property {string} userId
 * @property {string} pollUrl
 * @property {import("./wire/cursor.js").Cursor} cursor  of this tab; only `deliver` moves it
 * @property {(frame: Frame) => void} deliver  to this tab
 * @property {(state: LinkState, ended?: import("./connection.js").Ended) => void} onState
 * @property {(hooks: Pick<import("./connection.js").ConnectionOptions, "onFrame" | "onState">) =>
 *   import("./connection.js").Connection} connect
 */

const ASK_MS = 10_000; // how often a tab that is looked at asks after a leader that says nothing
const ANSWER_MS = 2_000; // a living leader answers at once, even from the background, where only timers are slowed down
const WAITING_FRAMES_MAX = 2_000; // of a tab that catches up; beyond it asks again

/**
 * One stream for all tabs of a session. The tab that holds the lock leads: it has the connection and relays each frame.
 * With its own cursor, each tab drops frames that it has seen, and sees that some are missing and asks for them:
 *
 *     a tab opens, or comes back      it says hello; the leader says how far it is, and the tab catches up by itself
 *     the leader closes or crashes    the browser gives the lock to the next tab, which goes on behind its own cursor
 *     the leader hangs                it answers no hello; the tab that is visible takes the lock
 *     the leader is signed out        it steps down; the next one finds out for itself
 */
export class Tabs {
  #isJoined = false;
  #generation = 0; // of joining and of leading: what is left of an older one doesn't count
  #channel = /** @type {import("./types.js").Channel | null} */ (null);
  #waiting = new AbortController(); // for the lock
  #release = /** @type {(() => void) | null} */ (null); // while leading
  #catching = /** @type {AbortController | null} */ (null);
  #buffer = /** @type {{before: string, frame: Frame}[]} */ ([]); // what came while catching up
  #goal = ""; // how far the leader is
  #leaderState = /** @type {LinkState} */ ("reconnecting");
  #heardAt = 0;
  #askTimer = 0;

  /** @param {TabsOptions} options */
  constructor(options) {
    this.options = options;
    this.env = options.env;
    this.connection = options.connect({
      onFrame: (frame) => this.#relay(frame),
      onState: (state, ended) => this.#leadState(state, ended),
    });
  }

  join() {
    if (this.#isJoined) return;
    this.#isJoined = true;
    this.#leaderState = "reconnecting";
    this.#heardAt = this.env.now();
    const channel = this.options.openChannel(this.options.name);
    channel.onmessage = ({ data }) => channel === this.#channel && this.#hear(data);
    this.#channel = channel;
    this.#show();
    this.#standForLeader({});
    this.#post({ kind: "hello" });
    this.#askLater();
  }

  leave() {
    this.#isJoined = false;
    this.#generation += 1;
    this.env.clearTimeout(this.#askTimer);
    this.#waiting.abort();
    this.#stopCatching();
    this.connection.leave();
    this.#release?.();
    this.#release = null;
    this.#channel?.close();
    this.#channel = null;
  }

  /** @param {boolean} isDoubtful */
  check(isDoubtful) {
    if (!this.#isJoined) return;
    if (this.#release) this.connection.check(isDoubtful);
    else this.#ask();
    this.#show();
  }

  lose() {
    if (!this.#isJoined) return;
    if (this.#release) this.connection.lose();
    else this.options.onState("offline");
  }

  // The lock

  /** @param {{steal?: boolean}} how */
  #standForLeader(how) {
    this.#waiting.abort();
    this.#waiting = new AbortController();
    const mine = (this.#generation += 1);
    const lead = () => (mine === this.#generation ? this.#lead(mine) : undefined);
    const request = this.options.locks.request(this.options.name, how.steal ? how : { signal: this.#waiting.signal }, lead);
    request.catch(({ name }) => { // not wanted any more, or another tab has taken the lock away from us
      if (mine !== this.#generation) return;
      if (name !== "AbortError") return void this.#lead(mine); // there are no locks here, as in a sandboxed frame
      this.#release = null;
      this.connection.leave();
      this.#standForLeader({});
    });
  }

  /** @param {number} mine @returns {Promise<void>} held as long as this lasts */
  #lead(mine) {
    this.#stopCatching();
    return new Promise((resolve) => {
      this.#release = () => resolve(undefined);
      if (mine === this.#generation) this.connection.join();
    });
  }

  /** Ask the leader for a sign of life. */
  #ask() {
    const askedAt = this.env.now();
    this.#post({ kind: "hello" });
    const mine = this.#generation;
    this.env.setTimeout(() => {
      const isSilent = mine === this.#generation && !this.#release && this.#heardAt < askedAt;
      if (isSilent && !this.env.isHidden()) this.#standForLeader({ steal: true });
    }, ANSWER_MS * (1 + this.env.random() / 2)); // the first of many tabs takes the lock, the others hear of it
  }

  #askLater() {
    this.#askTimer = this.env.setTimeout(() => {
      if (!this.#release && !this.env.isHidden() && this.env.now() - this.#heardAt >= ASK_MS) this.#ask();
      this.#askLater();
    }, ASK_MS);
  }

  // Leading

  /** @param {Frame} frame */
  #relay(frame) {
    const before = this.options.cursor.id();
    this.options.deliver(frame);
    if (frame.type === "connected") return this.#tellLead("live");
    // Faults of the stream concern the leader alone; that the person is something else now concerns all tabs.
    if (frame.type !== "error" || frame.data.code === "role-changed") this.#post({ kind: "frame", before, frame });
  }

  /** @param {LinkState} state @param {import("./connection.js").Ended} [ended] */
  #leadState(state, ended) {
    if (!this.#isJoined) return;
    if (state === "signed-out") this.leave();
    else this.#tellLead(state);
    this.options.onState(state, ended);
  }

  /** @param {LinkState} state */
  #tellLead(state) {
    this.#leaderState = state;
    this.#post({ kind: "lead", id: this.options.cursor.id(), state });
  }

  /** @param {Note} note */
  #post(note) {
    this.#channel?.postMessage(note);
  }

  // Following

  /** @param {Note} note */
  #hear(note) {
    if (this.#release) {
      if (note.kind !== "hello") return; // of a leader that was
      this.connection.look(); // another tab's question is as good as a timer, which in the background would be late
      return this.#tellLead(this.#leaderState);
    }
    if (note.kind === "hello") return;
    this.#heardAt = this.env.now();
    if (note.kind === "lead") {
      this.#leaderState = note.state;
      this.#goal = note.id;
      if (this.options.cursor.isBehind(note.id)) this.#catchUp();
      this.#show();
    } else if (this.#catching || this.options.cursor.isBehind(note.before)) {
      if (this.#buffer.length < WAITING_FRAMES_MAX) this.#buffer.push(note);
      this.#goal = note.frame.id ?? this.#goal;
      this.#catchUp();
    } else {
      this.options.deliver(note.frame);
    }
  }

  #show() {
    const isLive = this.#leaderState === "live" && !this.#catching && this.options.cursor.id() !== "";
    this.options.onState(isLive ? "live" : this.env.isOnline() ? "reconnecting" : "offline");
  }

  #stopCatching() {
    this.#catching?.abort();
    this.#catching = null;
    this.#buffer = [];
  }

  #catchUp() {
    if (this.#catching) return;
    const abort = (this.#catching = new AbortController());
    void this.#read(abort.signal).catch((error) => {
      if (abort.signal.aborted) return;
      this.leave();
      if (!(error instanceof ProblemError)) throw error;
      this.options.onState("signed-out", { code: error.code, message: error.message });
    });
  }

  /** @param {AbortSignal} signal @throws {ProblemError} signed out */
  async #read(signal) {
    const { http, pollUrl, userId, cursor, deliver } = this.options;
    for (let attempt = 0; !signal.aborted; ) {
      try {
        const { connected, frames } = await readEvents({ http, pollUrl, userId, after: cursor.id }, 0, signal);
        if (signal.aborted) return;
        if (!connected.data.resumed) deliver(connected);
        frames.forEach(deliver);
        if (!cursor.isBehind(this.#goal)) return this.#caughtUp();
        if (frames.length >= POLL_EVENTS_MAX) continue;
        // Our server process lags behind the leader's, or there is another leader.
        this.#post({ kind: "hello" });
      } catch (error) {
        if (!(error instanceof ProblemError) || isSignedOut(error)) throw error;
      }
      attempt += 1;
      await new Promise((resolve) => this.env.setTimeout(() => resolve(undefined), 50 + fullJitter(attempt, this.env.random, { firstMs: 250 })));
    }
  }

  #caughtUp() {
    const buffer = this.#buffer;
    this.#catching = null;
    this.#buffer = [];
    // The buffer has a hole if it was full, or if the log was restored meanwhile. Then we ask the leader how far it is.
    const fits = buffer.every(({ before, frame }) => {
      if (this.options.cursor.isBehind(before)) return false;
      this.options.deliver(frame);
      return true;
    });
    if (!fits) this.#post({ kind: "hello" });
    this.#show();
  }
}
