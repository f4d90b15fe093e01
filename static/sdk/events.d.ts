/** What the streams tell, by event name. Made from `/v1/asyncapi.json`: `python -m tests.support.event_types`
 * writes it. Amounts are integers in minor units, times RFC 3339 in UTC. */

/** A wallet's, till's or allowance's balance right after one transfer. */
export interface BalanceUpdated {
  timestamp: string;
  account: BalanceKind;
  userId: string;
  vendorId?: string;
  newBalance: number;
  oldBalance: number;
  amount: number;
  reason: string;
  transactionId?: string;
  orderId?: string;
}

/** What a balance is of: a person's wallet, a stall's till, or a person's allowance. */
export type BalanceKind = "allowance" | "till" | "wallet";

/** Money arrived in a wallet. */
export interface PaymentCompleted {
  timestamp: string;
  account: AccountKind;
  userId: string;
  amount: number;
  newBalance: number;
  paymentMethod: string;
  transactionId: string;
}

/** Whose account it is: a person's wallet or a stall's till. */
export type AccountKind = "till" | "wallet";

/** Something to read, for a person, a role or everyone. */
export interface NewNotification {
  timestamp: string;
  message: string;
  type: "announcement" | "error" | "info" | "message" | "order" | "payment" | "success" | "warning";
  code?: string;
  params?: Record<string, string | number>;
  orderId?: string;
  title?: string;
  priority?: string;
  announcementId?: string;
  vendorId?: string;
}

/** An announcement has other words now. It is no new notification, and whoever has read it has read it. */
export interface AnnouncementChanged {
  timestamp: string;
  announcementId: string;
  message: string;
  title?: string;
  priority: "high" | "low" | "normal";
  audience: Audience;
}

/** Whom an announcement is for. */
export type Audience = "all" | "customers" | "vendors";

/** An announcement is withdrawn: it leaves all lists of notifications, and nobody has it unread any more. */
export interface AnnouncementWithdrawn {
  timestamp: string;
  announcementId: string;
}

/** A person has read their notifications up to a position, on one of their devices; so many are left. */
export interface NotificationsRead {
  timestamp: string;
  upTo: number;
  unread: number;
}

/** The stall, or an organiser, writes to the customer about an order. */
export interface VendorMessage {
  timestamp: string;
  vendorId: string;
  userId: string;
  orderId: string;
  message: string;
}

/** The customer writes to the stall about an order. */
export interface CustomerMessage {
  timestamp: string;
  vendorId: string;
  userId: string;
  orderId: string;
  message: string;
}

/** A paid order has reached a stall. `item` and `price` are the one-line summary and the total. */
export interface NewOrder {
  timestamp: string;
  vendorId: string;
  orderId: string;
  userId: string;
  customerName: string;
  item: string;
  price: number;
  number: number;
  items: OrderLine[];
  total: number;
  queuePosition: number | null;
  tip?: number;
  deposit?: number;
  cancellableUntil?: string;
  atOnce?: boolean;
}

/** One line as it was sold; the menu may change afterwards. */
export interface OrderLine {
  itemId: string | null;
  name: string;
  quantity: number;
  unitPrice: number;
  total: number;
  notes?: string | null;
  taxBp?: number;
  ageMin?: number;
  deposit?: number;
  refunded?: number;
}

/** An order has taken a step. */
export interface OrderStatusChanged {
  timestamp: string;
  orderId: string;
  status: OrderStatus;
  estimatedTime: number | null;
  itemName: string;
  number: number;
  vendorId: string;
  userId: string;
  reason?: string;
}

/** Where an order stands. */
export type OrderStatus = "cancelled" | "completed" | "confirmed" | "pending" | "preparing" | "ready";

/** An order can be picked up. */
export interface OrderReady {
  timestamp: string;
  orderId: string;
  itemName: string;
  vendorId: string;
  userId: string;
  message: string;
  number: number;
}

/** The customer of a ready order is on the way to pick it up; once after each call. */
export interface CustomerComing {
  timestamp: string;
  orderId: string;
  userId: string;
  vendorId: string;
  number: number;
  comingAt: string;
}

/** Money of an order has gone back to the customer: from the stall's till to this person's wallet. */
export interface OrderRefunded {
  timestamp: string;
  account: AccountKind;
  userId: string;
  vendorId: string;
  orderId: string;
  amount: number;
  reason: string;
  lines?: LineBack[];
  deposit?: number;
  allowance?: number;
}

/** How many of one line of an order are given back. */
export interface LineBack {
  index: number;
  quantity: number;
}

