// @ts-check
import { Connection } from "../connection.js";
import { createCursor } from "./cursor.js";
import { watchPage } from "../lifecycle.js";
import { Tabs } from "../tabs.js";

/** @typedef {import("../types.js").LinkState} LinkState */
/** @typedef {import("../connection.js").Ended} Ended */
/** @typedef {Record<string, ((data: any) => void) | undefined>} Handlers  by event name; `connected` gets every first frame */

/** @typedef {object} StreamOptions
 * @property {import("../types.js").Env} env
 * @property {import("./http.js").Http} http
 * @property {string} url
 * @property {() => Promise<string>} [ticket]
 * @property {string} [pollUrl]
 * @property {string} [session]  the name of `userId`'s session, the same in all tabs that may share one stream;
 *   without it, nothing is shared
 * @property {boolean} [forever]
 * @property {string} [userId]
 * @property {Handlers} handlers
 * @property {(type: string, data: any) => void} [onEvent]  everything that a handler could get
 * @property {(state: LinkState, ended?: Ended) => void} [onState]
 */

const PROTOCOL = 1; // of the notes between tabs: an older page that is still open must not misread a newer one

/** Follow one stream; each event reaches its handler once, in log order.
 * @param {StreamOptions} options
 * @returns {{stop: () => void, reopen: () => void, position: () => number}} reopen: go on behind the cursor, by the
 *   session as it is now; position: of the last event seen */
export function followStream(options) {
  const { env, handlers, onEvent, session, userId, pollUrl } = options;
  const cursor = createCursor();
  let isStopped = false;
  let shown = "";

  /** @param {import("../connection.js").Frame} frame */
  function deliver({ type, data, id }) {
    if (isStopped) return;
    if (type === "connected" && id !== null) cursor.reset(id);
    else if (!cursor.accept(id)) return;
    for (const handle of [handlers[type], onEvent && ((/** @type {any} */ told) => onEvent(type, told))]) {
      try {
        handle?.(data);
      } catch (error) {
        env.setTimeout(() => { // a page's own fault, told as such; it costs neither the stream nor the other handlers
          throw error;
        }, 0);
      }
    }
  }

  /** @param {LinkState} state @param {Ended} [ended] */
  function show(state, ended) {
    if (isStopped || (state === shown && !ended)) return;
    shown = state;
    if (ended && !options.forever) stop();
    options.onState?.(state, ended);
  }

  /** @param {Pick<import("../connection.js").ConnectionOptions, "onFrame" | "onState">} hooks */
  const connect = (hooks) => new Connection({ ...options, after: cursor.id, ...hooks });
  const { locks, openChannel } = env;
  const member = session && userId && pollUrl && locks && openChannel
    ? new Tabs({ ...options, userId, pollUrl, locks, openChannel, name: `festival-push.${PROTOCOL} ${session}`, cursor, deliver, onState: show, connect })
    : connect({ onFrame: deliver, onState: show });
  const undo = watchPage(env, member);

  function stop() {
    isStopped = true;
    undo();
    member.leave();
  }

  member.join();
  return { stop, reopen: () => isStopped || member.check(true), position: cursor.position };
}
