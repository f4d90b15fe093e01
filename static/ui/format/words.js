// @ts-check
import { formatMoney } from "./money.js";
import { isUnsent, ProblemError } from "../../sdk/problem.js";

/** A wait as people say it; pure. @param {number | null} seconds  null: it was not told */
export function waitWords(seconds) {
  if (seconds === null) return "a few minutes";
  const minutes = Math.max(1, Math.ceil(seconds / 60));
  if (minutes >= 100) return `${Math.ceil(minutes / 60)} hours`;
  return minutes === 1 ? "a minute" : `${minutes} minutes`;
}

/** By reason: why a run has no file for the bank. @type {Record<string, string>} */
const SEPA_WORDS = {
  currency: "Bank files are in euros only. Download the CSV.",
  payer: "The bank file needs the festival's own IBAN (payouts.iban in the settings). Download the CSV until then.",
  bank: "The bank of the festival's IBAN is not known: set payouts.bic. Download the CSV until then.",
  outside: "Some accounts are outside SEPA. Take their payouts out of the run, and pay them otherwise.",
};

/** By code: a refusal in words for the person in front of the screen.
 * @type {Record<string, (problem: ProblemError, currency?: import("../../sdk/types.js").Currency) => string>} */
const WORDS = {
  network: () => "No connection to the server. Nothing is lost: try again in a moment.",
  offline: () => "You are offline. Nothing was sent.",
  "insufficient-funds": ({ params }, currency) => {
    const missing = Number(params.total) - Number(params.balance);
    const more = missing > 0 && currency ? ` ${formatMoney(missing, currency)} is missing.` : "";
    return `Your balance doesn't cover this order.${more} Nothing was charged.`;
  },
  "price-changed": () => "A price has changed since you looked. We loaded the new menu; nothing was charged.",
  "item-unavailable": () => "Something in your order has just sold out. Nothing was charged.",
  "vendor-closed": () => "This stall is closed right now. Nothing was charged.",
  "name-taken": () => "Another stall is called like that, or so much like it that people would take one for the other. Choose another name.",
  "vendor-busy": () => "This stall has too many open orders. Try again in a few minutes; nothing was charged.",
  "too-many-open-orders": ({ params }) =>
    `You have ${params.openOrdersMax ?? "many"} open orders at this stall. Pick one up first; nothing was charged.`,
  "too-many-messages": () => "No more can be written about this order. Nothing was sent; talk to each other at the stall.",
  "too-many-payouts": ({ params }) =>
    `You have asked for ${params.payoutsMax ?? "several"} payouts already. Wait until one of them is settled; your money is still here.`,
  "menu-full": ({ params }) => `This menu has ${params.menuItemsMax ?? "enough"} items and no room for more. Take something off it first.`,
  "too-many-displays": ({ params }) => `This stall has ${params.displaysMax ?? "enough"} screens already. Take one down first.`,
  "already-paid": () => "Somebody has paid this already. You were not charged.",
  "already-claimed": () => "Somebody has taken this deposit already.",
  "give-back-expired": () => "The time to take this deposit is over. Ask the stall for a new code.",
  "deposits-exhausted": () => "More deposit would go back than was ever paid. Ask at the festival office.",
  "no-deposit": () => "There is no deposit on any of this.",
  "payment-request-expired": () => "The time to pay this is over. You were not charged; ask the stall for a new code.",
  "invalid-transition": () => "This order has already moved on.",
  "line-gone": ({ params }) => `Only ${params.left ?? "fewer"} of this are left to give back. Nothing has moved.`,
  "sale-over": () => "This order is done: ask the festival office to refund it.",
  "till-short": ({ params }, currency) => `The till does not hold this any more${currency && params.available !== undefined
    ? `, only ${formatMoney(Number(params.available), currency)}` : ""}. Ask the festival office to refund it.`,
  "already-withdrawn": () => "This announcement was withdrawn already. Make a new one.",
  "reason-required": () => "Please say why the order is cancelled.",
  "amount-too-large": ({ params }, currency) =>
    `This is above the limit${currency && params.amountMax ? ` of ${formatMoney(params.amountMax, currency)}` : ""}.`,
  "balance-limit": ({ params }, currency) =>
    `The wallet may hold at most ${currency && params.balanceMax ? formatMoney(params.balanceMax, currency) : "its limit"}.`,
  "vendor-unattended": () => "Nobody keeps this stall at present, so it takes no orders. Nothing was charged.",
  "money-unearned": ({ params }, currency) =>
    `Money of orders that are not completed stays in the till, as does what may still be refunded.${currency && params.available
      ? ` ${formatMoney(Number(params.available), currency)} can be paid out now.` : " Complete them first."}`,
  "daily-limit": ({ params }, currency) => `This is more than one person may book in a day.${currency && params.left !== undefined
    ? ` ${formatMoney(Number(params.left), currency)} of ${formatMoney(Number(params.dailyMax), currency)} are left.` : ""} Nothing was booked.`,
  "wallet-frozen": () => "This wallet is frozen: money comes in, and none goes out. Ask at the cash desk. Nothing was charged.",
  "wallet-not-empty": ({ params }, currency) => Number(params.payouts) > 0
    ? "A payout is still waiting. Wait until it is settled, or take it back."
    : `There is money left${currency && params.balance !== undefined ? `: ${formatMoney(Number(params.balance), currency)}` : ""}. Ask for a payout, donate it or spend it first.`,
  "orders-open": () => "There are orders that are not finished yet. Wait until they are.",
  "still-staff": () => "Whoever keeps a stall, or is a cashier or an organiser, can't be erased. Give that up first.",
  "wallet-moved": () => "That wallet was moved to another one itself. Move the money to whoever has it now.",
  "new-sign-in-spent": () => "This code was used already, or there is a newer one. Ask at the cash desk for another.",
  "drawer-open": () => "You have a drawer open already. Close it first.",
  "drawer-closed": () => "This drawer is closed. Nothing was booked.",
  "no-drawer": () => "Cash needs a drawer. Open one first; nothing was booked.",
  "drawer-short": ({ params }, currency) => `There is less cash than this in the drawer${currency && params.cash !== undefined
    ? `: ${formatMoney(Number(params.cash), currency)}` : ""}. Nothing was booked.`,
  "difference-unexplained": ({ params }, currency) => `This is not what should be in the drawer${currency && params.expected !== undefined
    ? `: ${formatMoney(Number(params.expected), currency)}` : ""}. Count again, or say why.`,
  "reversal-late": () => "It is too late to take this back yourself. Ask an organiser; nothing has moved.",
  "last-admin": () => "They are the only organiser. Make somebody else one first.",
  "books-closed": () => "Somebody has closed these books just now. Look at the newest report first.",
  "nothing-to-close": () => "Nothing has been sold since the last report, so there is nothing to close.",
  "payout-settled": () => "Somebody has settled this payout already.",
  "payout-in-run": () => "This payout is in a run for the bank, and can't be changed by itself.",
  "payout-too-small": ({ params }, currency) =>
    `${currency && params.payoutMin ? `At least ${formatMoney(Number(params.payoutMin), currency)} are` : "More has to be"} paid out. Your money is still here.`,
  "payouts-over": () => "The time to ask for a payout is over. Ask at the festival office; your money is still here.",
  "no-donations": () => "Nothing can be donated here. Your money is still here.",
  "nothing-to-pay": () => "No payout with a bank account waits for a run.",
  "run-settled": () => "Somebody has sent or undone this run already.",
  "not-sepa": ({ params }) => SEPA_WORDS[String(params.why)] ?? "There is no bank file of this run. Download the CSV.",
  "last-owner": () => "Somebody has to own this stall. Appoint another owner first.",
  "owns-stall": () => "They are the only owner of a stall. Appoint another owner of it first.",
  "too-many-keepers": ({ params }) => `This stall has ${params.keepersMax ?? "enough"} keepers already. Dismiss one first.`,
  "too-many-stalls": ({ params }) => `Nobody can keep more than ${params.stallsMax ?? "so many"} stalls.`,
  "same-person": () => "You have asked for this yourself: another organiser has to confirm it.",
  "asker-gone": () => "Whoever asked for this may not do it any more. Refuse it.",
  "confirmation-settled": () => "Somebody has confirmed or refused this already.",
  "confirmation-expired": () => "This has waited too long. Ask for it again.",
  "weak-pin": ({ errors }) => `This PIN is guessed too easily${errors[0]?.message ? `: it ${errors[0].message}` : ""}. Take one that is no row, no year and nothing of yours.`,
  "pin-too-short": ({ params }) => `Whoever keeps a stall, takes cash or runs the festival needs a PIN of ${params.pinDigitsMin ?? "more"} digits or more.`,
  "sign-in-taken": () => "Somebody signs in with this name already. Take another one.",
  "second-factor-required": () => "Your PIN is right. Now show your second factor.",
  "second-factor-missing": () => "Organisers need a second factor. Add one under My account first.",
  "last-factor": () => "Organisers need a second factor here. Add another one before you remove this one.",
  "too-many-factors": ({ params }) => `You have ${params.factorsMax ?? "enough"} second factors already. Remove one first.`,
  "wrong-factor": () => "This code or passkey is not right, or was used already. Wait for the next code and try again.",
  "pin-required": () => "Type your PIN once more, because money is about to leave. Nothing has happened yet.",
  "invalid-credentials": () => "Sign-in name and PIN don't match.",
  "wrong-pin": () => "The old PIN is wrong. Nothing was changed. If you have forgotten it, ask at the festival office.",
  "too-many-tries": ({ retryAfter }) => `Too many wrong PINs. Try again in ${waitWords(retryAfter)}.`,
  "invalid-vendor-code": () => "This vendor code is unknown or was used before.",
  "already-reversed": ({ params }, currency) => `Less than this is left to take back${currency && params.reversible !== undefined
    ? `: ${formatMoney(Number(params.reversible), currency)}` : ""}. Nothing has moved.`,
  "not-reversible": () => "A movement of this kind can't be taken back. Nothing has moved.",
  "more-than-held": ({ params }, currency) => `Less than this is still held${currency && params.held !== undefined
    ? `: ${formatMoney(Number(params.held), currency)}` : ""}. Nothing has moved.`,
  "not-a-payment": () => "This report is of a refund or a dispute: no money came in that could be booked.",
  "unread-answered": () => "Somebody has booked or dismissed this report already.",
  "already-assigned": () => "Someone has assigned this money already.",
  suspended: () => "This account is suspended. Please ask at the festival office.",
  unauthorized: () => "You are signed out. Please sign in again.",
  "token-expired": () => "You were signed in for a long time. Please sign in again.",
  "other-user": () => "Somebody else has signed in with this browser.",
  forbidden: () => "Your account may not do this.",
  "rate-limited": ({ retryAfter }) => `That was too fast. Try again in ${retryAfter ?? "a few"} seconds.`,
};

