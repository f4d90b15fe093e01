/** The client of Festival Push. Amounts are integers in minor units, times RFC 3339 in UTC, ids opaque. */

import type {
  AnnouncementChanged, AnnouncementWithdrawn, BalanceUpdated, BoardEvents, CalledNumber, DisplayWaiting, OrderReady, OrderStatus,
  OrderStatusChanged, StreamEvents,
} from "./events.js";

export type {
  AnnouncementChanged, AnnouncementWithdrawn, BalanceUpdated, BoardEvents, CalledNumber, DisplayWaiting, OrderReady, OrderStatus,
  OrderStatusChanged, StreamEvents,
};

export type LinkState = "live" | "reconnecting" | "offline" | "signed-out";

export interface OrderLine {
  /** `null`: an amount that the stall named. */
  itemId: string | null;
  name: string;
  quantity: number;
  unitPrice: number;
  total: number;
  notes?: string | null;
  /** The tax in the price, in basis points of the price without it. */
  taxBp?: number;
  /** Years that a guest must be. */
  ageMin?: number;
  /** Of each, beside the price. */
  deposit?: number;
  /** How many were given back. */
  refunded?: number;
}

/** An order as answers and snapshots have it. */
export interface Order {
  orderId: string;
  /** The pickup number. */
  number: number;
  status: OrderStatus;
  paymentStatus: "paid" | "partially-refunded" | "refunded";
  vendorId: string;
  vendorName: string;
  userId: string;
  customerName: string;
  items: OrderLine[];
  total: number;
  refunded: number;
  platformFee: number;
  /** Minutes. */
  estimatedTime: number | null;
  /** 1 is next; `null`: it no longer waits. */
  queuePosition: number | null;
  createdAt: string;
  updatedAt: string;
  tip: number;
  tipRefunded: number;
  /** When it became ready for the first time. */
  readyAt: string | null;
  /** When it became ready for the last time. */
  calledAt: string | null;
  /** When its customer said, after the last call, that they are coming. */
  comingAt: string | null;
  completedAt: string | null;
  /** Until then its customer may cancel it, also while it is confirmed or preparing; `null`: there is no such time. */
  cancellableUntil: string | null;
  /** It was handed over when it was paid: its number is not called. */
  atOnce?: boolean;
}

/** The organiser's settings that pages go by: `rules` of `GET /v1/me`. */
export interface Rules {
  /** How long after paying a customer may cancel what the stall has accepted; 0: not at all. */
  cancelSeconds: number;
  /** How long after it was completed an order may be recalled. */
  recallMinutes: number;
  /** An order that has waited as long is late. */
  lateMinutes: number;
  veryLateMinutes: number;
}

/** An announcement in its present words, as `GET /v1/announcements` lists it. */
export interface Announcement {
  announcementId: string;
  audience: "all" | "customers" | "vendors";
  message: string;
  title?: string;
  priority: "low" | "normal" | "high";
  createdAt: string;
  editedAt?: string;
}

/** Events, transactions and payouts about money name their account. */
export interface OfAccount {
  account?: string;
  /** Of a till: the stall's id. */
  userId?: string | null;
  vendorId?: string | null;
}

/** Whose money something is about: `user:<userId>`, a wallet, or `till:<vendorId>`, a stall's till. */
export function accountOf(about: OfAccount, vendorIds?: readonly string[]): string;

export interface ClientOptions {
  /** Where the server is, when it isn't where the page came from. */
  baseUrl?: string;
  /** A bearer, instead of the session cookie. */
  token?: string;
  /** Told the next token of the session, to keep instead of the one before. */
  onToken?: (token: string) => void;
  /** For a client that only follows the stream; a function is asked for a fresh one before each opening. */
  ticket?: string | (() => Promise<string>);
}

export interface Answer {
  data: any;
  status: number;
  /** An earlier try of the same command had gone through already. */
  replayed: boolean;
}

