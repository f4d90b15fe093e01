// @ts-check
/** The wire's objects, for the type checker only: amounts are integers in minor units, times RFC 3339 UTC. */

/** What amounts are counted in: one is 10 ** -currencyDigits of the currency (ISO 4217), whatever else knows about it.
 * @typedef {{currency: string, currencyDigits: number}} Currency */
/** @typedef {"customer" | "vendor" | "admin"} UserType */
/** @typedef {"pending" | "confirmed" | "preparing" | "ready" | "completed" | "cancelled"} OrderStatus */
/** @typedef {{itemId: string | null, name: string, quantity: number, unitPrice: number, total: number,
 *   notes?: string | null, taxBp?: number, ageMin?: number, deposit?: number, refunded?: number}} OrderLine
 *   taxBp, ageMin, deposit: as its item had them when it was paid; deposit: of each; refunded: how many were given back */
/** @typedef {{orderId: string, number: number, status: OrderStatus, paymentStatus?: string, vendorId: string,
 *   vendorName?: string, userId?: string, customerName?: string, items: OrderLine[], total: number, tip?: number,
 *   deposit?: number, depositRefunded?: number,
 *   tipRefunded?: number, refunded?: number, estimatedTime?: number | null, queuePosition?: number | null,
 *   createdAt: string, updatedAt: string, readyAt?: string | null, calledAt?: string | null, comingAt?: string | null,
 *   completedAt?: string | null, cancellableUntil?: string | null, reason?: string, atOnce?: boolean, currency?: string, currencyDigits?: number}} Order
 *   readyAt: for the first time; calledAt: for the last time; comingAt: its customer said so after the last call;
 *   cancellableUntil: until then its customer may cancel it, also while it is confirmed or preparing;
 *   atOnce: handed over when it was paid, so that its number is not called */
/** @typedef {{itemId: string, vendorId: string, name: string, description?: string | null, price: number,
 *   available: boolean, currency?: string, currencyDigits?: number, taxBp?: number, ageMin?: number, deposit?: number,
 *   stock?: number}} MenuItem
 *   taxBp: the tax in the price, in basis points of the price without it; ageMin: years; deposit: of each, beside the
 *   price; stock: how many are left, for who keeps the stall */
/** @typedef {{vendorId: string, name: string, open?: boolean, autoAccept?: boolean, attended?: boolean, atOnce?: boolean, legalName?: string,
 *   taxId?: string, address?: string}} Vendor
 *   open: it takes orders; attended: somebody is there who may serve them; atOnce: what is paid is handed over at once; legalName, taxId, address: of the business, for
 *   who keeps the stall */
/** @typedef {{number: number, calledAt: string}} CalledNumber */
/** @typedef {{vendorId: string, preparing: number[], ready: number[], called: CalledNumber[], vendorName?: string,
 *   readyMinutes?: number, timestamp: string, position?: number}} Board
 *   called: the ready numbers, the newest call first; readyMinutes: 0 is for ever; an event has no vendorName,
 *   readyMinutes and position */
/** @typedef {{pairingId?: string, code: string, expiresAt: string}} PairingCode */
/** @typedef {{pairingId: string, secret: string, vendorId: string, vendorName: string, expiresAt: string}} NewPairing */
/** @typedef {{status: "waiting" | "confirmed" | "refused", vendorId: string, token?: string, url?: string}} Pairing */
/** @typedef {{pairingId: string, vendorId: string, name: string, timestamp: string}} DisplayWaiting */
/** @typedef {{pairingId: string, vendorId: string, name: string, expiresAt: string}} WaitingPairing */
/** @typedef {{transactionId: string, kind: string, amount: number, balance: number, orderId?: string | null,
 *   note?: string | null, timestamp: string, account?: "wallet" | "till", vendorName?: string}} Transaction */
/** @typedef {{message: string, type: string, title?: string | null, orderId?: string | null, priority?: string | null,
 *   timestamp: string, position: number, read?: boolean, announcementId?: string | null, vendorId?: string | null,
 *   code?: string | null, params?: Record<string, string | number> | null}} Notification
 *   code, params: what it says, for whoever words it; message: the same in English;
 *   vendorId: it is for those who keep this stall */
/** @typedef {{announcementId: string, message: string, title?: string | null, priority?: string | null, audience?: string,
 *   createdAt: string, editedAt?: string | null}} Announcement */
/** @typedef {"customer" | "keeper" | "cashier" | "admin"} Relation */
/** @typedef {{vendorId: string, name: string, part: "owner" | "keeper", balance: number, open?: boolean,
 *   orders?: Order[]}} KeptStall
 *   a stall that somebody keeps, and its till; orders: its open ones, if they are not those of `Me` */
/** @typedef {{userId: string, userType: UserType, name: string, balance: number, currency: string, currencyDigits: number,
 *   topUpCode?: string | null, vendorId?: string, orders: Order[], unread: number, position: number, rules: Rules,
 *   is?: Relation[], wallet?: {balance: number, frozen?: boolean}, stalls?: KeptStall[], ownOrders?: Order[], signIn?: string,
 *   signInPublic?: boolean, pinTooShort?: boolean, secondFactor?: "none" | "present" | "missing"}} Me
 *   is: all that they are; vendorId, balance, orders: of the stall that they have kept longest, or else their own;
 *   ownOrders: those that they have placed, where `orders` are a stall's; signIn: their private name for signing in;
 *   signInPublic: other people know it; pinTooShort: for what they are by now;
 *   secondFactor: missing: an organiser who may do nothing in the office without one */
/** @typedef {{cancelSeconds: number, recallMinutes: number, lateMinutes: number, veryLateMinutes: number,
 *   taxRatesBp?: number[]}} Rules  taxRatesBp: the rates of tax that an item may have */
/** @typedef {{balance: number, currency: string, currencyDigits: number, orders: Order[], unread: number, rooms?: string[],
 *   wallet?: {balance: number, frozen?: boolean}, stalls?: KeptStall[], ownOrders?: Order[], is?: Relation[]}} Snapshot */
/** @typedef {{userId: string, userType: string, message: string, resumed: boolean, reason?: string,
 *   heartbeat: number, snapshot?: any}} Connected  heartbeat: the longest that the server is silent, in seconds */
/** @typedef {"live" | "reconnecting" | "offline" | "signed-out"} LinkState */

/** @typedef {{request(name: string, options: LockOptions, held: () => any): Promise<unknown>}} Locks  Web Locks */
/** @typedef {{postMessage(note: any): void, onmessage: ((event: any) => void) | null, close(): void}} Channel
 *   BroadcastChannel */

/** What the SDK uses of the browser, so that tests can hand in their own.
 * @typedef {object} Env
 * @property {typeof fetch} fetch
 * @property {(run: () => void, ms: number) => number} setTimeout
 * @property {(timer: number) => void} clearTimeout
 * @property {() => number} now  milliseconds
 * @property {((text: BufferSource) => Promise<ArrayBuffer>) | null} [digest]  SHA-256; null on plain http, where browsers
 *   have none
 * @property {() => number} random  0 up to, not including, 1
 * @property {() => boolean} isOnline
 * @property {() => boolean} isHidden
 * @property {(type: string, listener: (event: any) => void) => () => void} watch  listens on window and document;
 *   returns the function that stops it
 * @property {Locks | null} locks  null where the browser has none
 * @property {((name: string) => Channel) | null} openChannel
 * @property {import("./storage.js").Store} tabStore  kept as long as the tab
 * @property {import("./storage.js").Store} deviceStore  kept until it is removed
 */

export {};
