// @ts-check
import { byId } from "../../../ui/dom.js";
import { humanWords } from "../../../ui/format/words.js";
import { toast } from "../../../ui/toast.js";
import { ask } from "../../../ui/touch/question.js";

/** @typedef {import("../orders/ticket.js").Standing} Standing */

const SHOWN_FROM = 2; // one is quicker by its own ticket

/** The newest call of what is ready, as the server has it; pure. @param {Standing[]} orders
 * @returns {{count: number, calledUntil: string}} without what the server may not know of yet */
export function readyOf(orders) {
  const calls = orders.filter(({ status, unsent, calledAt }) => status === "ready" && !unsent && calledAt).map(({ calledAt }) => /** @type {string} */ (calledAt));
  return { count: calls.length, calledUntil: calls.reduce((newest, call) => (call > newest ? call : newest), "") };
}

/** The button that takes all ready orders off the board at once, after a rush in which nobody ticked them off.
 * @param {import("../../../sdk/festival-push.js").Client} client @param {string} vendorId
 * @param {Pick<import("../orders/queue.js").Parts, "guard" | "undo" | "outbox">} parts @param {() => Standing[]} standing */
export function createClear(client, vendorId, { guard, undo, outbox }, standing) {
  const button = /** @type {HTMLButtonElement} */ (byId("ready-clear"));

  const recall = async (/** @type {string[]} */ orderIds) => {
    try {
      for (const orderId of orderIds) await outbox.add({ orderId, status: "ready", from: "completed" });
    } catch {
      toast("Not all could be called back: see Recently done.", "error");
    }
  };

  const clear = async () => {
    const { count, calledUntil } = readyOf(standing());
    if (!count) return;
    const words = "They leave the board. Each can be called back for some minutes, under Recently done.";
    if (!(await ask({ title: `${count} orders were picked up?`, words, action: "Clear them all" }))) return;
    try {
      const { data } = await client.command(`/v1/vendors/${encodeURIComponent(vendorId)}/orders/clear-ready`, { calledUntil });
      const { orderIds } = data;
      if (orderIds.length) undo.add("cleared", `${orderIds.length} picked up`, () => void recall(orderIds));
    } catch (error) {
      toast(humanWords(error), "error");
    }
  };
  button.addEventListener("click", () => guard.claim() && void clear());

  return {
    /** The orders have changed. */
    show() {
      button.hidden = readyOf(standing()).count < SHOWN_FROM;
    },
  };
}
