import type { Hear, SocketEvents } from "../sdk/festival-push.js";

/** What the hooks use of React. */
export interface ReactLike {
  useState<State>(first: State): [State, (next: State) => void];
  useRef<Value>(first: Value): { current: Value };
  useEffect(effect: () => void | (() => void), inputs?: readonly unknown[]): void;
  useCallback<Callback extends (...told: any[]) => any>(callback: Callback, inputs: readonly unknown[]): Callback;
}

export interface HookSettings {
  /** Of the server; empty: where the page came from. */
  url?: string;
  /** A bearer, instead of the session cookie. */
  token?: string | ((userId: string) => string | undefined);
}

/** What `useNotifications` hears of. */
export type NotificationEvents = Pick<
  SocketEvents,
  | "new-notification" | "payment-completed" | "order-status-changed" | "order-ready" | "order-refunded" | "new-order" | "queue-updated"
  | "vendor-message" | "customer-message"
>;

export interface Hooks {
  /** Before the first hook runs. */
  configure(settings: HookSettings): void;
  useSocket(userId: string | null | undefined, enabled?: boolean): {
    isConnected: boolean;
    emitEvent: (event: string, data?: any, ack?: (answer: any) => void) => void;
  };
  useBalanceUpdates(userId: string | null | undefined, handler: (data: SocketEvents["balance-updated"]) => void): void;
  useNotifications(userId: string | null | undefined, handler: Hear<NotificationEvents>): void;
}

export function createHooks(React: ReactLike, settings?: HookSettings): Hooks;
