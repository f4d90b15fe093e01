// @ts-check
/** Take a booking of one's own back, while that may be done without an organiser. */
import { ProblemError } from "../../sdk/problem.js";
import { formatMoney } from "../../ui/format/money.js";
import { commandWords } from "../../ui/format/words.js";
import { toast } from "../../ui/toast.js";
import { ask } from "../admin/ask.js";
import { sendMoney, waitsWords } from "../admin/deeds/second.js";

/** @typedef {import("../../sdk/types.js").Currency} Currency */
/** @typedef {{transactionId: string, kind: string, amount: number, timestamp: string, name?: string | null, userId?: string | null,
 *   reversed?: number, reverses?: string | null}} Booking  amount: above zero */

export const UNDO_MS = 10 * 60_000; // the server's rule for a cashier
const REASONS = ["Wrong amount", "Wrong guest", "Changed their mind"];
const KINDS = ["top-up", "payout"];

/** How much of a booking can still be taken back; pure. @param {Booking} booking */
export const leftOf = ({ kind, amount, reversed = 0, reverses }) => (KINDS.includes(kind) && !reverses ? Math.max(0, Math.abs(amount) - reversed) : 0);

/** How long a cashier may still take it back; pure. 0: no longer. @param {Booking} booking @param {number} nowMs */
export const undoMsOf = (booking, nowMs) => (leftOf(booking) ? Math.min(UNDO_MS, Math.max(0, Date.parse(booking.timestamp) + UNDO_MS - nowMs)) : 0);

/** @param {number} ms @returns {string} `9 min`; pure */
export const minutesWords = (ms) => (ms > 60_000 ? `${Math.ceil(ms / 60_000)} min` : `${Math.ceil(ms / 1_000)} s`);

/** Ask, and take it back. @param {import("../../sdk/festival-push.js").Client} client @param {Booking} booking @param {Currency} currency
 * @returns {Promise<number>} how much was taken back; 0: nothing, or nothing yet */
export async function undo(client, booking, currency) {
  const money = (/** @type {number} */ amount) => formatMoney(amount, currency);
  const [left, whose] = [leftOf(booking), booking.name ?? "the guest"];
  const isTopUp = booking.kind === "top-up";
  const answered = await ask({ title: `Take ${money(left)} back?`, action: `Take ${money(left)} back`, reason: "Reason, for the guest", reasons: REASONS,
    words: isTopUp ? `It leaves the wallet of ${whose}: give the money back to them.` : `It goes back into the wallet of ${whose}: take the money back from them.` }, currency);
  if (!answered) return 0;
  const path = `/v1/admin/transfers/${encodeURIComponent(booking.transactionId)}/reverse`;
  const send = (/** @type {number} */ amount) => sendMoney(client, path, { amount, reason: answered.reason });
  try {
    const sent = await send(left).catch(async (error) => {
      const holds = error instanceof ProblemError && error.code === "insufficient-funds" ? Number(error.params.balance ?? 0) : 0;
      if (holds <= 0) throw error;
      const accepted = await ask({ title: `Only ${money(holds)} are left`, action: `Take ${money(holds)} back`,
        words: `${whose} has spent the rest. Take back what is left, and call an organiser for the rest.` }, currency);
      return accepted ? send(holds) : null;
    });
    if (!sent) return 0;
    if (sent.isWaiting) toast(waitsWords(`${money(left)} to be taken back`), "info");
    else toast(`${money(sent.data.amount)} taken back: ${isTopUp ? "give the money back" : "take the money back"}.`, "success");
    return sent.isWaiting ? 0 : sent.data.amount;
  } catch (error) {
    toast(commandWords(error, currency), "error");
    return 0;
  }
}
