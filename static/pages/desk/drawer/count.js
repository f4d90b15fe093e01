// @ts-check
/** Count a drawer and close it: what is missing or too much is seen before it is booked. */
import { byId, el, input, onSubmit, setText } from "../../../ui/dom.js";
import { amountProblem, exampleMoney, formatMoney, parseMoney, plainMoney } from "../../../ui/format/money.js";
import { commandWords } from "../../../ui/format/words.js";
import { toast } from "../../../ui/toast.js";
import { sendMoney, waitsWords } from "../../admin/deeds/second.js";
import { piecesOf } from "../guest/amounts.js";
import { differenceWords } from "./words.js";

/** @typedef {import("./words.js").Drawer} Drawer */

const REASONS = ["Miscounted change", "Tip left in the drawer", "I don't know"];

/** Read a counted sum: an amount, or nothing at all; pure. @param {string} text @param {import("../../../sdk/types.js").Currency} currency
 * @returns {number | null} */
export const countedOf = (text, currency) => (/^0+([.,]0+)?$/.test(text.trim()) ? 0 : parseMoney(text, currency));

/** @param {import("../../../sdk/festival-push.js").Client} client @param {import("../../../sdk/types.js").Currency} currency
 * @param {(drawer: Drawer, told: {expected: number, counted: number, difference: number}) => void} closed */
export function createCount(client, currency, closed) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("count"));
  const money = (/** @type {number} */ amount) => formatMoney(amount, currency);
  let drawer = /** @type {Drawer | null} */ (null);

  const show = () => {
    const counted = countedOf(input("count-sum").value, currency);
    const difference = counted === null || !drawer ? 0 : counted - drawer.expected;
    const isWrong = counted !== null && difference !== 0;
    setText("count-difference", counted === null ? "" : differenceWords(difference, money));
    byId("count-difference").dataset.tone = isWrong ? "bad" : "good";
    byId("count-reason-field").hidden = !isWrong;
    input("count-reason").required = isWrong;
  };
  input("count-sum").placeholder = exampleMoney(currency, 31_250);
  input("count-sum").addEventListener("input", show);
  byId("count-reasons").replaceChildren(...REASONS.map((reason) => el("button", { type: "button", class: "small", onclick: () => (input("count-reason").value = reason) }, reason)));

  const numbers = piecesOf(currency).map((amount) => /** @type {[number, HTMLInputElement]} */ ([amount, el("input", { id: `piece-${amount}`, inputmode: "numeric", maxlength: 5, placeholder: "0" })]));
  byId("pieces").replaceChildren(...numbers.map(([amount, number]) => el("li", {}, el("label", { for: number.id }, money(amount)), number)));
  byId("pieces").addEventListener("input", () => {
    const sum = numbers.reduce((all, [amount, number]) => all + amount * (/^\d+$/.test(number.value.trim()) ? Number(number.value) : 0), 0);
    input("count-sum").value = plainMoney(sum, currency);
    show();
  });

  onSubmit("count-form", "count-send", async () => {
    const counted = countedOf(input("count-sum").value, currency);
    setText("count-problem", counted === null ? `This is no amount. ${amountProblem(input("count-sum").value, currency, 31_250)}` : "");
    const one = drawer;
    if (counted === null || !one) return input("count-sum").focus();
    const reason = byId("count-reason-field").hidden ? "" : input("count-reason").value.trim();
    try {
      const sent = await sendMoney(client, `/v1/admin/drawers/${encodeURIComponent(one.drawerId)}/close`, { counted, ...(reason ? { reason } : {}) });
      if (!sent) return;
      dialog.close();
      if (sent.isWaiting) toast(waitsWords(`The count of ${one.name}`), "info");
      else closed(one, sent.data);
    } catch (error) {
      setText("count-problem", commandWords(error, currency));
    }
  });
  byId("count-close").addEventListener("click", () => dialog.close());

  return {
    /** @param {Drawer} one */
    open(one) {
      drawer = one;
      /** @type {HTMLFormElement} */ (byId("count-form")).reset();
      setText("count-problem", "");
      setText("count-title", `Count ${one.name}`);
      setText("count-words", `${money(one.expected)} should be in it. What is counted goes to the safe.`);
      show();
      dialog.showModal();
      input("count-sum").focus();
    },
  };
}