/** One event, by name: `switch (type)` tells what `data` is. A newer server may tell others, too. */
export type Told<Events = StreamEvents> = { [Type in keyof Events]: [type: Type, data: Events[Type]] }[keyof Events];

/** Hears of each event. TypeScript takes a function of the name alone for no `Told`, so it is named for itself, and twice,
 * lest the types of parameters that have none be looked for there. */
export type Hear<Events = StreamEvents> =
  | ((...told: Told<Events>) => void)
  | { (type: keyof Events): void; <None extends never>(type: None): void };

/** What is told of the stream `/v1/stream`; of a board's, with `BoardEvents`. */
export interface FollowOptions<Events = StreamEvents> {
  /** A path of the server; `/v1/stream` if left out. */
  url?: string;
  /** Whose stream it must be; known, the tabs of a browser share one connection. */
  userId?: string;
  /** `false`: a connection for this tab alone. */
  share?: boolean;
  /** A screen that nobody looks after: keep trying even when signed out. */
  forever?: boolean;
  /** By event name; `connected` has the snapshot where there is one. */
  handlers?: { [Type in keyof Events]?: (data: Events[Type]) => void };
  /** Everything that a handler could get. */
  onEvent?: Hear<Events>;
  onState?: (state: LinkState, ended?: { code: string; message: string }) => void;
}

