// @ts-check
import { toast } from "../../../ui/toast.js";
import { backOf } from "./steps.js";

/** @typedef {import("../../../sdk/types.js").Order} Order */
/** @typedef {import("../../../sdk/types.js").OrderStatus} OrderStatus */

/** What became of an order, after its number. @type {Record<OrderStatus, string>} */
export const DONE_WORDS = { pending: "new", confirmed: "accepted", preparing: "to make", ready: "ready", completed: "picked up", cancelled: "cancelled" };

const tooMany = () => toast("Too many changes wait for the connection.", "error");

/** Takes steps through the outbox, one at a time, and takes them back.
 * @param {Pick<import("./queue.js").Parts, "outbox" | "guard" | "undo">} parts @param {() => void} changed */
export function createStepping({ outbox, guard, undo }, changed) {
  /** @param {Order} order @param {OrderStatus} from @param {OrderStatus} to @param {OrderStatus | null} back @param {string} words */
  const send = ({ orderId, number }, from, to, back, words) => {
    outbox.add({ orderId, status: to, from }).then(({ key }) => {
      const later = navigator.onLine ? "" : ". You are offline: sent when you are back";
      if (back) undo.add(orderId, `${number} ${words}${later}`, () => void takeBack(orderId, key, to, back));
      else undo.forget(orderId);
      changed();
    }, tooMany);
  };

  /** What was never sent is called off; else the order goes back by a step of its own.
   * @param {string} orderId @param {string} key  of the step @param {OrderStatus} from @param {OrderStatus} back */
  const takeBack = async (orderId, key, from, back) => {
    if (!(await outbox.drop(key))) await outbox.add({ orderId, status: back, from }).catch(tooMany);
    changed();
  };

  return {
    /** Return false if it came too soon after another one. @param {Order} order @param {OrderStatus} status */
    step(order, status) {
      if (!guard.claim()) return false;
      send(order, order.status, status, backOf(order.status, status), DONE_WORDS[status]);
      return true;
    },
    /** Call a picked-up order back. @param {Order} order */
    recall: (order) => send(order, "completed", "ready", "completed", "called back"),
  };
}
