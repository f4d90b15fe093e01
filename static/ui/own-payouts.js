// @ts-check
import { byId, el, input, onSubmit, setText, showList } from "./dom.js";
import { withPin } from "./account/ask-pin.js";
import { formatMoney, parseMoney } from "./format/money.js";
import { whenBack } from "./link-state.js";
import { ProblemError } from "../sdk/problem.js";
import { queryOf } from "./state/accounts.js";
import { oneAtATime } from "./state/reading.js";
import { formatWhen } from "./format/time.js";
import { commandWords } from "./format/words.js";

/** @typedef {{payoutId: string, amount: number, status: "requested" | "completed" | "rejected", note?: string | null,
 *   reason?: string | null, reversed?: number, createdAt: string}} Payout */

/** @type {Record<Payout["status"], string>} */
const STATUS_WORDS = { requested: "Asked for", completed: "Paid out", rejected: "Given back to your balance" };

/** @typedef {object} Source  the wallet or the till that the money is asked from
 * @property {Record<string, string>} side  see sideOf
 * @property {() => number} balance
 * @property {(answer: any) => void} settled
 * @property {() => boolean} [isShown]
 * @property {(amount: number, isAll: boolean) => Promise<boolean>} [isSure]  asks the person first; isAll: of what may be had, which
 *   may be less than the balance */

/** Asking for what is left in the wallet or the till, and what became of it.
 * @param {import("../sdk/festival-push.js").Client} client @param {string} currency @param {Source} source */
export function createPayouts(client, currency, { side, balance, settled, isShown = () => true, isSure = async () => true }) {
  /** @param {Payout} payout */
  const row = ({ amount, status, note, reason, reversed, createdAt }) => el("li", { class: "row", "data-status": status },
    el("div", { class: "grow" }, el("strong", {}, STATUS_WORDS[status] ?? status), reason && el("p", {}, `Reason: ${reason}`), reversed ? el("p", {}, `${formatMoney(reversed, currency)} came back`) : null,
      note && el("p", {}, note), el("p", { class: "muted" }, formatWhen(createdAt))),
    el("span", { class: "price" }, formatMoney(amount, currency)));

  const load = oneAtATime(() => client.get(`/v1/me/payouts?limit=20${queryOf(side)}`).then(
    ({ items }) => showList(byId("payouts"), items, ({ payoutId }) => payoutId, row),
    () => {
      whenBack(load); // the list stays as it is until it can be read
    }));

  const tooMuch = (/** @type {number} */ left) => `Your balance is ${formatMoney(left, currency)} by now.`;

  const send = async () => {
    const typed = input("payout-amount").value.trim();
    const amount = typed ? parseMoney(typed, currency) : balance();
    const note = input("payout-note").value.trim();
    setText("payout-problem", "");
    if (amount === null) setText("payout-problem", "Type the amount like 12.50, or leave it empty for all of it.");
    else if (amount > balance() || amount === 0) setText("payout-problem", `Your balance is ${formatMoney(balance(), currency)}.`);
    else if (await isSure(amount, !typed)) {
      try {
        const wish = { ...(typed ? { amount } : { all: true }), ...(note ? { note } : {}), ...side };
        const data = await withPin((secret) => client.command("/v1/payouts", wish, secret));
        if (!data) return; // no PIN was given
        /** @type {HTMLFormElement} */ (byId("payout")).reset();
        settled(data.data);
        await load();
      } catch (error) {
        // The money may have been spent on another device meanwhile.
        const isShort = error instanceof ProblemError && error.code === "insufficient-funds";
        setText("payout-problem", isShort ? tooMuch(Number(error.params.balance)) : commandWords(error, currency));
      }
    }
  };
  onSubmit("payout", "payout-send", send);

  return {
    open: () => void load(),
    changed() {
      if (isShown()) void load();
    },
  };
}
