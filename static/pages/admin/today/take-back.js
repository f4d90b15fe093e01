// @ts-check
/** Take a movement of money back: the money goes the way it came, and the ledger keeps both. */
import { ProblemError } from "../../../sdk/problem.js";
import { formatMoney } from "../../../ui/format/money.js";
import { toast } from "../../../ui/toast.js";
import { commandWords } from "../../../ui/format/words.js";
import { ask } from "../ask.js";
import { sendMoney, waitsWords } from "../deeds/second.js";

/** @typedef {import("./ledger.js").Transfer} Transfer */

/** How much of a movement can still be taken back; pure. 0: nothing, or it is of no kind that can.
 * @param {Transfer} transfer @returns {number} minor units */
export function reversibleOf({ kind, amount, debit = "", credit, reverses, reversed = 0 }) {
  const can = kind === "top-up" || kind === "purchase" || kind === "tip" || kind === "donation" || (kind === "payout" && (credit === "payouts" || credit.startsWith("drawer:")))
    || (kind === "adjustment" && debit.startsWith("user:") && credit.startsWith("user:")); // a wallet that was moved
  const left = Math.max(0, amount - reversed);
  return !can || reverses || (kind === "tip" && reversed) ? 0 : left; // a tip goes back as a whole
}

/** Where the money goes; pure. @param {Transfer} transfer @returns {string} */
export function wayBackWords({ kind, debit, credit }) {
  if (credit.startsWith("drawer:")) return `It goes back into ${debit}. Only if the cash is back: in its drawer while that is open, else in yours, else in the safe.`;
  if (kind === "adjustment") return `It goes back into ${debit}, which stays frozen until you unfreeze it.`;
  if (kind === "payout") return `It goes back into ${debit}. Only if it was not paid out, or has come back.`;
  if (kind === "donation") return `It goes back into ${debit}, whose owner gave it.`;
  if (kind === "purchase" || kind === "tip") return `The stall's till gives it back into ${debit}.`;
  if (credit === "held") return "It leaves the held money: pay it back where it came from.";
  if (debit.startsWith("desk:")) return `It leaves ${credit}: give it back at the cash desk.`;
  if (debit.startsWith("drawer:")) return `It leaves ${credit}: give the cash back, out of its drawer while that is open, else out of yours, else out of the safe.`;
  return `It leaves ${credit} and is held again, until you give it to its owner or back.`;
}

/** What is lost, in words; pure. @param {number} holds @param {number} amount @param {(amount: number) => string} money */
export const lossWords = (holds, amount, money) =>
  `The wallet holds ${money(Math.max(0, holds))} of ${money(amount)}. The other ${money(amount - Math.max(0, holds))} are spent: the festival loses them.`;

/** Ask, and take it back. @param {import("../../../sdk/festival-push.js").Client} client @param {Transfer} transfer
 * @param {import("../../../sdk/types.js").Currency} currency @returns {Promise<number>} how much was taken back; 0: nothing yet */
export async function takeBack(client, transfer, currency) {
  const money = (/** @type {number} */ amount) => formatMoney(amount, currency);
  const left = reversibleOf(transfer);
  const isWhole = transfer.kind === "tip";
  const answered = await ask({ title: `Take ${money(left)} back?`, action: "Take it back", words: wayBackWords(transfer), reason: "Reason, for its owner",
    ...(isWhole ? {} : { amount: left }) }, currency);
  if (!answered) return 0;
  const amount = isWhole ? left : answered.amount;
  const path = `/v1/admin/transfers/${encodeURIComponent(transfer.transactionId)}/reverse`;
  const wish = { amount, reason: answered.reason };
  try {
    const sent = await sendMoney(client, path, wish).catch(async (error) => {
      if (!(error instanceof ProblemError) || error.code !== "insufficient-funds") throw error;
      const holds = Number(error.params.balance ?? 0);
      const accepted = await ask({ title: "Some of it is spent", action: `Take it back, lose ${money(amount - Math.max(0, holds))}`, words: lossWords(holds, amount, money) }, currency);
      return accepted ? sendMoney(client, path, { ...wish, acceptLoss: true }) : null;
    });
    if (!sent) return 0;
    if (sent.isWaiting) toast(waitsWords(`${money(amount)} to be taken back`), "info");
    else toast(`${money(sent.data.amount)} taken back.${sent.data.loss ? ` ${money(sent.data.loss)} of it is lost.` : ""}`, "success");
    return sent.isWaiting ? 0 : sent.data.amount;
  } catch (error) {
    toast(commandWords(error, currency), "error");
    return 0;
  }
}
