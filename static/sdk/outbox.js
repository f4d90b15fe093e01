// @ts-check
import { fullJitter } from "./wire/backoff.js";
import { isDefinite, randomKey } from "./idempotency.js";
import { ProblemError } from "./problem.js";
import { createKept } from "./storage.js";

/** @typedef {import("./types.js").OrderStatus} OrderStatus */
/** @typedef {{orderId: string, status: OrderStatus, estimatedTime?: number, from?: OrderStatus}} Step
 *   from: the status that the stall saw; with it, the server refuses a step whose order has moved on meanwhile */
/** @typedef {{itemId: string, available: boolean}} Availability  a menu item sold out, or to be had again */
/** @typedef {Step & import("./storage.js").Kept} Waiting */
/** @typedef {Availability & import("./storage.js").Kept} WaitingItem */
/** @typedef {ReturnType<typeof createOutbox>} Outbox */

/** @typedef {object} OutboxOptions
 * @property {import("./types.js").Env} env
 * @property {import("./wire/http.js").Http} http
 * @property {string} name  one for each person, so that nobody sends another person's changes
 * @property {(step: Waiting, order: any) => void} [onSent]
 * @property {(step: Waiting, problem: ProblemError) => void} [onRefused]  not tried again: show the order as it is
 * @property {(change: WaitingItem, item: any) => void} [onItemSent]
 * @property {(change: WaitingItem, problem: ProblemError) => void} [onItemRefused]
 */

const STEPS_MAX = 500;
const KEPT_MS = 24 * 60 * 60 * 1_000; // a status of yesterday helps nobody
const RETRIES = { firstMs: 2_000, mostMs: 60_000 };

/**
 * Keeps a stall's changes on its device while it is offline, and sends them in order, each at most once: status changes
 * of orders, and which items of the menu are sold out. Not for commands that move money: a payment or refund that
 * waited would be made when nobody expects it any more.
 * @param {OutboxOptions} options
 */
export function createOutbox({ env, http, name, onSent, onRefused, onItemSent, onItemRefused }) {
  let attempt = 0;
  let timer = 0;
  let running = /** @type {Promise<void> | null} */ (null);
  let isWanted = false; // also while it runs: what was added may have been too late for this round
  let isStopped = false;

  /** Run something under a lock, because several tabs may share the outbox.
   * @template T @param {string} what @param {() => T | Promise<T>} act @returns {Promise<T>} */
  const alone = (what, act) =>
    /** @type {Promise<T>} */ (env.locks ? env.locks.request(`${name} ${what}`, {}, act) : Promise.resolve().then(act));

  const steps = /** @type {ReturnType<typeof createKept<Waiting>>} */ (createKept(env.deviceStore, name, (act) => alone("write", act)));
  // A list of its own: a tab that still runs an older version of this file would take its rows for steps.
  const items = /** @type {ReturnType<typeof createKept<WaitingItem>>} */ (createKept(env.deviceStore, `${name} items`, (act) => alone("write", act)));
  const count = () => steps.read().length + items.read().length;

  /** @param {Step} step @returns {Promise<Waiting>} as soon as it is kept
   * @throws {RangeError} a step that moves money, or too many that wait */
  async function add({ orderId, status, estimatedTime, from }) {
    if (status === "cancelled") throw new RangeError("A cancellation pays money back: send it when the server can answer.");
    if (count() >= STEPS_MAX) throw new RangeError("Too many changes wait already.");
    const step = { orderId, status, ...(estimatedTime !== undefined && { estimatedTime }), ...(from && { from }), key: randomKey(), at: env.now() };
    await steps.write((list) => [...list, step]);
    void flush();
    return step;
  }

  /** Say whether an item can be had. Of several changes of one item, the newest counts.
   * @param {Availability} change @returns {Promise<WaitingItem>} as soon as it is kept
   * @throws {RangeError} too many that wait */
  async function setAvailable({ itemId, available }) {
    if (count() >= STEPS_MAX) throw new RangeError("Too many changes wait already.");
    const change = { itemId, available, key: randomKey(), at: env.now() };
    await items.write((list) => [...list.filter((other) => other.itemId !== itemId), change]);
    void flush();
    return change;
  }

  /** Send what waits, as far as it goes. */
  function flush() {
    env.clearTimeout(timer);
    isWanted = true;
    running ??= run().finally(() => {
      running = null;
      if (isStopped || count() === 0) return void (attempt = 0);
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
    const isThere = await sendFrom(steps, ({ orderId }) => orderId, sendStep, onSent, onRefused);
    if (isThere) await sendFrom(items, ({ itemId }) => itemId, sendItem, onItemSent, onItemRefused);
  }

  /** Send what waits in one list. While one noun's change meets a fault, its later ones wait and the others go on.
   * @template {import("./storage.js").Kept} T
   * @param {ReturnType<typeof createKept<T>>} kept @param {(change: T) => string} nounOf
   * @param {(change: T) => Promise<any>} send @param {((change: T, answer: any) => void) | undefined} sent
   * @param {((change: T, problem: ProblemError) => void) | undefined} refused
   * @returns {Promise<boolean>} false: the server is away, or we are signed out; nothing else would get through */
  async function sendFrom(kept, nounOf, send, sent, refused) {
    const stuck = new Set();
    for (let change; !isStopped && (change = await next(kept, (one) => !stuck.has(nounOf(one)))); ) {
      try {
        const answer = await send(change);
        await kept.remove(change.key);
        attempt = 0;
        sent?.(change, answer);
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error;
        if (isDefinite(error)) {
          await kept.remove(change.key);
          refused?.(change, error);
        } else if (error.status === 500) {
          stuck.add(nounOf(change));
        } else {
          return false;
        }
      }
    }
    return env.isOnline();
  }

  /** While the browser says that there is no network nothing is tried: so it can still be called off.
   * @template {import("./storage.js").Kept} T @param {ReturnType<typeof createKept<T>>} kept
   * @param {(change: T) => boolean} isWanted @returns {Promise<T | undefined>} */
  const next = async (kept, isWanted) => (env.isOnline() ? kept.take(isWanted) : undefined);

  /** @param {Waiting} step @returns {Promise<any>} the order @throws {ProblemError} */
  async function sendStep({ orderId, status, estimatedTime, from, key, at }) {
    if (env.now() - at > KEPT_MS) throw tooLate();
    const body = { status, ...(estimatedTime !== undefined && { estimatedTime }), ...(from && { from }) };
    return (await http.sendOnce("POST", `/v1/orders/${encodeURIComponent(orderId)}/status`, { body, idempotencyKey: key })).data.order;
  }

  /** @param {WaitingItem} change @returns {Promise<any>} the item @throws {ProblemError} */
  async function sendItem({ itemId, available, at }) {
    if (env.now() - at > KEPT_MS) throw tooLate();
    return (await http.sendOnce("PATCH", `/v1/menu/${encodeURIComponent(itemId)}`, { body: { available } })).data;
  }

  const undo = env.watch("online", () => void flush());
  void flush();
  return {
    add,
    setAvailable,
    flush,
    /** The waiting steps, the oldest first. */
    pending: steps.read,
    /** The items' waiting changes. */
    pendingItems: items.read,
    /** Call off a change of either kind that was never tried.
     * @param {string} key @returns {Promise<boolean>} false: it may have reached the server already */
    drop: async (key) => (await steps.drop(key)) || items.drop(key),
    /** Stop sending; what waits is kept. */
    stop() {
      isStopped = true;
      env.clearTimeout(timer);
      undo();
    },
  };
}

const tooLate = () => new ProblemError({ status: 409, code: "too-late", title: "This change has waited too long." });
