// @ts-check
import { changeQuantity, totalOf, withoutSoldOut } from "../../../ui/state/cart.js";
import { byId, el, input, onSubmit, setText, showList } from "../../../ui/dom.js";
import { amountProblem, exampleMoney, formatMoney, parseMoney } from "../../../ui/format/money.js";
import { toast } from "../../../ui/toast.js";
import { commandWords } from "../../../ui/format/words.js";
import { ask as askFirst } from "../../../ui/touch/question.js";

/** @typedef {import("../../../sdk/types.js").MenuItem} MenuItem */

const EXPIRES_S = 300; // the server's own default, said here because the countdown goes by this device's clock
const TICK_MS = 1_000;

/** @param {number} leftMs @returns {string} `4:59` */
export function countdown(leftMs) {
  const seconds = Math.max(0, Math.ceil(leftMs / 1_000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** What a customer was asked to pay. @typedef {{requestId: string, untilMs: number, title: string, text: string}} Request */

/** Ask one customer to pay: for menu items, or an amount with a reason. Shows the code until it is paid or expired; a
 * code that was closed by mistake can be shown again.
 * @param {import("../../../sdk/festival-push.js").Client} client @param {import("../../../sdk/types.js").Currency} currency
 * @param {ReturnType<typeof import("./qr-dialog.js").createQrDialog>} dialog
 * @param {{vendorId?: string}} [stall]  whose till it is for, where the server knows several stalls of a keeper */
export function createCharge(client, currency, dialog, stall = {}) {
  let menu = /** @type {MenuItem[]} */ ([]);
  let cart = /** @type {Map<string, number>} */ (new Map());
  let waiting = /** @type {Request | null} */ (null);
  let timer = 0;

  const money = (/** @type {number} */ amount) => formatMoney(amount, currency);

  /** @param {MenuItem} item */
  const row = ({ itemId, name, price }) => {
    const quantity = cart.get(itemId) ?? 0;
    const change = (/** @type {number} */ step) => {
      cart = changeQuantity(cart, itemId, step);
      show();
    };
    return el("li", { class: "row" }, el("span", { class: "grow" }, name), el("span", { class: "price" }, money(price)),
      el("button", { type: "button", "aria-label": `Charge one ${name} less`, "data-focus": `less-${itemId}`, disabled: quantity === 0,
        onclick: () => change(-1) }, "−"),
      el("output", { "aria-label": `${quantity} ${name} to charge` }, quantity),
      el("button", { type: "button", "aria-label": `Charge one ${name} more`, "data-focus": `more-${itemId}`, onclick: () => change(1) }, "+"));
  };

  const show = () => {
    const { count, total } = totalOf(cart, menu);
    showList(byId("charge-items"), menu.filter(({ available }) => available), ({ itemId }) => itemId, row,
      (item) => JSON.stringify([item, cart.get(item.itemId)]));
    byId("charge-own").hidden = count > 0;
    for (const id of ["charge-amount", "charge-description"]) input(id).disabled = count > 0;
    setText("charge-show", count > 0 ? `Show the code for ${money(total)}` : "Show the code");
  };

  /** Return what the form asks for; null if something is missing, and why. */
  const wanted = () => {
    if (cart.size) return { items: Array.from(cart, ([itemId, quantity]) => ({ itemId, quantity })), expiresIn: EXPIRES_S };
    const typed = input("charge-amount").value;
    const amount = parseMoney(typed, currency);
    setText("charge-problem", amount === null ? `Choose items, or type an amount. ${amountProblem(typed, currency)}` : "");
    if (amount === null) input("charge-amount").focus();
    return amount === null ? null : { amount, description: input("charge-description").value.trim(), expiresIn: EXPIRES_S };
  };

  const ask = async () => {
    setText("charge-problem", "");
    const body = wanted();
    if (!body) return;
    const text = "description" in body ? body.description : Array.from(cart, ([itemId, quantity]) =>
      `${quantity}\u00a0× ${menu.find((item) => item.itemId === itemId)?.name ?? ""}`).join(", ");
    const question = { title: "Show a new code?", words: `${waiting?.title} still waits to be paid, and still can be.`, action: "Show a new code" };
    if (waiting && !(await askFirst(question))) return;
    try {
      const { data } = await client.command("/v1/payment-requests", { ...body, ...stall });
      waiting = { requestId: data.requestId, untilMs: Date.now() + EXPIRES_S * 1_000, title: money(data.total), text };
      await open();
      cart = new Map();
      /** @type {HTMLFormElement} */ (byId("charge-form")).reset();
      show();
    } catch (error) {
      setText("charge-problem", commandWords(error, currency));
    }
  };

  const pathOf = (/** @type {Request} */ { requestId }) => `/v1/payment-requests/${encodeURIComponent(requestId)}/qr.svg`;
  const isShown = () => waiting !== null && dialog.isOpen(pathOf(waiting)); // and not an item's code

  /** Show the code that waits. @throws {import("../../../sdk/problem.js").ProblemError} */
  const open = async () => {
    if (!waiting) return;
    const { title, text } = waiting;
    clearInterval(timer);
    timer = setInterval(tick, TICK_MS);
    await dialog.show(pathOf(waiting), { title, text, onClose: tick });
    tick();
  };

  const tick = () => {
    const leftMs = waiting ? waiting.untilMs - Date.now() : 0;
    const shown = isShown();
    setText("qr-countdown", shown && leftMs > 0 ? `Waiting for the customer · ${countdown(leftMs)}` : "");
    byId("charge-waiting").hidden = leftMs <= 0;
    setText("charge-waiting-words", waiting && leftMs > 0 ? `${waiting.title} waits to be paid · ${countdown(leftMs)}` : "");
    if (!waiting || leftMs > 0) return;
    stop();
    if (shown) dialog.say("Too late: this code can't be paid any more.", true);
  };

  const stop = () => {
    clearInterval(timer);
    waiting = null;
    tick();
  };

  /** @param {string} orderId */
  const tellPaid = async (orderId) => {
    const shown = isShown();
    if (waiting && !shown) toast(`${waiting.title} was paid by QR code.`, "payment");
    stop();
    if (!shown) return;
    dialog.say("Paid.", true);
    try {
      const { customerName, number, atOnce } = await client.get(`/v1/orders/${encodeURIComponent(orderId)}`);
      dialog.say(`Paid by ${customerName}${atOnce ? "" : `: number ${number}`}`, true);
    } catch {
      // The order itself comes into the queue as well.
    }
  };

  onSubmit("charge-form", "charge-show", ask);
  byId("charge-again").addEventListener("click", () => void open().catch((error) => setText("charge-problem", commandWords(error, currency))));
  input("charge-amount").placeholder = exampleMoney(currency);
  setText("charge-currency", `in ${currency.currency}`);
  show();

  return {
    /** @param {MenuItem[]} items  the stall's menu as it is now */
    offer(items) {
      menu = items;
      cart = withoutSoldOut(cart, menu);
      show();
    },
    /** A `payment-request-paid`. @param {any} data */
    paid({ requestId, orderId, amount }) {
      if (waiting?.requestId === requestId) void tellPaid(orderId);
      else toast(`${money(amount)} was paid by QR code.`, "payment");
    },
    /** The stream had a gap: look whether it was paid meanwhile. */
    async check() {
      if (!waiting) return;
      const { requestId } = waiting;
      try {
        const { orderId } = await client.get(`/v1/payment-requests/${encodeURIComponent(requestId)}`);
        if (orderId && waiting?.requestId === requestId) await tellPaid(orderId);
      } catch {
        // Its event or the next gap will say.
      }
    },
  };
}
