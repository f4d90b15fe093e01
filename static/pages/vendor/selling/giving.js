// @ts-check
import { byId, el, setText, whileBusy } from "../../../ui/dom.js";
import { formatMoney } from "../../../ui/format/money.js";
import { backOf, leftOfLine } from "./giving-back.js";

/** @typedef {import("../../../sdk/types.js").Order} Order */

const REASONS = ["Sold out", "Wrong order", "Spilt", "Customer asked"];

/** The sheet in which a stall gives lines of an order back: how many of each, and why. The button says what goes back.
 * @param {ReturnType<typeof import("../taps/guard.js").createGuard>} guard @param {import("../../../sdk/types.js").Currency} currency
 * @param {(order: Order, lines: {index: number, quantity: number}[], reason: string) => Promise<string>} giveBack
 *   what went wrong, in words; empty: nothing */
export function createGiving(guard, currency, giveBack) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("giving"));
  const button = /** @type {HTMLButtonElement} */ (byId("giving-do"));
  const own = /** @type {HTMLInputElement} */ (byId("giving-reason"));
  let order = /** @type {Order | null} */ (null);
  let counts = /** @type {number[]} */ ([]);
  let reason = "";

  /** @param {number} line @param {number} by */
  const count = (line, by) => {
    const left = order?.items[line] ? leftOfLine(order.items[line]) : 0;
    counts[line] = Math.min(left, Math.max(0, (counts[line] ?? 0) + by));
    show();
  };

  /** @param {import("../../../sdk/types.js").OrderLine} line @param {number} index */
  const row = (line, index) => {
    const [left, chosen] = [leftOfLine(line), counts[index] ?? 0];
    const step = (/** @type {number} */ by, /** @type {string} */ sign, /** @type {string} */ words, /** @type {boolean} */ isOff) =>
      el("button", { type: "button", class: "count-step", "aria-label": `${words}: ${line.name}`, "data-focus": `giving-${by}-${index}`,
        "aria-disabled": isOff ? "true" : null, onclick: () => count(index, by) }, sign);
    return el("li", { class: "row" },
      el("span", { class: "grow" }, el("b", {}, `${left} ×`), ` ${line.name}`, el("span", { class: "muted" }, ` ${formatMoney(line.unitPrice, currency)}`)),
      ...(left > 0 ? [step(-1, "−", "One less", chosen === 0), el("output", { class: "count", "aria-label": `${line.name}: to give back` }, `${chosen} of ${left}`), step(1, "+", "One more", chosen === left)]
        : [el("span", { class: "muted" }, "given back")]));
  };

  const chosenReason = () => own.value.trim() || reason;
  const show = () => {
    if (!order) return;
    const focused = document.activeElement?.getAttribute("data-focus");
    const back = backOf(order, counts);
    byId("giving-lines").replaceChildren(...order.items.map(row));
    byId("giving-reasons").replaceChildren(...REASONS.map((words) => el("button", { type: "button", "aria-pressed": String(!own.value.trim() && reason === words),
      "data-focus": `giving-${words}`, onclick: () => {
        [reason, own.value] = [words, ""];
        show();
      } }, words)));
    const isReady = back.amount > 0 && chosenReason() !== "";
    button.disabled = !isReady;
    setText("giving-do", back.amount ? `Give ${formatMoney(back.amount, currency)} back` : "Give back");
    const isOpen = order.status !== "completed";
    setText("giving-words", back.isRest && isOpen ? "That is all of it: the order is cancelled." : chosenReason() || !back.amount ? "" : "Say why.");
    if (focused) /** @type {HTMLElement | null} */ (dialog.querySelector(`[data-focus="${CSS.escape(focused)}"]`))?.focus();
  };

  byId("giving-all").addEventListener("click", () => {
    counts = order ? order.items.map(leftOfLine) : [];
    show();
  });
  own.addEventListener("input", show);
  byId("giving-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const of = order;
    if (!of || button.disabled || !guard.claim()) return;
    void whileBusy(button, async () => {
      const problem = await giveBack(of, backOf(of, counts).lines, chosenReason());
      setText("giving-problem", problem);
      if (!problem) dialog.close();
    }).then(show);
  });
  byId("giving-close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    order = null;
    guard.rest(); // what lay below is under the finger now
  });

  return {
    /** @param {Order} of */
    open(of) {
      order = of;
      counts = of.items.map((line) => (of.items.length === 1 && leftOfLine(line) === 1 ? 1 : 0)); // nothing to choose
      [reason, own.value] = ["", ""];
      guard.rest();
      setText("giving-title", `Give back · ${of.atOnce ? summaryHead(of, currency) : `Order ${of.number}`}`);
      setText("giving-problem", "");
      dialog.showModal();
      show();
    },
  };
}

/** @param {Order} order @param {import("../../../sdk/types.js").Currency} currency */
const summaryHead = (order, currency) => formatMoney(order.total + (order.tip ?? 0) + (order.deposit ?? 0), currency);