/** @param {unknown} error @param {import("../../sdk/types.js").Currency} [currency] @returns {string} one or two plain sentences */
export function humanWords(error, currency) {
  if (!(error instanceof ProblemError)) return "Something went wrong on this page. Reload it and try again.";
  const words = WORDS[error.code];
  if (words) return words(error, currency);
  if (error.status === 429) return /** @type {any} */ (WORDS["rate-limited"])(error);
  if (error.status >= 500) return "The server has trouble right now. Try again in a moment.";
  const field = error.errors[0];
  if (field?.message) return `${field.field ? `${field.field}: ` : ""}${field.message}`;
  return error.detail || error.title;
}

/** For somebody whom the server has no room for yet. @param {number} [seconds]  until the next try; none: it goes on */
export const crowdWords = (seconds) => "Many people want to get in right now. "
  + (seconds === undefined ? "Your device works to get you in: this takes a few seconds."
    : `This page tries again by itself in ${seconds} second${seconds === 1 ? "" : "s"}: just leave it open.`);

/** Return whether it is unknown if a command took effect: no answer came, or the server failed at it.
 * @param {unknown} error */
export const isOpen = (error) => error instanceof ProblemError && error.code !== "offline" && (error.status === 0 || error.status >= 500);

/** The same for a command, whose fate may be open. The next try of the same wish carries the same key, so it is safe.
 * @param {unknown} error @param {import("../../sdk/types.js").Currency} [currency] */
export function commandWords(error, currency) {
  return isOpen(error) ? "We can't tell yet whether this went through. Try again: it will count only once." : humanWords(error, currency);
}

/** For a command whose tries somebody called off. */
export const STOPPED = "We stopped trying. We can't tell yet whether this went through. Try again: it will count only once.";

/** The same for a cancellation that came too late. @param {unknown} error @param {import("../../sdk/types.js").Currency} currency */
export const keptWords = (error, currency) => error instanceof ProblemError && error.code === "invalid-transition"
  ? "Too late to cancel: the stall has begun. Write to the stall, or ask there." : commandWords(error, currency);

/** The same for a list that loads by itself when the page is live again. @param {unknown} error */
export function listWords(error) {
  if (isUnsent(error)) return "You are offline. This loads by itself when you are back.";
  return isOpen(error) ? "The server can't be reached right now. This loads by itself when it is back." : humanWords(error);
}

/** The same for the end of a stream. @param {string} code @param {string} [message] */
export function endedWords(code, message = "") {
  return humanWords(new ProblemError({ status: 401, code, title: message || "You are signed out." }));
}
