// @ts-check
import { byId, el, setText, whileBusy } from "../../../ui/dom.js";
import { formatMoney } from "../../../ui/format/money.js";
import { receiptLink } from "../../../ui/format/receipt-link.js";
import { leftOf } from "../../../ui/state/order-list.js";
import { ageOf, flagsOf, lineWords, NEXT } from "./ticket.js";

/** @typedef {import("../../../sdk/types.js").MenuItem} MenuItem */
/** @typedef {import("../../../sdk/types.js").OrderStatus} OrderStatus */
/** @typedef {import("./ticket.js").Standing} Standing */
/** @typedef {import("./ticket.js").View} View */

const REASONS = ["Sold out", "Closing", "Customer asked", "Nobody came"];
const MINUTES = [5, 10, 15, 20, 30, 45];
const REASON_CHARS_MAX = 140;

/** @typedef {object} SheetActions
 * @property {(order: Standing, status: OrderStatus) => boolean} step  false: it was too soon after another one
 * @property {(order: Standing, minutes: number) => Promise<string>} time  what went wrong, in words; empty: nothing
 * @property {(order: Standing, reason: string) => Promise<string>} cancel  the same
 * @property {(order: Standing) => void} talk
 * @property {(order: Standing) => void} giveBack  lines of it
 * @property {(order: Standing, line: number) => void} tick
 * @property {(itemId: string) => MenuItem | undefined} item  of the menu
 * @property {(item: MenuItem) => void} flip  sold out, or to be had again
 * @property {(orderId: string) => View | null} view  null: it is no open order any more
 */

/** Everything about one order that is not its next step: its lines in full, a time, messages, the way back, the end.
 * @param {ReturnType<typeof import("../taps/guard.js").createGuard>} guard @param {import("../../../sdk/types.js").Currency} currency
 * @param {SheetActions} actions */
