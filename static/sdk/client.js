// @ts-check
import { envWith } from "./browser.js";
import { createHttp } from "./wire/http.js";
import { createKeyring, isDefinite } from "./idempotency.js";
import { createOutbox } from "./outbox.js";
import { isUnsent, networkProblem, ProblemError } from "./problem.js";
import { followStream } from "./wire/stream.js";

export { ProblemError };

/** @typedef {ReturnType<typeof createClient>} Client */
/** @typedef {{baseUrl?: string, token?: string, ticket?: string | (() => Promise<string>),
 *   onToken?: (token: string) => void, env?: Partial<import("./types.js").Env>}} ClientOptions
 *   baseUrl: where the server is, if the page comes from elsewhere; token: a bearer, instead of the session cookie;
 *   onToken: told the next token of the session, to keep instead of the one before; ticket: for a client that only follows
 *   the stream; a function is asked for a fresh one before each opening */
/** @typedef {{url?: string, userId?: string, forever?: boolean, share?: boolean,
 *   handlers?: import("./wire/stream.js").Handlers, onEvent?: (type: any, data: any) => void,
 *   onState?: (state: import("./types.js").LinkState, ended?: import("./connection.js").Ended) => void}} FollowOptions
 *   userId: whose stream it must be; with it, the tabs of a browser share one connection, unless `share` is false */

const STREAM = "/v1/stream";
const RENEW = { tries: 3, pauseMs: 5_000 }; // within the minute for which a session-expiring comes early

/** @param {ClientOptions} [options] */
export function createClient({ baseUrl = "", token, ticket, onToken, env: given } = {}) {
  const env = envWith(given);
  // Of our own stream; null while none is followed.
  let link = /** @type {import("./types.js").LinkState | null} */ (null);
  let wasLive = false;
  /** @returns {import("./wire/http.js").Reach} */
  const reach = () => {
    // Browsers can be wrong about the network, so what the stream shows counts for more.
    if (link === "live") return "open";
    if (!env.isOnline()) return link === null ? "away" : "off";
    return wasLive ? "away" : "open";
  };
  const http = createHttp({ baseUrl, ...(token ? { token } : {}), env, reach });
  const keys = createKeyring({ store: env.tabStore, now: env.now });

  /** @param {string} path @param {unknown} body @param {{idempotencyKey?: string}} [options]
   * @param {import("./wire/http.js").Patience} [patience] @returns {Promise<any>} */
  const post = async (path, body = {}, options = {}, patience = {}) => (await http.send("POST", path, { body, ...options }, patience)).data;

  /** Send a command that takes effect at most once, however often it is sent. Resolves with the server's answer;
   * `replayed` says that an earlier try had gone through already.
   * @param {string} path @param {unknown} body
   * @param {import("./wire/http.js").Patience & {key?: string, secret?: Record<string, unknown>}} [options]  key: the
   *   command's own idempotency key; without it, one is made and kept. secret: sent in the body, too, but never kept on
   *   the device. A call that is ended by `signal` may have gone through all the same
   * @returns {Promise<import("./wire/http.js").Answer>}
   * @throws {ProblemError} code `offline`: neither this call nor, without a key of its own, an earlier one sent anything */
  async function command(path, body, { key, secret, ...patience } = {}) {
    const wish = `${path} ${JSON.stringify(body)}`;
    const isAsked = key === undefined && keys.has(wish);
    const idempotencyKey = key ?? keys.keyFor(wish);
    // The same wish without a key of its own, such as another page's, is another command, and perhaps still open.
    const settle = () => void (key === undefined && keys.settle(wish));
    try {
      const whole = secret ? { .../** @type {object} */ (body), ...secret } : body;
      const answer = await http.send("POST", path, { body: whole, idempotencyKey }, patience);
      settle();
      return answer;
    } catch (error) {
      if (isUnsent(error) && isAsked) throw networkProblem(); // the earlier try may have gone through
      if (isUnsent(error) || (error instanceof ProblemError && isDefinite(error))) settle();
      throw error;
    }
  }

  /** Let the session go on; a browser's does so by itself while the page reads something. Returns whether it does.
   * @returns {Promise<boolean>} */
  async function renew() {
    for (let tries = 1; ; tries += 1) {
      try {
        const next = await post("/v1/auth/renew");
        if (token) {
          http.setToken(next.token);
          onToken?.(next.token);
        }
        return true;
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error;
        if (tries === RENEW.tries || isDefinite(error) || error.status === 401 || error.status === 403) return false;
        await new Promise((resolve) => env.setTimeout(() => resolve(undefined), RENEW.pauseMs));
      }
    }
  }

  /** Follow a stream until `stop()`. @param {FollowOptions} options */
  function follow({ url = STREAM, userId, handlers = {}, share = true, onState, ...rest }) {
    const isMine = url === STREAM && ticket === undefined; // tickets open streams only
    const expiring = handlers["session-expiring"];
    const goOn = async (/** @type {any} */ data) => (await renew()) ? followed.reopen() : expiring?.(data);
    const followed = followStream({
      ...rest,
      onState(state, ended) {
        if (isMine) [link, wasLive] = [state, wasLive || state === "live"];
        onState?.(state, ended);
      },
      ...(userId && { userId }),
      ...(ticket !== undefined && { ticket: async () => (typeof ticket === "string" ? ticket : ticket()) }),
      ...(isMine && { pollUrl: "/v1/events" }),
      ...(isMine && share && userId && { session: `${baseUrl} ${userId} ${token ? fingerprint(token) : "cookie"}` }),
      url,
      handlers: isMine ? { ...handlers, "session-expiring": (data) => void goOn(data) } : handlers,
      http,
      env,
    });
    return {
      ...followed,
      stop() {
        if (isMine) [link, wasLive] = [null, false];
        followed.stop();
      },
    };
  }

  /** Changes of a stall that may be offline: of orders' status, and of what is sold out.
   * @param {Omit<import("./outbox.js").OutboxOptions, "env" | "http" | "name"> & {userId: string}} options
   * @returns {import("./outbox.js").Outbox} */
  const outbox = ({ userId, ...rest }) => createOutbox({ ...rest, env, http, name: `festival-push.outbox ${baseUrl} ${userId}` });

  return {
    /** True if this client has a token of its own. */
    hasToken: token !== undefined,
    /** @param {string} path @returns {Promise<any>} */
    get: async (path) => (await http.send("GET", path)).data,
    post,
    /** @param {string} path @param {unknown} body @returns {Promise<any>} */
    patch: async (path, body) => (await http.send("PATCH", path, { body })).data,
    /** @param {string} path @returns {Promise<any>} */
    del: async (path) => (await http.send("DELETE", path)).data,
    command,
    renew,
    follow,
    outbox,
    /** The server's time in milliseconds since 1970, whatever this device's clock says; a second too late at most, so
     * that nothing is promised for longer than it lasts. */
    serverNow: http.serverNow,
    /** Forget unanswered wishes: somebody else uses this tab now. */
    forget: keys.clear,
  };
}

/** Tells sessions of this browser apart; reveals nothing of the token. @param {string} text @returns {string} */
function fingerprint(text) {
  let sum = 0x811c9dc5; // FNV-1a; SubtleCrypto is not there on plain http
  for (let at = 0; at < text.length; at += 1) sum = Math.imul(sum ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return `${sum.toString(36)}-${text.length}`;
}
