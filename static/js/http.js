// @ts-check
import { fullJitter } from "./backoff.js";
import { networkProblem, ProblemError, readProblem } from "./problem.js";

/** @typedef {{data: any, status: number, replayed: boolean}} Answer */

const TRY_MS_MAX = 10_000; // one try; a field's network either answers by then or won't
const RETRY_FOR_MS = 20_000; // all tries of one request
const RETRY_STATUSES = [0, 502, 503, 504];

/** JSON over HTTP. Reads, and commands with an idempotency key, are tried again while the network or the server is away.
 * @param {{baseUrl: string, token?: string, env: import("./types.js").Env}} options
 */
export function createHttp({ baseUrl, token, env }) {
  const credentials = token ? "omit" : baseUrl ? "include" : "same-origin"; // a token's tab must not act as the cookie's person

  /** @param {string} method @param {unknown} body @param {string} [key] @returns {RequestInit} */
  const requestOf = (method, body, key) => {
    /** @type {Record<string, string>} */
    const headers = { Accept: "application/json" };
    if (token) headers.Authorization = `Bearer ${token}`;
    if (key) headers["Idempotency-Key"] = key;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    /** @type {RequestInit} */
    const init = { method, headers, credentials, cache: "no-store" };
    if (body !== undefined) init.body = JSON.stringify(body);
    return init;
  };

  /** @param {string} path @param {RequestInit} init @returns {Promise<Answer>} */
  async function tryOnce(path, init) {
    const abort = new AbortController();
    const timer = env.setTimeout(() => abort.abort(), TRY_MS_MAX);
    try {
      const response = await env.fetch(baseUrl + path, { ...init, signal: abort.signal });
      if (!response.ok) throw await readProblem(response);
      const text = await response.text();
      const replayed = response.headers.get("Idempotent-Replayed") === "true";
      const isPicture = (response.headers.get("Content-Type") ?? "").startsWith("image/"); // a QR code, as SVG text
      return { data: isPicture ? text : text ? JSON.parse(text) : null, status: response.status, replayed };
    } catch (error) {
      throw error instanceof ProblemError ? error : networkProblem();
    } finally {
      env.clearTimeout(timer);
    }
  }

  /** @param {string} method @param {string} path @param {{body?: unknown, idempotencyKey?: string}} [options]
   * @returns {Promise<Answer>} @throws {ProblemError} */
  return async function send(method, path, { body, idempotencyKey } = {}) {
    const init = requestOf(method, body, idempotencyKey);
    const repeatable = method === "GET" || idempotencyKey !== undefined;
    const until = env.now() + RETRY_FOR_MS;
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await tryOnce(path, init);
      } catch (error) {
        const problem = /** @type {ProblemError} */ (error);
        const waitMs = (problem.retryAfter ?? 0) * 1_000 + fullJitter(attempt, env.random, { firstMs: 500, mostMs: 4_000 });
        if (!repeatable || !RETRY_STATUSES.includes(problem.status) || env.now() + waitMs > until) throw problem;
        await new Promise((resolve) => env.setTimeout(() => resolve(undefined), waitMs));
      }
    }
  };
}
