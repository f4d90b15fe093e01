// @ts-check
import { fullJitter } from "./backoff.js";
import { networkProblem, offlineProblem, ProblemError, readProblem } from "../problem.js";
import { prove, wantedWork } from "./proof.js";

/** @typedef {{data: any, status: number, replayed: boolean}} Answer */
/** @typedef {{body?: unknown, idempotencyKey?: string, proof?: string}} Payload  proof: of work, to get in when many want to */
/** @typedef {ReturnType<typeof createHttp>} Http */
/** @typedef {"open" | "away" | "off"} Reach  what is known of the way to the server. away: the stream was lost; off: and
 *   the browser says that there is no network */
/** @typedef {{signal?: AbortSignal | undefined, onWaiting?: (() => void) | undefined, onWork?: (() => void) | undefined}} Patience
 *   signal: calls the tries off; onWaiting: told once when no answer has come, and the tries go on by themselves;
 *   onWork: told when this device begins a proof of work */

const TRY_MS_MAX = 10_000; // one try; a field's network either answers by then or won't
/** All tries of one request, in milliseconds: whoever is known to be cut off is told soon, not after twenty seconds.
 * @type {Record<Reach, number>} */
const RETRY_FOR_MS = { open: 20_000, away: 4_000, off: 0 };
const RETRY_STATUSES = [0, 502, 503, 504];
const PROOFS_MAX = 3; // for one request: a proof may be late, or others were quicker
const SILENCE_MS = 2_000; // then somebody who waits is told what they wait for

/** How far the server's clock is ahead of ours. The `Date` of each answer gives two bounds, because it names the second
 * in which the answer was made: it was not before the question, and not after the answer came.
 * @param {() => number} now  milliseconds */
export function createClock(now) {
  let [least, most] = [-Infinity, Infinity];
  return {
    /** @param {string | null} date  the header @param {number} askedAt */
    hear(date, askedAt) {
      const second = Date.parse(date ?? "");
      if (Number.isNaN(second)) return; // not told, as to a page of another origin
      const [low, high] = [second - now(), second + 1_000 - askedAt];
      [least, most] = [Math.max(least, low), Math.min(most, high)];
      if (least > most) [least, most] = [low, high]; // one of the two clocks was set
    },
    /** The server's time in milliseconds, at the latest that it can be; our own until an answer has come. */
    serverNow: () => now() + (Number.isFinite(most) ? most : 0),
  };
}

/** JSON over HTTP.
 * @param {{baseUrl: string, token?: string, env: import("../types.js").Env, reach?: () => Reach}} options
 */
