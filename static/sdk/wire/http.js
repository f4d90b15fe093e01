// @ts-check
import { fullJitter } from "./backoff.js";
import { networkProblem, ProblemError, readProblem } from "../problem.js";

/** @typedef {{data: any, status: number, replayed: boolean}} Answer */
/** @typedef {{body?: unknown, idempotencyKey?: string}} Payload */
/** @typedef {ReturnType<typeof createHttp>} Http */

const TRY_MS_MAX = 10_000; // one try; a field's network either answers by then or won't
const RETRY_FOR_MS = 20_000; // all tries of one request
const RETRY_STATUSES = [0, 502, 503, 504];

/** JSON over HTTP.
 * @param {{baseUrl: string, token?: string, env: import("../types.js").Env}} options
 */
export function createHttp({ baseUrl, token, env }) {
  // A tab with a token must not act as the person of the cookie.
  const credentials = token ? "omit" : baseUrl ? "include" : "same-origin";

  /** @param {string} method @param {Payload} payload @returns {RequestInit} */
  const requestOf = (method, { body, idempotencyKey }) => {
    /** @type {Record<string, string>} */
    const headers = { Accept: "application/json" };
    if (token) headers.Authorization = `Bearer ${token}`;
    if (idempotencyKey) headers["Idempotency-Key"] = idempotencyKey;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    /** @type {RequestInit} */
    const init = { method, headers, credentials, cache: "no-store" };
    if (body !== undefined) init.body = JSON.stringify(body);
    return init;
  };

  /** One try. @param {string} method @param {string} path @param {Payload} [payload]
   * @param {{waitMs?: number, signal?: AbortSignal}} [bounds]  waitMs: how long the server itself may take to answer
   * @returns {Promise<Answer>} @throws {ProblemError} */
  async function sendOnce(method, path, payload = {}, { waitMs = 0, signal } = {}) {
    const abort = new AbortController();
    const timer = env.setTimeout(() => abort.abort(), TRY_MS_MAX + waitMs);
    signal?.addEventListener("abort", () => abort.abort());
    try {
      const response = await env.fetch(baseUrl + path, { ...requestOf(method, payload), signal: abort.signal });
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

  /** Reads, and commands with an idempotency key, are tried again while the network or the server is away.
   * @param {string} method @param {string} path @param {Payload} [payload] @returns {Promise<Answer>}
   * @throws {ProblemError} */
  async function send(method, path, payload = {}) {
    const repeatable = method === "GET" || payload.idempotencyKey !== undefined;
    const until = env.now() + RETRY_FOR_MS;
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await sendOnce(method, path, payload);
      } catch (error) {
        const problem = /** @type {ProblemError} */ (error);
        const waitMs = (problem.retryAfter ?? 0) * 1_000 + fullJitter(attempt, env.random, { firstMs: 500, mostMs: 4_000 });
        if (!repeatable || !RETRY_STATUSES.includes(problem.status) || env.now() + waitMs > until) throw problem;
        await new Promise((resolve) => env.setTimeout(() => resolve(undefined), waitMs));
      }
    }
  }

  /** A stream's answer, as soon as its head is there. With a ticket, the cookie that it leaves behind must travel too.
   * @param {string} path @param {AbortSignal} signal @param {{ticket?: string}} [options]
   * @returns {Promise<Response>} */
  function openStream(path, signal, { ticket } = {}) {
    const init = requestOf("GET", {});
    const headers = { .../** @type {Record<string, string>} */ (init.headers), Accept: "text/event-stream" };
    const query = ticket ? `${path.includes("?") ? "&" : "?"}ticket=${encodeURIComponent(ticket)}` : "";
    return env.fetch(baseUrl + path + query, { ...init, headers, signal, ...(ticket && { credentials: "include" }) });
  }

  return { send, sendOnce, openStream };
}