export function createSheet(guard, currency, actions) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("sheet"));
  let orderId = "";
  let isAsking = false; // why the order is cancelled: words may be half typed
  let shown = "";

  const close = () => dialog.close();

  /** Send a command that waits for its answer; a second tap sends no second one.
   * @param {HTMLButtonElement} button @param {() => Promise<string>} command */
  const send = async (button, command) => {
    if (!guard.claim()) return;
    await whileBusy(button, async () => {
      const problem = await command();
      setText("sheet-problem", problem);
      if (!problem) close();
    });
  };

  /** @param {View} view */
  const lines = ({ order, ticks, grace }) => el("ul", { class: "rows" }, ...order.items.map(({ itemId, quantity, name, refunded = 0, notes, ageMin }, line) => {
    const item = itemId === null ? undefined : actions.item(itemId);
    return el("li", { class: "row" },
      order.status === "preparing" && !grace && refunded < quantity && el("button", { class: "tick", role: "checkbox", "aria-checked": String(ticks.includes(line)),
        "data-focus": `sheet-tick-${line}`, "aria-label": `${quantity - refunded} × ${name} is made`, onclick: () => actions.tick(order, line) }),
      el("span", { class: "grow" }, ...lineWords({ quantity, name, refunded }), ageOf({ ageMin }), notes && el("em", {}, notes)),
      item && el("button", { "data-focus": `sheet-item-${item.itemId}`, "aria-pressed": String(!item.available), "aria-label": `Sold out: ${item.name}`,
        onclick: () => actions.flip(item) }, item.available ? "Sold out?" : "Sold out"));
  }));

  /** @param {View} view */
  const times = ({ order }) => el("div", { class: "stack", role: "group", "aria-label": "Ready in about" },
    el("p", {}, order.status === "pending" ? "Accept it, ready in about" : "Ready in about"),
    el("div", { class: "choices" }, ...MINUTES.map((minutes) => {
      const button = el("button", { "aria-label": `${minutes} minutes`, "data-focus": `sheet-time-${minutes}`,
        onclick: () => void send(button, () => actions.time(order, minutes)) }, `${minutes} min`);
      return button;
    })));

  /** @param {View} view */
  const steps = ({ order, grace }) => {
    const next = NEXT[order.status];
    const take = (/** @type {OrderStatus} */ status) => () => actions.step(order, status) && close();
    return el("div", { class: "choices" },
      next && el("button", { class: "primary", "data-focus": "sheet-next", onclick: take(next.status) }, grace ? `${next.words} all the same` : next.words),
      order.status === "ready" && el("button", { "data-focus": "sheet-back", onclick: take("preparing") }, "Back to the kitchen"),
      el("button", { "data-focus": "sheet-talk", onclick: () => {
        close();
        actions.talk(order);
      } }, "Messages"),
      receiptLink({ orderId: order.orderId }, "vendor", { "data-focus": "sheet-receipt", "aria-label": `Receipt of order ${order.number}` }),
      el("button", { "data-focus": "sheet-give", onclick: () => {
        close();
        actions.giveBack(order);
      } }, "Give back…"),
      el("button", { class: "danger", "data-focus": "sheet-cancel", onclick: () => guard.claim() && ask(true) }, order.status === "pending" ? "Reject" : "Cancel", el("span", { class: "sr-only" }, ` order ${order.number}`)));
  };

  /** The form that asks why an order is cancelled: a tap, or in words. @param {View} view */
  const reasons = ({ order }) => {
    const cancel = (/** @type {HTMLButtonElement} */ button, /** @type {string} */ reason) => send(button, () => actions.cancel(order, reason));
    const chips = REASONS.map((reason) => {
      const button = el("button", { class: "danger", onclick: () => void cancel(button, reason) }, reason);
      return button;
    });
    const text = el("input", { maxlength: REASON_CHARS_MAX, placeholder: "Another reason", "aria-label": "Another reason" });
    const own = el("button", { class: "danger" }, "Cancel it");
    return el("div", { class: "stack" },
      el("p", {}, `Why? ${formatMoney(leftOf(order), currency)} go back to the customer.`),
      el("div", { class: "choices" }, ...chips),
      el("form", { class: "choices", onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        void cancel(own, text.value.trim() || "Cancelled");
      } }, text, own),
      el("button", { class: "quiet", onclick: () => ask(false) }, "Keep it"));
  };

  /** @param {boolean} wanted */
  const ask = (wanted) => {
    isAsking = wanted;
    shown = "";
    guard.rest(); // other buttons stand there now
    show();
  };

  const show = () => {
    if (!dialog.open) return;
    const view = actions.view(orderId);
    if (!view) return close();
    const { order, ageWords, grace } = view;
    const items = order.items.map(({ itemId }) => itemId && actions.item(itemId));
    const version = JSON.stringify(isAsking ? orderId : [view, items]);
    if (version === shown) return;
    shown = version;
    const focused = document.activeElement?.getAttribute("data-focus");
    setText("sheet-title", `Order ${order.number}${order.customerName ? ` · ${order.customerName}` : ""}`);
    setText("sheet-facts", [grace || ageWords, order.unsent && "Not sent yet: it waits for the connection", ...flagsOf(order, currency, view.unread),
      order.tip && `Tip: ${formatMoney(order.tip, currency)}`].filter(Boolean).join(" · "));
    byId("sheet-content").replaceChildren(...(isAsking ? [reasons(view)] : [lines(view), steps(view), ...(order.status === "ready" ? [] : [times(view)])]));
    if (focused) /** @type {HTMLElement | null} */ (dialog.querySelector(`[data-focus="${CSS.escape(focused)}"]`))?.focus();
  };

  byId("sheet-close").addEventListener("click", close);
  dialog.addEventListener("close", () => guard.rest()); // what lay below is under the finger now
  return {
    /** @param {string} of  an order's id */
    open(of) {
      [orderId, isAsking, shown] = [of, false, ""];
      guard.rest();
      setText("sheet-problem", "");
      dialog.showModal();
      show();
    },
    /** Something has changed: show it as it is. */
    show,
  };
}