export function createHttp({ baseUrl, token: first, env, reach = () => "open" }) {
  const clock = createClock(env.now);
  let token = first;
  // A tab with a token must not act as the person of the cookie.
  const credentials = token ? "omit" : baseUrl ? "include" : "same-origin";

  /** @param {string} method @param {Payload} payload @returns {RequestInit} */
  const requestOf = (method, { body, idempotencyKey, proof }) => {
    /** @type {Record<string, string>} */
    const headers = { Accept: "application/json" };
    if (token) headers.Authorization = `Bearer ${token}`;
    if (idempotencyKey) headers["Idempotency-Key"] = idempotencyKey;
    if (proof) headers["Proof-Of-Work"] = proof;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    /** @type {RequestInit} */
    const init = { method, headers, credentials, cache: "no-store" };
    if (body !== undefined) init.body = JSON.stringify(body);
    return init;
  };

  /** One try. @param {string} method @param {string} path @param {Payload} [payload]
   * @param {{waitMs?: number, tryMs?: number, signal?: AbortSignal | undefined}} [bounds]
   *   waitMs: how long the server itself may take to answer; tryMs: how long the way there and back may take
   * @returns {Promise<Answer>} @throws {ProblemError} */
  async function sendOnce(method, path, payload = {}, { waitMs = 0, tryMs = TRY_MS_MAX, signal } = {}) {
    const abort = new AbortController();
    const timer = env.setTimeout(() => abort.abort(), tryMs + waitMs);
    signal?.addEventListener("abort", () => abort.abort());
    const askedAt = env.now();
    try {
      const response = await env.fetch(baseUrl + path, { ...requestOf(method, payload), signal: abort.signal });
      clock.hear(response.headers.get("Date"), askedAt);
      if (!response.ok) throw await readProblem(response);
      const text = await response.text();
      if (!text && response.status !== 204) throw networkProblem(); // no answer of ours
      const replayed = response.headers.get("Idempotent-Replayed") === "true";
      const isPicture = (response.headers.get("Content-Type") ?? "").startsWith("image/"); // a QR code, as SVG text
      return { data: isPicture ? text : text ? JSON.parse(text) : null, status: response.status, replayed };
    } catch (error) {
      throw error instanceof ProblemError ? error : networkProblem();
    } finally {
      env.clearTimeout(timer);
    }
  }

  /** Reads, and commands with an idempotency key, are tried again while the network or the server is away, but no
   * longer than what is known of the way there makes sense. What is known to be in vain is not sent at all. Where the
   * server asks for a proof of work, the request is sent again with it.
   * @param {string} method @param {string} path @param {Payload} [payload] @param {Patience} [patience]
   * @returns {Promise<Answer>}
   * @throws {ProblemError} code `offline`: nothing was sent, or this was a read, which the page may repeat when it is back */
  async function send(method, path, payload = {}, { signal, onWaiting, onWork } = {}) {
    const isRead = method === "GET";
    if (!isRead && reach() === "off") throw offlineProblem();
    const repeatable = isRead || payload.idempotencyKey !== undefined;
    const startedAt = env.now();
    let proof = "";
    let proofs = 0;
    let isTold = onWaiting === undefined;
    const tell = () => {
      if (!isTold) onWaiting?.();
      isTold = true;
    };
    const silence = env.setTimeout(tell, SILENCE_MS);
    try {
      for (let attempt = 0; ; attempt += 1) {
        try {
          return await sendOnce(method, path, proof ? { ...payload, proof } : payload, { tryMs: reach() === "open" ? TRY_MS_MAX : RETRY_FOR_MS.away, signal });
        } catch (error) {
          const problem = /** @type {ProblemError} */ (error);
          if (isRead && problem.status === 0 && !env.isOnline()) throw offlineProblem();
          const work = proofs < PROOFS_MAX ? wantedWork(problem) : null;
          proof = ""; // it was good once
          if (work && env.digest) {
            onWork?.();
            proofs += 1;
            proof = await prove(work, { digest: env.digest, now: env.now, signal });
            if (proof && !signal?.aborted) continue;
          }
          const waitMs = (problem.retryAfter ?? 0) * 1_000 + fullJitter(attempt, env.random, { firstMs: 500, mostMs: 4_000 });
          const isOver = env.now() + waitMs > startedAt + RETRY_FOR_MS[reach()];
          const isTemporary = RETRY_STATUSES.includes(problem.status) || (isRead && problem.status === 429);
          if (!repeatable || !isTemporary || isOver || signal?.aborted) throw problem;
          tell();
          await pause(waitMs, signal);
          if (signal?.aborted) throw problem;
        }
      }
    } finally {
      env.clearTimeout(silence);
    }
  }

  /** @param {number} ms @param {AbortSignal} [signal]  ends it early */
  const pause = (ms, signal) => new Promise((resolve) => {
    const timer = env.setTimeout(() => resolve(undefined), ms);
    signal?.addEventListener("abort", () => {
      env.clearTimeout(timer);
      resolve(undefined);
    });
  });

  /** A stream's answer, as soon as its head is there. With a ticket, the cookie that it leaves behind must travel too.
   * @param {string} path @param {AbortSignal} signal @param {{ticket?: string}} [options]
   * @returns {Promise<Response>} */
  function openStream(path, signal, { ticket } = {}) {
    const init = requestOf("GET", {});
    const headers = { .../** @type {Record<string, string>} */ (init.headers), Accept: "text/event-stream" };
    const query = ticket ? `${path.includes("?") ? "&" : "?"}ticket=${encodeURIComponent(ticket)}` : "";
    return env.fetch(baseUrl + path + query, { ...init, headers, signal, ...(ticket && { credentials: "include" }) });
  }

  /** From now on, ask with the session's next token. @param {string} next */
  const setToken = (next) => {
    token = next;
  };

  return { send, sendOnce, openStream, setToken, serverNow: clock.serverNow };
}
