// @ts-check
import { byId, el, input, onSubmit, setText, showList } from "../../../ui/dom.js";
import { amountProblem, exampleMoney, formatMoney, parseMoney } from "../../../ui/format/money.js";
import { toast } from "../../../ui/toast.js";
import { commandWords } from "../../../ui/format/words.js";
import { changeQuantity } from "../../../ui/state/cart.js";
import { countdown } from "./charge.js";

/** @typedef {import("../../../sdk/types.js").MenuItem} MenuItem */

const EXPIRES_S = 300; // the server's own default, said here because the countdown goes by this device's clock
const TICK_MS = 1_000;

/** What of a menu has a deposit, sold out or not: cups come back after the last beer; pure. @param {MenuItem[]} menu */
export const withDeposit = (menu) => menu.filter(({ deposit }) => deposit);

/** What so many pieces bring back, in minor units; pure. @param {Map<string, number>} pieces @param {MenuItem[]} menu */
export const backFor = (pieces, menu) => menu.reduce((sum, { itemId, deposit = 0 }) => sum + deposit * (pieces.get(itemId) ?? 0), 0);

/** Give a guest the deposit of what they have brought back: shows a code, which the guest scans and takes.
 * @param {import("../../../sdk/festival-push.js").Client} client @param {import("../../../sdk/types.js").Currency} currency
 * @param {ReturnType<typeof import("./qr-dialog.js").createQrDialog>} dialog
 * @param {{vendorId?: string}} [stall]  whose offer it is, where the server knows several stalls of a keeper */
export function createGiveBack(client, currency, dialog, stall = {}) {
  let menu = /** @type {MenuItem[]} */ ([]);
  let pieces = /** @type {Map<string, number>} */ (new Map());
  let waiting = /** @type {{giveBackId: string, untilMs: number, total: string} | null} */ (null);
  let timer = 0;

  const money = (/** @type {number} */ amount) => formatMoney(amount, currency);
  const pathOf = (/** @type {string} */ giveBackId) => `/v1/give-backs/${encodeURIComponent(giveBackId)}/qr.svg`;

  /** @param {MenuItem} item */
  const row = ({ itemId, name, deposit = 0 }) => {
    const quantity = pieces.get(itemId) ?? 0;
    const change = (/** @type {number} */ step) => {
      pieces = changeQuantity(pieces, itemId, step);
      show();
    };
    return el("li", { class: "row" }, el("span", { class: "grow" }, name), el("span", { class: "price" }, money(deposit)),
      el("button", { type: "button", "aria-label": `One ${name} less came back`, "data-focus": `back-less-${itemId}`, disabled: quantity === 0,
        onclick: () => change(-1) }, "−"),
      el("output", { "aria-label": `${quantity} ${name} came back` }, quantity),
      el("button", { type: "button", "aria-label": `One ${name} more came back`, "data-focus": `back-more-${itemId}`, onclick: () => change(1) }, "+"));
  };

  const show = () => {
    const items = withDeposit(menu);
    const total = backFor(pieces, items);
    byId("back-menu").hidden = items.length === 0;
    showList(byId("back-items"), items, ({ itemId }) => itemId, row, (item) => JSON.stringify([item, pieces.get(item.itemId)]));
    byId("back-own").hidden = total > 0;
    for (const id of ["back-amount", "back-description"]) input(id).disabled = total > 0;
    setText("back-show", total > 0 ? `Give back ${money(total)}` : "Give back");
  };

  /** Return what the form says; null if something is missing, and why. */
  const wanted = () => {
    if (pieces.size) return { items: Array.from(pieces, ([itemId, quantity]) => ({ itemId, quantity })), expiresIn: EXPIRES_S };
    const typed = input("back-amount").value;
    const amount = parseMoney(typed, currency);
    setText("back-problem", amount === null ? `Say what came back, or type an amount. ${amountProblem(typed, currency)}` : "");
    if (amount === null) input("back-amount").focus();
    return amount === null ? null : { amount, description: input("back-description").value.trim(), expiresIn: EXPIRES_S };
  };

  const offer = async () => {
    setText("back-problem", "");
    const body = wanted();
    if (!body) return;
    try {
      const { data } = await client.command("/v1/give-backs", { ...body, ...stall });
      waiting = { giveBackId: data.giveBackId, untilMs: Date.now() + EXPIRES_S * 1_000, total: money(data.total) };
      clearInterval(timer);
      timer = setInterval(tick, TICK_MS);
      await dialog.show(pathOf(data.giveBackId), { title: `${waiting.total} back`, text: "The guest scans this code and takes the deposit." });
      tick();
      pieces = new Map();
      /** @type {HTMLFormElement} */ (byId("back-form")).reset();
      show();
    } catch (error) {
      setText("back-problem", commandWords(error, currency));
    }
  };

  const tick = () => {
    if (!waiting) return clearInterval(timer);
    const [path, leftMs] = [pathOf(waiting.giveBackId), waiting.untilMs - Date.now()];
    if (leftMs > 0) return dialog.count(path, `Waiting for the guest · ${countdown(leftMs)}`);
    if (dialog.isOpen(path)) dialog.say("Too late: this code gives nothing back any more.", true);
    waiting = null;
  };

  /** @param {string} total */
  const tellTaken = (total) => {
    const isShown = waiting !== null && dialog.isOpen(pathOf(waiting.giveBackId));
    waiting = null;
    if (isShown) dialog.say(`Taken: ${total} went back.`, true);
    else toast(`${total} of deposit went back.`, "payment");
  };

  onSubmit("back-form", "back-show", offer);
  input("back-amount").placeholder = exampleMoney(currency);
  setText("back-currency", `in ${currency.currency}`);
  show();

  return {
    /** @param {MenuItem[]} items  the stall's menu as it is now */
    offer(items) {
      menu = items;
      pieces = new Map([...pieces].filter(([itemId]) => withDeposit(menu).some((item) => item.itemId === itemId)));
      show();
    },
    /** A `give-back-claimed`. @param {any} data */
    claimed({ giveBackId, amount }) {
      if (waiting && waiting.giveBackId === giveBackId) tellTaken(waiting.total);
      else toast(`${money(amount)} of deposit went back.`, "payment"); // of another screen of this stall
    },
    /** The stream had a gap: look whether it was taken meanwhile. */
    async check() {
      if (!waiting) return;
      const { giveBackId, total } = waiting;
      try {
        const { status } = await client.get(`/v1/give-backs/${encodeURIComponent(giveBackId)}`);
        if (status === "claimed" && waiting?.giveBackId === giveBackId) tellTaken(total);
      } catch {
        // Its event or the next gap will say.
      }
    },
  };
}
