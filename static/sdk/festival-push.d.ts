/** The client of Festival Push. Amounts are integers in minor units, times RFC 3339 in UTC, ids opaque. */

export type LinkState = "live" | "reconnecting" | "offline" | "signed-out";
export type OrderStatus = "pending" | "confirmed" | "preparing" | "ready" | "completed" | "cancelled";

export interface ClientOptions {
  /** Where the server is, when it isn't where the page came from. */
  baseUrl?: string;
  /** A bearer, instead of the session cookie. */
  token?: string;
  /** For a client that only follows the stream; a function is asked for a fresh one before each opening. */
  ticket?: string | (() => Promise<string>);
}

export interface Answer {
  data: any;
  status: number;
  /** An earlier try of the same command had gone through already. */
  replayed: boolean;
}

export interface FollowOptions {
  /** A path of the server; `/v1/stream` if left out. */
  url?: string;
  /** Whose stream it must be; known, the tabs of a browser share one connection. */
  userId?: string;
  /** `false`: a connection for this tab alone. */
  share?: boolean;
  /** A screen that nobody looks after: keep trying even when signed out. */
  forever?: boolean;
  /** By event name; `connected` has the snapshot where there is one. */
  handlers?: Record<string, (data: any) => void>;
  onEvent?: (type: string, data: any) => void;
  onState?: (state: LinkState, ended?: { code: string; message: string }) => void;
}

export interface Followed {
  stop: () => void;
  /** The position in the log of the last event seen. */
  position: () => number;
}

/** A status change of a stall. `cancelled` pays money back and is refused here. */
export interface Step {
  orderId: string;
  status: OrderStatus;
  /** Minutes. */
  estimatedTime?: number;
  /** The status that the stall saw: a step that has waited is not sent to an order that has moved on meanwhile. */
  from?: OrderStatus;
}

/** A menu item that is sold out, or can be had again. */
export interface Availability {
  itemId: string;
  available: boolean;
}

export interface Kept {
  key: string;
  /** Milliseconds since 1970. */
  at: number;
  /** It may have reached the server. */
  tried?: boolean;
}

export interface Waiting extends Step, Kept {}

export interface WaitingItem extends Availability, Kept {}

export interface OutboxOptions {
  userId: string;
  onSent?: (step: Waiting, order: any) => void;
  /** It will not be tried again; show the order as it is. */
  onRefused?: (step: Waiting, problem: ProblemError) => void;
  onItemSent?: (change: WaitingItem, item: any) => void;
  onItemRefused?: (change: WaitingItem, problem: ProblemError) => void;
}

export interface Outbox {
  /** Resolves as soon as the step is kept on the device. */
  add: (step: Step) => Promise<Waiting>;
  /** The same for an item of the menu; of several changes of one item, the newest counts. */
  setAvailable: (change: Availability) => Promise<WaitingItem>;
  flush: () => Promise<void>;
  pending: () => Waiting[];
  pendingItems: () => WaitingItem[];
  /** Call off what was never tried. `false`: it may have reached the server already. */
  drop: (key: string) => Promise<boolean>;
  stop: () => void;
}

export interface Client {
  hasToken: boolean;
  get: (path: string) => Promise<any>;
  post: (path: string, body?: unknown, options?: { idempotencyKey?: string }) => Promise<any>;
  patch: (path: string, body: unknown) => Promise<any>;
  del: (path: string) => Promise<any>;
  /** A POST that takes effect at most once, however often it is sent, also over a reload. */
  command: (path: string, body: unknown, options?: { key?: string }) => Promise<Answer>;
  follow: (options: FollowOptions) => Followed;
  outbox: (options: OutboxOptions) => Outbox;
  /** Forget unanswered wishes: somebody else uses this tab now. */
  forget: () => void;
}

export function createClient(options?: ClientOptions): Client;

/** An answer that is not a success; status 0, code `network`: there was none. */
export class ProblemError extends Error {
  constructor(problem: {
    status: number; code: string; title: string; detail?: string; errors?: { field?: string; message?: string }[];
    retryAfter?: number | null; params?: Record<string, any>;
  });
  status: number;
  code: string;
  title: string;
  detail: string;
  errors: { field?: string; message?: string }[];
  /** Seconds. */
  retryAfter: number | null;
  /** Every member of the problem document. */
  params: Record<string, any>;
}

/** What code that was written for Socket.IO holds in its hands. */
export interface Socket {
  connected: boolean;
  on(event: string, handler: (...told: any[]) => void): this;
  once(event: string, handler: (...told: any[]) => void): this;
  off(event: string, handler?: (...told: any[]) => void): this;
  emit(event: string, data?: any, ack?: (answer: any) => void): this;
  emitWithAck(event: string, data?: any): Promise<any>;
  connect(): this;
  disconnect(): this;
}

export interface SocketOptions {
  auth?: { token?: string; userId?: string };
}

export function io(url?: string, options?: SocketOptions): Socket;