/** Somebody has paid what a stall asked for; the order comes as a `new-order` of its own. */
export interface PaymentRequestPaid {
  timestamp: string;
  account: AccountKind;
  vendorId: string;
  requestId: string;
  orderId: string;
  amount: number;
}

/** A guest has taken the deposit that a stall gives back: from the deposits to their wallet. */
export interface GiveBackClaimed {
  timestamp: string;
  vendorId: string;
  giveBackId: string;
  amount: number;
}

/** An order's queue position has changed: each change among the first ten, now and then further back. */
export interface QueueUpdated {
  timestamp: string;
  orderId: string;
  userId: string;
  queuePosition: number;
  estimatedTime: number | null;
}

/** An item of a menu is new, changed or gone. */
export interface MenuUpdated {
  timestamp: string;
  vendorId: string;
  itemId: string;
  available: boolean;
  price: number;
  name: string;
}

/** Of some items of a stall another number is left; for who keeps it. Many sales at once are one event. */
export interface StockUpdated {
  timestamp: string;
  vendorId: string;
  items: ItemStock[];
}

/** How many of an item are left. */
export interface ItemStock {
  itemId: string;
  stock: number | null;
}

/** A stall has opened, closed, or changed its name or how it accepts orders. */
export interface VendorUpdated {
  timestamp: string;
  vendorId: string;
  name: string;
  open: boolean;
  autoAccept: boolean;
  attended: boolean;
  atOnce?: boolean;
}

/** A stall's whole pickup board: numbers only, in the order they were placed; in `called` the newest call first. */
export interface BoardUpdated {
  timestamp: string;
  vendorId: string;
  preparing: number[];
  ready: number[];
  called: CalledNumber[];
}

/** A ready number, and when it was called last. */
export interface CalledNumber {
  number: number;
  calledAt: string;
}

/** A stall's code was typed on a screen, which waits to be confirmed or refused; the name is the code's. */
export interface DisplayWaiting {
  timestamp: string;
  pairingId: string;
  vendorId: string;
  name: string;
}

/** A transfer, as the organiser's feed shows it; `debit` and `credit` are account ids. */
export interface NewTransaction {
  timestamp: string;
  transactionId: string;
  kind: string;
  amount: number;
  debit: string;
  credit: string;
  platformFee: number;
  userId?: string;
  vendorId?: string;
  orderId?: string;
  account?: AccountKind;
  reverses?: string;
}

/** Something that a member of staff did; `before` and `after` have what changed of the subject. */
export interface NewDeed {
  timestamp: string;
  seq: number;
  actor: string;
  act: DeedKind;
  subject: string;
  before: Record<string, string | number | boolean | null>;
  after: Record<string, string | number | boolean | null>;
  hash: string;
}

/** What was done. */
export type DeedKind = "add-display" | "add-item" | "add-user" | "announce" | "appoint" | "ask-payout" | "ask-second" | "assign" | "book-unread" | "cancel" | "cashier" | "change-item" | "change-role" | "change-settings" | "change-stall" | "close-books" | "close-drawer" | "complete-payout" | "confirm" | "confirm-pairing" | "dismiss" | "dismiss-unread" | "edit-announcement" | "erase" | "freeze" | "give-back" | "grant-allowance" | "import" | "invite" | "issue-session" | "link-identity" | "move-cash" | "move-wallet" | "offer-pairing" | "offer-sign-in" | "open-drawer" | "open-payout-run" | "pay-out" | "refund" | "refuse" | "refuse-pairing" | "reject-payout" | "remove-from-payout-run" | "remove-item" | "reset-factors" | "reset-pin" | "reverse" | "revoke-display" | "send-payout-run" | "suspend" | "take-back-allowance" | "top-up" | "undo-payout-run" | "unfreeze" | "unlink-identity" | "unsuspend" | "withdraw-announcement" | "withdraw-payout";

/** Something about much money waits for a second organiser, or was confirmed or refused. */
export interface ConfirmationUpdated {
  timestamp: string;
  confirmationId: string;
  act: DeedKind;
  subject: string;
  amount: number;
  askedBy: string;
  status: string;
  expiresAt: string;
}

/** A payout run was opened, sent or undone, or has lost a payout. */
export interface PayoutRunUpdated {
  timestamp: string;
  runId: string;
  status: string;
  count: number;
  total: number;
}

/** A person's streams follow a room from here on, on every device. */
export interface RoomJoined {
  timestamp: string;
  room: string;
}

/** A person's streams follow a room no longer. */
export interface RoomLeft {
  timestamp: string;
  room: string;
}

