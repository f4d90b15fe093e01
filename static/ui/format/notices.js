// @ts-check
/** Notices in words, by their code; docs/api.md, Notices, has them all. */
import { formatMoney } from "./money.js";

/** @typedef {Record<string, string | number>} Params */

/** Why money is held, in words. @type {Record<string, string>} */
const HELD = {
  "unknown-owner": "nobody knows whose it is",
  "balance-limit": "the wallet of its owner is full",
  "taken-back": "it was taken back from a wallet",
};

/** Why money is held. @param {string | null | undefined} reason  as the server says it */
export const heldWords = (reason) => HELD[reason ?? ""] ?? reason ?? "";

const plain = (/** @type {string | number | undefined} */ code) => String(code).replaceAll("-", " ");
const because = (/** @type {Params} */ { reason }) => (reason === undefined ? "" : ` Reason: ${reason}`);
const gone = (/** @type {Params} */ { lost }, /** @type {(amount: string | number | undefined) => string} */ money) =>
  lost === undefined ? "" : ` ${money(lost)} of it is lost: it was spent already.`;

/** @type {Record<string, (params: Params, money: (amount: string | number | undefined) => string, message: string) => string>} */
const WORDS = {
  "money-arrived": ({ amount }, money) => `${money(amount)} has arrived in your wallet.`,
  "money-kept": ({ amount, most }, money) => `${money(amount)} has arrived for you. It is kept safe, because your wallet holds at most ${money(most)}: ask at the festival office.`,
  "money-returned": (params, money) => `${money(params.amount)} goes back to whoever paid it.${because(params)}`,
  "taken-back": (params, money) => `${money(params.amount)} was taken back from your wallet.${because(params)}`,
  "provider-took-back": ({ provider, amount }, money) => `${provider} has taken ${money(amount)} of your payment back.`,
  "provider-gave-back": ({ provider, amount }, money) => `${provider} has given ${money(amount)} back to your wallet.`,
  "deposit-back": ({ amount, stall }, money) => `${money(amount)} of deposit is back in your wallet, from ${stall}.`,
  "allowance-granted": (params, money) => `You have ${money(params.amount)} for food and drinks.${because(params)}`,
  "allowance-taken-back": (params, money) => `${money(params.amount)} for food and drinks was taken back.${because(params)}`,
  "payout-paid": () => "Your payout is on its way.",
  "payout-rejected": (params) => `Your payout could not be made; the money is back in your wallet.${because(params)}`,
  "till-payout-rejected": (params) => `Your payout could not be made; the money is back in the till.${because(params)}`,
  "payout-returned": (params, money) => `${money(params.amount)} of a payout is back.${because(params)}`,
  "wallet-frozen": (params) => `Your wallet is frozen: money comes in, and none goes out. Ask at the cash desk.${because(params)}`,
  "wallet-unfrozen": () => "Your wallet is no longer frozen.",
  "wallet-moved": (params) => `Your wallet was moved to another one. If you did not ask for it, tell the organiser.${because(params)}`,
  "money-moved": ({ amount, name }, money) => `${money(amount)} from the wallet of ${name} is in yours now.`,
  "paid-at-desk": ({ amount }, money) => `You have got ${money(amount)} of your wallet in cash at the desk.`,
  "donation-returned": (params, money) => `${money(params.amount)} of your donation is back in your wallet.${because(params)}`,
  "till-payout-asked": ({ name }) => `${name} asks for the till's money to be paid out.`,
  "order-paid": ({ items, stall, number }) => `Paid: ${items} at ${stall}. Your number is ${number}.`,
  "amount-paid": ({ items, stall }) => `Paid: ${items} at ${stall}.`,
  "order-ready": ({ number, stall }) => `Order ${number} is ready for pickup at ${stall}.`,
  "order-cancelled": (params) => `Order ${params.number} at ${params.stall} was cancelled; all that you paid is back.${because(params)}`,
  "order-refunded": (params, money) => `${money(params.amount)} of order ${params.number} at ${params.stall} is back in your wallet.${because(params)}`,
  "paid-at-once": ({ stall, items }) => `Paid at ${stall}: ${items}`,
  "sale-refunded": (params, money) => `${money(params.amount)} of what you paid at ${params.stall} is back in your wallet.${because(params)}`,
  "order-message": (_, __, message) => message,
  "pin-changed": () => "Your PIN was changed.",
  "pin-reset": () => "The organiser has given you a new PIN. If you did not ask for it, tell them.",
  "sign-in-offered": () => "The cash desk has given you a new way to sign in. If you did not ask for it, tell the organiser.",
  "sign-in-changed": () => "Your sign-in name was changed. If you did not do it, tell the organiser.",
  "factor-added": ({ name }) => `You have a new second factor: ${name}. If it is not yours, tell the organiser.`,
  "factor-removed": ({ name }) => `Your second factor ${name} was removed. If it was not you, tell the organiser.`,
  "factors-reset": () => "The organiser has removed your second factors. If you did not ask for it, tell them.",
  "recovery-code-used": ({ left }) => `A recovery code was used to sign you in; ${left} ${left === 1 ? "is" : "are"} left. If it was not you, tell the organiser.`,
  "recovery-codes-renewed": () => "You have new recovery codes; the earlier ones are void.",
  "you-keep": ({ stall }) => `You are a keeper of ${stall} now.`,
  "you-own": ({ stall }) => `You are an owner of ${stall} now.`,
  "you-left": ({ stall }) => `You no longer keep ${stall}.`,
  "keeper-came": ({ name, stall }) => `${name} is a keeper of ${stall} now.`,
  "owner-came": ({ name, stall }) => `${name} is an owner of ${stall} now.`,
  "keeper-left": ({ name, stall }) => `${name} no longer keeps ${stall}.`,
  "payout-asked": ({ name }) => `${name} asks for a payout.`,
  "second-wanted": ({ amount, act }, money) => `${money(amount)} (${plain(act)}) wait for a second organiser.`,
  "second-confirmed": ({ amount, act }, money) => `${money(amount)} (${plain(act)}): confirmed.`,
  "second-refused": (params, money) => `${money(params.amount)} (${plain(params.act)}): refused.${because(params)}`,
  "cash-missing": (params, money) => `${money(params.amount)} are missing in the drawer ${params.desk} of ${params.name}.${because(params)}`,
  "cash-over": (params, money) => `There are ${money(params.amount)} too much in the drawer ${params.desk} of ${params.name}.${because(params)}`,
  "funds-held": ({ amount, provider, reason }, money) => `${money(amount)} from ${provider} is held, because ${heldWords(String(reason))}: find its owner.`,
  "payment-conflict": ({ payment, provider }) => `Payment ${payment} of ${provider} came again with another amount.`,
  "receipt-unread": ({ provider, payment }) => `${provider} has sent a report that can't be read${payment ? ` (payment ${payment})` : ""}. Book it or dismiss it, under Today.`,
  "claim-taken": (params, money) => `${params.provider} has taken back ${money(params.amount)} of payment ${params.payment}.${gone(params, money)}`,
  "claim-given-back": (params, money) => `${params.provider} has given back ${money(params.amount)} of payment ${params.payment}.${gone(params, money)}`,
};

/** A notice in this page's words; in the server's, if it has no code, or one that this page does not know.
 * @param {{message: string, title?: string | null, code?: string | null, params?: Params | null}} notice
 * @param {import("../../sdk/types.js").Currency} currency @returns {{message: string, title: string | null}} */
export function noticeWords({ message, title = null, code, params }, currency) {
  const words = code && Object.hasOwn(WORDS, code) ? WORDS[code] : undefined;
  if (!words) return { message, title };
  const money = (/** @type {string | number | undefined} */ amount) => formatMoney(Number(amount), currency);
  return { message: words(params ?? {}, money, message), title };
}
