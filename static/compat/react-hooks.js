// @ts-check
/** The hooks of the Socket.IO front end. `createHooks(React)` makes them from the React that it is given; `react.js`
 * does that with the React that it imports under its bare name, for apps with a bundler or an import map. */
import { io } from "./socket.js";

/** @typedef {object} ReactLike  what the hooks use of React
 * @property {<State>(first: State) => [State, (next: State) => void]} useState
 * @property {<Value>(first: Value) => {current: Value}} useRef
 * @property {(effect: () => void | (() => void), inputs?: readonly unknown[]) => void} useEffect
 * @property {<Call extends (...told: any[]) => any>(callback: Call, inputs: readonly unknown[]) => Call} useCallback
 */
/** @typedef {{url?: string, token?: string | ((userId: string) => string | undefined)}} HookSettings
 *   url: of the server; token: a bearer, instead of the session cookie */

const NOTIFICATIONS = /** @type {const} */ ([
  "new-notification", "payment-completed", "order-status-changed", "order-ready", "order-refunded", "new-order", "queue-updated",
  "vendor-message", "customer-message",
]);

/** @param {ReactLike} React @param {HookSettings} [settings] */
export function createHooks({ useCallback, useEffect, useRef, useState }, settings = {}) {
  let { url = "", token } = settings;
  const open = /** @type {Map<string, {socket: import("./socket.js").Socket, users: number}>} */ (new Map());

  /** One socket for all components of a person. @param {string} userId */
  function acquire(userId) {
    let shared = open.get(userId);
    if (!shared) {
      const bearer = typeof token === "function" ? token(userId) : token;
      shared = { socket: io(url, { auth: { userId, ...(bearer && { token: bearer }) } }), users: 0 };
      open.set(userId, shared);
    }
    shared.users += 1;
    return shared.socket;
  }

  /** @param {string} userId */
  function release(userId) {
    const shared = open.get(userId);
    if (!shared || (shared.users -= 1) > 0) return;
    open.delete(userId);
    shared.socket.disconnect();
  }

  /** Listen to some events as long as the component is mounted, always with its newest handler.
   * @template {string} Type @param {string | null | undefined} userId @param {readonly Type[]} events
   * @param {(event: Type, data: any) => void} handler
   * @param {(socket: import("./socket.js").Socket, data: any) => boolean} [isWanted] */
  function useEvents(userId, events, handler, isWanted = () => true) {
    const newest = useRef(handler);
    useEffect(() => {
      newest.current = handler;
    });
    useEffect(() => {
      if (!userId) return undefined;
      const socket = acquire(userId);
      const heard = events.map((event) => [event, (/** @type {any} */ data) => void (isWanted(socket, data) && newest.current(event, data))]);
      for (const [event, hear] of heard) socket.on(/** @type {string} */ (event), /** @type {any} */ (hear));
      return () => {
        for (const [event, hear] of heard) socket.off(/** @type {string} */ (event), /** @type {any} */ (hear));
        release(userId);
      };
    }, [userId]);
  }

  return {
    /** Where the server is and who asks; before the first hook runs. @param {HookSettings} changed */
    configure(changed) {
      ({ url = url, token = token } = changed);
    },

    /** @param {string | null | undefined} userId @param {boolean} [enabled] */
    useSocket(userId, enabled = true) {
      const [isConnected, setConnected] = useState(false);
      const current = useRef(/** @type {import("./socket.js").Socket | null} */ (null));
      useEffect(() => {
        if (!enabled || !userId) return undefined;
        const socket = acquire(userId);
        const show = () => setConnected(socket.connected);
        current.current = socket;
        socket.on("connect", show).on("disconnect", show);
        show();
        return () => {
          socket.off("connect", show).off("disconnect", show);
          current.current = null;
          setConnected(false);
          release(userId);
        };
      }, [userId, enabled]);
      const emitEvent = useCallback((
        /** @type {string} */ event, /** @type {any} */ data, /** @type {((answer: any) => void) | undefined} */ ack,
      ) => {
        current.current?.emit(event, data, ack);
      }, []);
      return { isConnected, emitEvent };
    },

    /** Hears of one balance: the wallet's, or a stall's till.
     * @param {string | null | undefined} userId @param {(data: any) => void} handler */
    useBalanceUpdates(userId, handler) {
      useEvents(userId, ["balance-updated"], (_event, data) => handler(data), (socket, data) => socket.isOwnBalance(data));
    },

    /** @param {string | null | undefined} userId @param {(eventType: typeof NOTIFICATIONS[number], data: any) => void} handler */
    useNotifications(userId, handler) {
      useEvents(userId, NOTIFICATIONS, handler);
    },
  };
}
