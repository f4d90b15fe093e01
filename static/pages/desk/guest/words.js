// @ts-check
/** What a guest's card says, in words. */
import { formatMoney } from "../../../ui/format/money.js";

/** @typedef {{transactionId: string, kind: string, amount: number, balance?: number, timestamp: string, vendorName?: string | null,
 *   actor?: string | null, actorName?: string | null, note?: string | null, reversed?: number, reverses?: string | null}} Move
 *   amount: signed, as the wallet sees it */
/** @typedef {{userId: string, name: string, topUpCode: string, balance: number, allowance?: number, frozen?: boolean, suspended?: boolean,
 *   movedTo?: string | null, createdAt: string, is?: string[], orders: CardOrder[], sessions: CardSession[], payouts: CardPayout[]}} Card */
/** @typedef {{orderId: string, number: number, vendorName: string, status: import("../../../sdk/types.js").OrderStatus, total: number,
 *   refunded?: number, tip?: number, createdAt: string}} CardOrder */
/** @typedef {{device?: string | null, createdAt: string, lastSeenAt?: string | null}} CardSession */
/** @typedef {{payoutId: string, amount: number, status: string, createdAt: string}} CardPayout */

/** By kind: money that came in, and money that went. @type {Record<string, [string, string]>} */
const MOVES = {
  "top-up": ["Top-up", "Top-up"],
  purchase: ["Given back", "Order"],
  tip: ["Tip given back", "Tip"],
  refund: ["Refund", "Refund"],
  payout: ["Payout given back", "Payout"],
  deposit: ["Deposit given back", "Deposit"],
  allowance: ["Drink tickets", "Drink tickets taken back"],
  donation: ["Donation given back", "Donation"],
  moved: ["Moved here from another wallet", "Moved to another wallet"],
  adjustment: ["Given back", "Taken back"],
};

/** What a movement of a guest's money was; pure. @param {Move} move */
export function moveWords({ kind, amount, vendorName }) {
  const words = MOVES[kind]?.[amount < 0 ? 1 : 0] ?? kind.replaceAll("-", " ");
  return vendorName ? `${words} · ${vendorName}` : words;
}

/** Who moved it and why; pure. @param {Move} move @param {import("../../../sdk/types.js").Currency} currency
 * @param {string} userId  the guest's: what they do themselves needs no name */
export const moveNote = ({ note, actor, actorName, reversed }, currency, userId) =>
  [reversed ? `${formatMoney(reversed, currency)} taken back` : "", actorName && actor !== `user:${userId}` && `by ${actorName}`, note].filter(Boolean).join(" · ");

/** What stands in the way of the guest, and what to do; pure. Empty: nothing.
 * @param {Pick<Card, "frozen" | "suspended" | "movedTo">} card */
export function stateWords({ frozen, suspended, movedTo }) {
  if (movedTo) return "This wallet was moved to another person. Look for that one: money for this one goes there.";
  const words = [frozen && "This wallet is frozen: nobody can pay with it. Money can still come in.",
    suspended && "This person is suspended and can't sign in. Their money is theirs."];
  return words.filter(Boolean).join(" ");
}

/** How many staff parts somebody has, as chips; pure. @param {{is?: string[]}} card */
export const staffParts = ({ is = [] }) => is.filter((part) => part !== "customer").map((part) => (part === "admin" ? "organiser" : part === "keeper" ? "stall keeper" : part));

/** @type {Record<string, string>} */
const PAYOUT_WORDS = { requested: "Asked for", completed: "Paid out", rejected: "Given back", withdrawn: "Taken back by the guest" };

/** @param {string} status */
export const payoutWords = (status) => PAYOUT_WORDS[status] ?? status;
