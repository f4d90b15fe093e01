// @ts-check
/**
 * The client of Festival Push: commands by POST, everything else by one stream.
 *
 *     const client = createClient({ token });               // without a token: the session cookie
 *     const me = await client.get("/v1/me");
 *     client.follow({ handlers: { "balance-updated": (event) => show(event.newBalance) }, onState: showLink });
 *     await client.command("/v1/orders", { vendorId, items, expectedTotal });
 */
import { createHttp } from "./http.js";
import { createKeyring, isDefinite } from "./idempotency.js";
import { ProblemError } from "./problem.js";
import { tabStore } from "./storage.js";
import { followStream } from "./stream.js";

export { ProblemError };

/** @returns {import("./types.js").Env} */
function browserEnv() {
  return {
    fetch: (input, init) => fetch(input, init),
    EventSource,
    setTimeout: (run, ms) => setTimeout(run, ms),
    clearTimeout: (timer) => clearTimeout(timer),
    now: () => Date.now(),
    random: () => Math.random(),
    isOnline: () => navigator.onLine,
    isHidden: () => document.visibilityState === "hidden",
    watch(type, listener) {
      const target = type === "visibilitychange" ? document : window;
      target.addEventListener(type, listener);
      return () => target.removeEventListener(type, listener);
    },
    tabStore,
  };
}

/** @typedef {{url?: string, probe?: string, userId?: string, forever?: boolean, handlers: import("./stream.js").Handlers,
 *   onState?: (state: import("./types.js").LinkState, ended?: import("./stream.js").Ended) => void}} FollowOptions */

/** @param {{baseUrl?: string, token?: string, env?: Partial<import("./types.js").Env>}} [options]
 *   baseUrl: where the server is, when it isn't where the page came from; token: a bearer, instead of the session cookie. */
export function createClient({ baseUrl = "", token, env: given } = {}) {
  const env = /** @type {import("./types.js").Env} */ (given?.fetch ? given : { ...browserEnv(), ...given });
  const send = createHttp({ baseUrl, ...(token ? { token } : {}), env });
  const keys = createKeyring({ store: env.tabStore, now: env.now });

  /** @param {string} path @param {unknown} body @param {{idempotencyKey?: string}} [options] @returns {Promise<any>} */
  const post = async (path, body = {}, options = {}) => (await send("POST", path, { body, ...options })).data;

  /** A command that takes effect at most once, however often it is sent. Resolves with the server's answer; `replayed`
   * says that an earlier try had gone through already. @throws {ProblemError}
   * @param {string} path @param {unknown} body @returns {Promise<import("./http.js").Answer>} */
  async function command(path, body) {
    const wish = `${path} ${JSON.stringify(body)}`;
    const idempotencyKey = keys.keyFor(wish);
    try {
      const answer = await send("POST", path, { body, idempotencyKey });
      keys.settle(wish);
      return answer;
    } catch (error) {
      if (error instanceof ProblemError && isDefinite(error.status)) keys.settle(wish);
      throw error;
    }
  }

  /** Follow a stream until `stop()`. @param {FollowOptions} options */
  function follow({ url = "/v1/stream", probe = "/v1/me", ...rest }) {
    const address = async () => {
      if (!token) return baseUrl + url;
      const { ticket } = await post("/v1/auth/stream-tickets");
      return `${baseUrl}${url}?ticket=${encodeURIComponent(ticket)}`;
    };
    return followStream({
      ...rest,
      address,
      probe: () => send("GET", probe),
      ticketed: token !== undefined,
      withCredentials: baseUrl !== "" && !token,
      env,
    });
  }

  return {
    /** Whether this client speaks with a token of its own. */
    hasToken: token !== undefined,
    /** @param {string} path @returns {Promise<any>} */
    get: async (path) => (await send("GET", path)).data,
    post,
    /** @param {string} path @param {unknown} body @returns {Promise<any>} */
    patch: async (path, body) => (await send("PATCH", path, { body })).data,
    /** @param {string} path @returns {Promise<any>} */
    del: async (path) => (await send("DELETE", path)).data,
    command,
    follow,
    /** Forget unanswered wishes: somebody else uses this tab now. */
    forget: keys.clear,
  };
}

/** @typedef {ReturnType<typeof createClient>} Client */
