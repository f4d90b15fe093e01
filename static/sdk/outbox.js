// @ts-check
import { fullJitter } from "./wire/backoff.js";
import { isDefinite, randomKey } from "./idempotency.js";
import { ProblemError } from "./problem.js";

/** @typedef {import("./types.js").OrderStatus} OrderStatus */
/** @typedef {{orderId: string, status: OrderStatus, estimatedTime?: number, from?: OrderStatus}} Step
 *   from: the status that the stall saw; with it, a step that waited isn't sent if the order has moved on meanwhile */
/** @typedef {Step & {key: string, at: number}} Waiting */
/** @typedef {ReturnType<typeof createOutbox>} Outbox */

/** @typedef {object} OutboxOptions
 * @property {import("./types.js").Env} env
 * @property {import("./wire/http.js").Http} http
 * @property {string} name  one for each person, so that nobody sends another person's steps
 * @property {(step: Waiting, order: any) => void} [onSent]
 * @property {(step: Waiting, problem: ProblemError) => void} [onRefused]  not tried again: show the order as it is
 */

const STEPS_MAX = 500;
const FRESH_MS = 5_000; // a step younger than this is sent without a look at the order, if it can't be a recall
const KEPT_MS = 24 * 60 * 60 * 1_000; // a status of yesterday helps nobody
const RETRIES = { firstMs: 2_000, mostMs: 60_000 };

/**
 * Keeps the status changes of a stall on its device while it is offline, and sends them in order, each at most once.
 * Not for commands that move money: a payment or refund that waited would be made when nobody expects it any more.
 * @param {OutboxOptions} options
 */
export function createOutbox({ env, http, name, onSent, onRefused }) {
  const store = env.deviceStore;
  let attempt = 0;
  let timer = 0;
  let running = /** @type {Promise<void> | null} */ (null);
  let isWanted = false; // also while it runs: what was added may have been too late for this round
  let isStopped = false;

  /** Run something under a lock, because several tabs may share the outbox.
   * @template T @param {string} what @param {() => T | Promise<T>} act @returns {Promise<T>} */
  const alone = (what, act) =>
    /** @type {Promise<T>} */ (env.locks ? env.locks.request(`${name} ${what}`, {}, act) : Promise.resolve().then(act));

  /** @returns {Waiting[]} */
  function read() {
    try {
      const kept = JSON.parse(store.get(name) ?? "[]");
      return Array.isArray(kept) ? kept : [];
    } catch {
      return [];
    }
  }

  /** @param {(steps: Waiting[]) => Waiting[]} change */
  const write = (change) => alone("write", () => store.set(name, JSON.stringify(change(read()))));

  /** @param {Step} step @returns {Promise<Waiting>} as soon as it is kept
   * @throws {RangeError} a step that moves money, or too many that wait */
  async function add({ orderId, status, estimatedTime, from }) {
    if (status === "cancelled") throw new RangeError("A cancellation pays money back: send it when the server can answer.");
    if (read().length >= STEPS_MAX) throw new RangeError("Too many changes wait already.");
    const step = { orderId, status, ...(estimatedTime !== undefined && { estimatedTime }), ...(from && { from }), key: randomKey(), at: env.now() };
    await write((steps) => [...steps, step]);
    void flush();
    return step;
  }

  /** Send what waits, as far as it goes. */
  function flush() {
    env.clearTimeout(timer);
    isWanted = true;
    running ??= run().finally(() => {
      running = null;
      if (isStopped || read().length === 0) return void (attempt = 0);
      timer = env.setTimeout(() => void flush(), 100 + fullJitter(attempt, env.random, RETRIES));
      attempt += 1;
    });
    return running;
  }

  async function run() {
    while (isWanted && !isStopped) {
      isWanted = false;
      await alone("send", sendAll);
    }
  }

  async function sendAll() {
    const stuck = new Set(); // orders whose step must wait, and with it the later ones
    for (let step; !isStopped && (step = read().find(({ orderId }) => !stuck.has(orderId))); ) {
      const { key, orderId } = step;
      try {
        const order = await send(step);
        await write((steps) => steps.filter((other) => other.key !== key));
        attempt = 0;
        onSent?.(step, order);
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error;
        if (isDefinite(error)) {
          await write((steps) => steps.filter((other) => other.key !== key));
          onRefused?.(step, error);
        } else if (error.status === 500) {
          stuck.add(orderId);
        } else {
          return; // the server is away, or we are signed out: nothing else would get through either
        }
      }
    }
  }

  /** @param {Waiting} step @returns {Promise<any>} the order @throws {ProblemError} */
  async function send({ orderId, status, estimatedTime, from, key, at }) {
    const path = `/v1/orders/${encodeURIComponent(orderId)}`;
    // Another tablet may have completed the order since: then `ready`, meant for one that was preparing, would recall it.
    const mayRecall = status === "ready" && from !== undefined && from !== "completed";
    if (env.now() - at > FRESH_MS || mayRecall) {
      const { data: order } = await http.sendOnce("GET", path);
      if (order.status === status) return order; // an earlier try went through, or somebody else was quicker
      if (env.now() - at > KEPT_MS) throw movedOn("This change has waited too long.", order.status, status);
      if (from && order.status !== from) throw movedOn("The order has moved on meanwhile.", order.status, status);
    }
    const body = { status, ...(estimatedTime !== undefined && { estimatedTime }) };
    return (await http.sendOnce("POST", `${path}/status`, { body, idempotencyKey: key })).data.order;
  }

  const undo = env.watch("online", () => void flush());
  void flush();
  return {
    add,
    flush,
    /** The waiting steps, the oldest first. */
    pending: read,
    /** Stop sending; what waits is kept. */
    stop() {
      isStopped = true;
      env.clearTimeout(timer);
      undo();
    },
  };
}

/** @param {string} detail @param {OrderStatus} orderStatus @param {OrderStatus} asked */
const movedOn = (detail, orderStatus, asked) =>
  new ProblemError({ status: 409, code: "invalid-transition", title: "This order has moved on.", detail, params: { orderStatus, asked } });
