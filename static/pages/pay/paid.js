// @ts-check
/** What was paid: what is said of it, and the button that takes it back as long as the stall has not begun. */
import { byId, setText, whileBusy } from "../../ui/dom.js";
import { everySecond, secondsToCancel } from "../../ui/state/grace.js";
import { isHandedOver, mayCancel, paidFor, refundedOf } from "../../ui/state/order-list.js";
import { rest } from "../../ui/touch/rest.js";
import { toast } from "../../ui/toast.js";
import { keptWords } from "../../ui/format/words.js";

/** @typedef {import("../../sdk/types.js").Order} Order */

/** Say what became of the money; pure. @param {Order} order @param {(amount: number) => string} money */
export function paidWords(order, money) {
  if (order.status === "cancelled") return `${money(refundedOf(order) || paidFor(order))} went back into your wallet.`;
  const next = isHandedOver(order) ? "Show this to the stall." : "This page says when it is ready, and so does your wallet.";
  return `You paid ${money(paidFor(order))}. ${next}`;
}

/** @param {import("../../sdk/festival-push.js").Client} client @param {import("../../sdk/types.js").Currency} currency
 * @param {() => Order | null} order  that was paid
 * @param {(answer: any) => void} cancelled
 * @returns {() => void} shows whether it can be cancelled now, and for how long */
export function createCancel(client, currency, order, cancelled) {
  const button = /** @type {HTMLButtonElement} */ (byId("paid-cancel"));

  const cancel = async () => {
    rest(byId("app"));
    try {
      const { data } = await client.command(`/v1/orders/${encodeURIComponent(order()?.orderId ?? "")}/cancel`, {});
      cancelled(data);
    } catch (error) {
      toast(keptWords(error, currency), "error");
    }
  };
  button.addEventListener("click", () => void whileBusy(button, cancel));

  return everySecond(() => {
    const now = order();
    const seconds = now ? secondsToCancel(now, client.serverNow()) : 0;
    button.hidden = !now || !mayCancel(now, client.serverNow());
    setText("paid-cancel", seconds ? `Cancel (${seconds} s)` : "Cancel order");
    return seconds > 0;
  });
}
