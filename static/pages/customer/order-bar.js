// @ts-check
/** The bar with what is about to be ordered: wishes for each line, a tip, what is missing, and the button. */
import { byId, el, setText, showList, whileBusy } from "../../ui/dom.js";
import { ageMark } from "../../ui/format/items.js";
import { formatMoney } from "../../ui/format/money.js";
import { tipOf, tipsFor } from "../../ui/state/cart.js";
import { WISH_CHARS_MAX } from "../../ui/state/carts.js";

/** @typedef {object} Shown  what the bar shows
 * @property {{itemId: string, name: string, quantity: number, wish: string}[]} lines  chosen, or sent
 * @property {number} total  minor units, without deposit and tip
 * @property {number} deposit
 * @property {number} age  that the guest must have, in years; 0: any
 * @property {number} tip
 * @property {number} balance
 * @property {boolean} isLocked  it was sent and has no answer: only the very same may be sent again
 * @property {boolean} isClosed  the stall takes no new order */

/** @typedef {object} Hooks
 * @property {(part: number) => void} chooseTip  part of the total
 * @property {(itemId: string, text: string) => void} wish
 * @property {() => Promise<void>} order  handles its own errors */

/** @param {import("../../sdk/types.js").Currency} currency @param {Hooks} hooks */
export function createOrderBar(currency, { chooseTip, wish, order }) {
  const bar = byId("order-bar");
  const button = /** @type {HTMLButtonElement} */ (byId("order"));
  const tipStep = currency.currencyDigits ? 10 : 1; // ten cents; one yen
  let shown = /** @type {Shown | null} */ (null);
  let stop = () => {};

  /** @param {Shown} view */
  const showWishes = ({ lines, isLocked }) => {
    showList(byId("wishes"), lines, ({ itemId }) => itemId, ({ itemId, name, quantity, wish: text }) => {
      const id = `wish-${itemId}`;
      const field = el("input", { id, "data-focus": id, maxlength: WISH_CHARS_MAX, value: text, readonly: isLocked, autocomplete: "off",
        placeholder: "No onions, an allergy …", enterkeyhint: "done", oninput: () => wish(itemId, field.value),
        onkeydown(event) {
          if (event.key !== "Enter") return;
          event.preventDefault(); // it ends the wish; it doesn't pay
          field.blur();
        } });
      return el("li", { class: "field" }, el("label", { for: id }, `Wish for ${quantity}\u00a0× ${name}`), field);
    }, ({ name, quantity }) => JSON.stringify([name, quantity, isLocked])); // not the text: somebody is typing it
    const wishes = lines.filter((line) => line.wish.trim()).length;
    setText("order-more", wishes ? `${wishes} ${wishes === 1 ? "wish" : "wishes"} · Tip` : "Wishes · Tip");
  };

  /** @param {Shown} view */
  const showTips = ({ total, tip: chosen, isLocked }) => {
    const tips = tipsFor(total, tipStep);
    byId("tips").hidden = tips.length < 2;
    showList(byId("tips-choice"), tips, ({ tip }) => String(tip), ({ part, tip }) =>
      el("button", { type: "button", class: "small", "aria-pressed": String(tip === chosen), "data-focus": `tip-${tip}`, disabled: isLocked,
        onclick: () => chooseTip(part) }, tip ? formatMoney(tip, currency) : "None"),
    ({ tip }) => JSON.stringify([tip === chosen, isLocked]));
  };

  /** @param {boolean} isOpen */
  const open = (isOpen) => {
    bar.toggleAttribute("data-open", isOpen);
    byId("order-more").setAttribute("aria-expanded", String(isOpen));
  };

  /** @param {Shown} view */
  const show = (view) => {
    shown = view;
    const { lines, total, deposit, tip, age, balance, isLocked, isClosed } = view;
    const sum = total + deposit + tip;
    const count = lines.reduce((sum, { quantity }) => sum + quantity, 0);
    bar.hidden = count === 0;
    if (count === 0) open(false);
    showWishes(view);
    showTips(view);
    const short = sum - balance;
    setText("order", `Order ${count} ${count === 1 ? "item" : "items"} · ${formatMoney(sum, currency)}`);
    setText("order-beside", [deposit && `Includes ${formatMoney(deposit, currency)} deposit`, age && `${ageMark({ ageMin: age })}: bring your ID`].filter(Boolean).join(" · "));
    button.classList.toggle("doubtful", short > 0);
    button.disabled = (isClosed && !isLocked) || button.getAttribute("aria-busy") === "true";
    setText("order-short", short <= 0 ? "" : short <= tip ? "Your balance covers the order, but not this tip: choose a smaller one or top up."
      : `${formatMoney(short, currency)} more than your balance: top up first.`);
  };

  byId("order-more").addEventListener("click", () => open(!bar.hasAttribute("data-open")));
  byId("order-stop").addEventListener("click", () => stop());
  bar.addEventListener("submit", (event) => {
    event.preventDefault();
    void whileBusy(button, order).then(() => {
      byId("order-waiting").hidden = true;
      if (shown) show(shown);
    });
  });

  return {
    show,
    /** The tip that a part of a total is. @param {number} total @param {number} part */
    tipOf: (total, part) => tipOf(total, part, tipStep),
    /** @param {string} problem */
    say: (problem) => setText("order-problem", problem),
    /** Take words back that are not true any more, if they still stand there. @param {string} problem */
    unsay(problem) {
      if (byId("order-problem").textContent === problem) setText("order-problem", "");
    },
    /** No answer has come, and the order is sent again by itself. @param {() => void} callOff */
    waits(callOff) {
      stop = callOff;
      byId("order-waiting").hidden = false;
    },
  };
}
