// @ts-check
/**
 * `io(url, { auth })`, `on`, `off` and `emit` as in Socket.IO, made of commands and one stream, for code written for
 * it.
 *
 *     const socket = io("", { auth: { token, userId } });
 *     socket.on("balance-updated", ({ newBalance }) => show(newBalance));
 *     socket.emit("join-order-room", { orderId });
 */
import { envWith } from "../sdk/browser.js";
import { createClient } from "../sdk/client.js";
import { Emitter } from "./emitter.js";
import { isSignedOut, ProblemError } from "../sdk/problem.js";
import { SEED_COMMANDS } from "./seed-commands.js";
import { createSnapshotEvents } from "./snapshot-events.js";

/** @typedef {{auth?: {token?: string, userId?: string}, autoConnect?: boolean, env?: Partial<import("../sdk/types.js").Env>}} SocketOptions
 *   token: without it, the session cookie; userId: asked for when it isn't given; autoConnect: false to wait for
 *   `connect()` */
/** @typedef {(answer: any) => void} Ack */

const RETRY_MS = 4_000;

/** @param {string} [url]  of the server; empty: where the page came from @param {SocketOptions} [options] */
export const io = (url = "", options = {}) => new Socket(url, options);

export class Socket extends Emitter {
  connected = false;
  /** Made anew for each connection, as there; it means nothing to the server. @type {string | undefined} */
  id = undefined;
  /** What is left of the manager: it tells `reconnect`. */
  io = new Emitter();
  #wasConnected = false;
  #userId;
  #env;
  #stream = /** @type {{stop: () => void} | null} */ (null);
  #outbox = /** @type {import("../sdk/outbox.js").Outbox | null} */ (null);
  #generation = 0;
  #lastError = "";
  #missed = /** @type {ReturnType<typeof createSnapshotEvents> | null} */ (null);