export interface Followed {
  stop: () => void;
  /** Go on behind the cursor, by the session as it is now. */
  reopen: () => void;
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

/** A stall's whole pickup board: the data of `board-updated`. */
export interface Board {
  vendorId: string;
  /** Oldest order first, as `ready`. */
  preparing: number[];
  ready: number[];
  /** The ready numbers again, the newest call first. */
  called: CalledNumber[];
  /** The server's time. */
  timestamp: string;
}

/** The snapshot of a board's stream; `GET /v1/boards/{vendorId}` adds its `position`. */
export interface BoardSnapshot extends Board {
  vendorName: string;
  /** How long after its last call a screen shows a ready number; 0: for ever. */
  readyMinutes: number;
}

/** The answer to `POST /v1/displays/pairings`; the secret opens the pairing, as a bearer token. */
export interface NewPairing {
  pairingId: string;
  secret: string;
  vendorId: string;
  vendorName: string;
  expiresAt: string;
}

/** What became of a pairing; `token` and `url` once it is confirmed. */
export interface Pairing {
  status: "waiting" | "confirmed" | "refused";
  vendorId: string;
  token?: string;
  url?: string;
}

/** One of `GET /v1/vendors/{vendorId}/displays/pairings`: a screen that waits for the stall's answer. */
export interface WaitingPairing {
  pairingId: string;
  vendorId: string;
  name: string;
  expiresAt: string;
}

export interface CommandOptions {
  /** Its own idempotency key; without it, one is made and kept. */
  key?: string;
  /** Sent in the body too, but never kept on the device: a PIN. */
  secret?: Record<string, unknown>;
  /** Calls the tries off. What was sent may have taken effect all the same. */
  signal?: AbortSignal;
  /** Told once when no answer has come for two seconds, or the network failed, and the tries go on by themselves. */
  onWaiting?: () => void;
}

/** Only named, never guessed from the handlers: else a misspelt event would make a type of its own. As `NoInfer`, which
 * TypeScript has since 5.4. */
type Named<Events> = [Events][Events extends any ? 0 : never];

export interface Client {
  hasToken: boolean;
  get: (path: string) => Promise<any>;
  post: (path: string, body?: unknown, options?: { idempotencyKey?: string }) => Promise<any>;
  patch: (path: string, body: unknown) => Promise<any>;
  del: (path: string) => Promise<any>;
  /** A POST that takes effect at most once, however often it is sent, also over a reload. */
  command: (path: string, body: unknown, options?: CommandOptions) => Promise<Answer>;
  /** Let the session go on, as followers of `/v1/stream` do by themselves; whether it does. */
  renew: () => Promise<boolean>;
  /** A board's stream: `follow<BoardEvents>({ url: `/v1/boards/${vendorId}/stream`, … })`. */
  follow: <Events = StreamEvents>(options: FollowOptions<Named<Events>>) => Followed;
  outbox: (options: OutboxOptions) => Outbox;
  /** The server's time in milliseconds since 1970, a second too late at most. */
  serverNow: () => number;
  /** Forget unanswered wishes: somebody else uses this tab now. */
  forget: () => void;
}

export function createClient(options?: ClientOptions): Client;

/** An answer that is not a success. Status 0: there was none (code `network`), or nothing was sent because the device is
 * offline (code `offline`). */
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

/** An event that may be made from a snapshot: then it holds these fields, and not always the others. */
type Remade<Data, Sure extends keyof Data> = Pick<Data, Sure> & Partial<Data>;

/** What a socket tells, by name: the events of the stream, and those that it makes. */
export interface SocketEvents extends Omit<StreamEvents, "balance-updated" | "order-status-changed" | "order-ready" | "error"> {
  "balance-updated": Remade<BalanceUpdated, "userId" | "newBalance" | "oldBalance" | "amount" | "reason">;
  "order-status-changed": Remade<OrderStatusChanged, "orderId" | "status" | "itemName" | "number" | "vendorId">;
  "order-ready": Remade<OrderReady, "orderId" | "itemName" | "number" | "vendorId" | "message">;
  /** Of the stream, of a command that was refused, or of a step that was. */
  error: { code: string; message: string; orderId?: string; status?: OrderStatus };
  connect: void;
  connect_error: { code: string; message: string };
  disconnect: string;
}

/** What is left of Socket.IO's manager: it tells `reconnect`. */
export interface Manager {
  on(event: string, handler: (...told: any[]) => void): this;
  once(event: string, handler: (...told: any[]) => void): this;
  off(event: string, handler?: (...told: any[]) => void): this;
}

/** What code that was written for Socket.IO holds in its hands. */
export interface Socket {
  connected: boolean;
  readonly disconnected: boolean;
  /** Whether it is connected or tries to be. */
  readonly active: boolean;
  /** Made anew for each connection; it means nothing to the server. */
  id: string | undefined;
  io: Manager;
  on<Type extends keyof SocketEvents>(event: Type, handler: (data: SocketEvents[Type]) => void): this;
  on(event: string, handler: (...told: any[]) => void): this;
  once<Type extends keyof SocketEvents>(event: Type, handler: (data: SocketEvents[Type]) => void): this;
  once(event: string, handler: (...told: any[]) => void): this;
  off(event: string, handler?: (...told: any[]) => void): this;
  emit(event: string, data?: any, ack?: (answer: any) => void): this;
  emitWithAck(event: string, data?: any): Promise<any>;
  /** Whether a `balance-updated` is about the balance that this person, or stall, shows. */
  isOwnBalance(data: SocketEvents["balance-updated"]): boolean;
  onAny(handler: (event: string, ...told: any[]) => void): this;
  offAny(handler?: (event: string, ...told: any[]) => void): this;
  listenersAny(): ((event: string, ...told: any[]) => void)[];
  listeners(event: string): ((...told: any[]) => void)[];
  hasListeners(event: string): boolean;
  removeAllListeners(event?: string): this;
  /** What is sent by it is dropped while there is no connection. */
  readonly volatile: { emit(event: string, data?: any, ack?: (answer: any) => void): Socket };
  /** Wait no longer than so many milliseconds for an answer. */
  timeout(ms: number): {
    emit(event: string, data?: any, ack?: (error: any, answer?: any) => void): Socket;
    emitWithAck(event: string, data?: any): Promise<any>;
  };
  connect(): this;
  open(): this;
  disconnect(): this;
  close(): this;
}

export interface SocketOptions {
  auth?: { token?: string; userId?: string };
  /** false: wait for `connect()`. */
  autoConnect?: boolean;
}

export function io(url?: string, options?: SocketOptions): Socket;