/** A person's streams follow the rooms of these orders from here on. */
export interface TrackingOrders {
  timestamp: string;
  orderIds: string[];
  message: string;
}

/** The stream's token is about to expire; not logged. */
export interface SessionExpiring {
  expiresAt: string;
}

/** The server can't tell whether anything has happened since; not logged. The stream ends soon after it. */
export interface Stale {
  since: string;
  message: string;
}

/** A fault of the stream itself, sent right before its end; not logged. */
export interface StreamError {
  code: string;
  message: string;
}

/** The caller's state at the position that is the `connected` frame's id. */
export interface SnapshotView {
  is: string[];
  account: AccountKind;
  vendorId?: string;
  balance: number;
  currency: string;
  currencyDigits: number;
  orders: OrderView[];
  ownOrders?: OrderView[];
  unread: number;
  rooms: string[];
  wallet: WalletView;
  stalls: KeptStallView[];
}

/** An order. */
export interface OrderView {
  orderId: string;
  number: number;
  status: OrderStatus;
  paymentStatus: PaymentStatus;
  vendorId: string;
  vendorName: string;
  userId: string;
  customerName: string;
  items: OrderLine[];
  total: number;
  refunded: number;
  platformFee: number;
  estimatedTime: number | null;
  queuePosition: number | null;
  createdAt: string;
  updatedAt: string;
  tip: number;
  tipRefunded: number;
  readyAt: string | null;
  calledAt: string | null;
  comingAt: string | null;
  completedAt: string | null;
  cancellableUntil: string | null;
  currency: string;
  currencyDigits: number;
  deposit?: number;
  depositRefunded?: number;
  allowance?: number;
  allowanceRefunded?: number;
  atOnce?: boolean;
}

/** How much of an order's price has gone back. */
export type PaymentStatus = "paid" | "partially-refunded" | "refunded";

/** A person's own money. */
export interface WalletView {
  balance: number;
  frozen?: true;
  allowance?: number;
}

/** A stall that the caller keeps. */
export interface KeptStallView {
  vendorId: string;
  name: string;
  part: Part;
  balance: number;
  open: boolean;
  orders?: OrderView[];
}

/** What a person is to a stall that they keep. */
export type Part = "keeper" | "owner";

/** A pickup board at the position that is the `connected` frame's id. */
export interface BoardSnapshot {
  vendorId: string;
  preparing: number[];
  ready: number[];
  called: CalledNumber[];
  vendorName: string;
  readyMinutes: number;
  timestamp: string;
}

/** The events of `/v1/stream`, and their data. */
export interface StreamEvents {
  "connected": {
    userId: string;
    userType: string;
    message: string;
    heartbeat: number;
    resumed: boolean;
    reason?: string;
    snapshot?: SnapshotView;
  };
  "balance-updated": BalanceUpdated;
  "payment-completed": PaymentCompleted;
  "new-notification": NewNotification;
  "announcement-changed": AnnouncementChanged;
  "announcement-withdrawn": AnnouncementWithdrawn;
  "notifications-read": NotificationsRead;
  "vendor-message": VendorMessage;
  "customer-message": CustomerMessage;
  "new-order": NewOrder;
  "order-status-changed": OrderStatusChanged;
  "order-ready": OrderReady;
  "customer-coming": CustomerComing;
  "order-refunded": OrderRefunded;
  "payment-request-paid": PaymentRequestPaid;
  "give-back-claimed": GiveBackClaimed;
  "queue-updated": QueueUpdated;
  "menu-updated": MenuUpdated;
  "stock-updated": StockUpdated;
  "vendor-updated": VendorUpdated;
  "display-waiting": DisplayWaiting;
  "new-transaction": NewTransaction;
  "new-deed": NewDeed;
  "confirmation-updated": ConfirmationUpdated;
  "payout-run-updated": PayoutRunUpdated;
  "room-joined": RoomJoined;
  "room-left": RoomLeft;
  "tracking-orders": TrackingOrders;
  "session-expiring": SessionExpiring;
  "stale": Stale;
  "error": StreamError;
}

/** The events of `/v1/boards/{vendorId}/stream`, and their data. */
export interface BoardEvents {
  "connected": {
    userId: string;
    userType: string;
    message: string;
    heartbeat: number;
    resumed: boolean;
    reason?: string;
    snapshot?: BoardSnapshot;
  };
  "new-notification": NewNotification;
  "announcement-changed": AnnouncementChanged;
  "announcement-withdrawn": AnnouncementWithdrawn;
  "board-updated": BoardUpdated;
  "session-expiring": SessionExpiring;
  "stale": Stale;
  "error": StreamError;
}