  /** @param {string} url @param {SocketOptions} options */
  constructor(url, { auth = {}, autoConnect = true, env }) {
    super();
    this.#env = envWith(env);
    /** @type {import("../sdk/client.js").Client} */
    this.client = createClient({ baseUrl: url.replace(/\/+$/, ""), ...(auth.token && { token: auth.token }), env: this.#env });
    this.#userId = auth.userId ?? "";
    if (autoConnect) this.connect();
  }

  get disconnected() {
    return !this.connected;
  }

  /** Whether it is connected or tries to be. */
  get active() {
    return this.#generation % 2 === 1;
  }

  /** What is sent by it is dropped while there is no connection.
   * @returns {{emit: (event: string, data?: any, ack?: Ack) => Socket}} */
  get volatile() {
    return { emit: (event, data, ack) => (this.connected ? this.emit(event, data, ack) : this) };
  }

  open() {
    return this.connect();
  }

  close() {
    return this.disconnect();
  }

  /** Wait no longer than this for an answer. What is sent is not taken back: with the same key it counts once.
   * @param {number} ms @returns {{emitWithAck: (event: string, data?: any) => Promise<any>,
   *   emit: (event: string, data?: any, ack?: (error: any, answer?: any) => void) => Socket}} */
  timeout(ms) {
    const emitWithAck = (/** @type {string} */ event, /** @type {any} */ data = {}) => this.#within(ms, this.emitWithAck(event, data));
    return {
      emitWithAck,
      emit: (event, data, ack) => {
        const [body, told] = typeof data === "function" ? [{}, data] : [data, ack];
        emitWithAck(event, body).then((answer) => told?.(null, answer), (error) => told?.(error));
        return this;
      },
    };
  }

  /** @template T @param {number} ms @param {Promise<T>} answer @returns {Promise<T>} */
  #within(ms, answer) {
    return new Promise((resolve, reject) => {
      const timer = this.#env.setTimeout(() => reject(new Error("operation has timed out")), ms);
      answer.then(resolve, reject).finally(() => this.#env.clearTimeout(timer));
    });
  }

  connect() {
    if (this.#generation % 2 === 0) void this.#follow((this.#generation += 1)); // odd while it wants to be connected
    return this;
  }

  disconnect() {
    if (this.#generation % 2 === 0) return this;
    this.#generation += 1;
    this.#stream?.stop();
    this.#outbox?.stop();
    this.#stream = this.#outbox = null;
    this.#show(false, "io client disconnect");
    return this;
  }

  /** Return whether a `balance-updated` is about the balance that this socket's person or stall shows: a stall's keeper
   * has a wallet, too, and an organiser may have joined other people's rooms. @param {any} data @returns {boolean} */
  isOwnBalance(data) {
    return this.#missed?.isOwn(data) ?? false;
  }

  /** Send a command under its old name. What becomes of it goes to `ack`; a refusal also to the `error` handlers.
   * @param {string} event @param {any} [data] @param {Ack} [ack] @returns {this} */
  emit(event, data = {}, ack) {
    if (typeof data === "function") return this.emit(event, {}, data);
    this.emitWithAck(event, data).then(
      (answer) => ack?.(answer),
      (problem) => {
        const error = { code: problem.code ?? "internal", message: problem.message };
        this.tell("error", error);
        ack?.({ error });
      },
    );
    return this;
  }

  /** @param {string} event @param {any} [data] @returns {Promise<any>} the answer @throws {ProblemError} */
  async emitWithAck(event, data = {}) {
    const command = Object.hasOwn(SEED_COMMANDS, event) ? SEED_COMMANDS[event] : undefined;
    if (!command) throw new ProblemError({ status: 0, code: "unknown-event", title: `There is no command for "${event}".` });
    return command({ client: this.client, outbox: () => this.#openOutbox() }, data ?? {});
  }

  #openOutbox() {
    this.#outbox ??= this.client.outbox({
      userId: this.#userId,
      onRefused: ({ orderId, status }, { code, message }) => this.tell("error", { code, message, orderId, status }),
    });
    return this.#outbox;
  }

  /** @param {number} mine */
  async #follow(mine) {
    try {
      this.#userId ||= (await this.client.get("/v1/me")).userId;
    } catch (error) {
      return this.#failed(mine, error);
    }
    if (mine !== this.#generation) return;
    const missed = (this.#missed = createSnapshotEvents(this.#userId));
    this.#stream = this.client.follow({
      userId: this.#userId,
      onEvent: (type, data) => {
        if (mine !== this.#generation) return;
        if (type === "error") this.#lastError = data.code;
        missed.hear(type, data);
        if (type === "connected") this.#show(true);
        this.tell(type, data);
        if (type === "connected" && data.snapshot) missed.eventsOf(data.userType, data.snapshot).forEach((told) => this.tell(...told));
      },
      onState: (state, ended) => {
        if (mine !== this.#generation) return;
        if (ended) this.#generation += 1; // `connect()` may try anew
        if (ended && ended.code !== this.#lastError) this.tell("error", ended);
        this.#lastError = "";
        this.#show(state === "live", state === "signed-out" ? "io server disconnect" : "transport close");
      },
    });
  }

  /** End the socket if the person is signed out; try again after any other failure to learn who they are.
   * @param {number} mine @param {unknown} error */
  #failed(mine, error) {
    if (mine !== this.#generation) return;
    const problem = error instanceof ProblemError ? error : null;
    if (!problem || isSignedOut(problem)) this.#generation += 1; // `connect()` may try anew
    else this.#env.setTimeout(() => mine === this.#generation && void this.#follow(mine), this.#waitMs(problem));
    this.tell("connect_error", { code: problem?.code ?? "internal", message: problem?.message ?? String(error) });
  }

  /** @param {ProblemError} problem */
  #waitMs = ({ retryAfter }) => (retryAfter ?? 0) * 1_000 + RETRY_MS * (0.5 + this.#env.random());

  /** @param {boolean} connected @param {string} [reason] */
  #show(connected, reason = "") {
    if (connected === this.connected) return;
    this.connected = connected;
    this.id = connected ? this.#env.random().toString(36).slice(2, 14) : undefined;
    if (!connected) return this.tell("disconnect", reason);
    this.tell("connect");
    if (this.#wasConnected) this.io.tell("reconnect");
    this.#wasConnected = true;
    void this.#openOutbox().flush();
  }
}
