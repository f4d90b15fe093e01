// @ts-check
import { byId, el, input, onSubmit, setText, showList } from "../dom.js";
import { withPin } from "../account/ask-pin.js";
import { amountProblem, exampleMoney, formatMoney, parseMoney } from "../format/money.js";
import { whenBack } from "../link-state.js";
import { ProblemError } from "../../sdk/problem.js";
import { queryOf } from "../state/accounts.js";
import { oneAtATime } from "../state/reading.js";
import { formatWhen } from "../format/time.js";
import { ask } from "../touch/question.js";
import { toast } from "../toast.js";
import { commandWords } from "../format/words.js";
import { ibanProblem, plainIban } from "./iban.js";
import { NO_TERMS, payoutOf } from "./terms.js";

/** @typedef {{payoutId: string, userId?: string, amount: number, fee?: number, status: "requested" | "completed" | "rejected",
 *   withdrawn?: boolean, runId?: string, note?: string | null, iban?: string, accountHolder?: string, reason?: string | null,
 *   reversed?: number, atDesk?: boolean, createdAt: string}} Payout */

/** @type {Record<Payout["status"], string>} */
const STATUS_WORDS = { requested: "Asked for", completed: "Paid out", rejected: "Given back to your balance" };

/** Where a payout stands; pure. @param {Payout} payout */
export function statusWords({ status, withdrawn, runId, atDesk }) {
  if (atDesk) return "Paid in cash at the desk";
  if (withdrawn) return "Taken back";
  if (status === "requested" && runId) return "On its way to the bank";
  return STATUS_WORDS[status] ?? status;
}

/** @typedef {{amount: number, isAll: boolean, fee: number, rest: number, isDonated: boolean, iban: string}} Wish
 *   isAll: of what may be had, which may be less than the balance; rest: what stays; iban: "" if none was given */

/** @typedef {object} Source  the wallet or the till that the money is asked from
 * @property {Record<string, string>} side  see sideOf
 * @property {string} userId  of who asks: the payouts of others can't be taken back
 * @property {() => number} balance
 * @property {(answer: any) => void} settled
 * @property {() => boolean} [isShown]
 * @property {() => import("./terms.js").Terms} [terms]  a wallet's; a till has none
 * @property {() => boolean} [donates]  whether the rest is given away
 * @property {(wish: Wish) => Promise<boolean>} [isSure]  asks the person first */

/** Asking for what is left in the wallet or the till, and what became of it.
 * @param {import("../../sdk/festival-push.js").Client} client @param {import("../../sdk/types.js").Currency} currency @param {Source} source */
export function createPayouts(client, currency, source) {
  const { side, userId, balance, settled, isShown = () => true, terms = () => NO_TERMS, donates = () => false, isSure = async () => true } = source;
  const words = (/** @type {number} */ amount) => formatMoney(amount, currency);

  /** @param {Payout} payout */
  const takeBack = async (payout) => {
    const sum = words(payout.amount + (payout.fee ?? 0));
    if (!(await ask({ title: `Take ${words(payout.amount)} back?`, action: "Take it back", words: `${sum} are in your balance again at once. Nothing is paid out.` }))) return;
    try {
      settled((await client.command(`/v1/payouts/${encodeURIComponent(payout.payoutId)}/withdraw`, {})).data);
    } catch (error) {
      toast(commandWords(error, currency), "error"); // it may be with the bank by now
    }
    await load();
  };

  /** @param {Payout} payout */
  const row = (payout) => {
    const { amount, fee, status, note, iban, accountHolder, reason, reversed, createdAt } = payout;
    const isOpen = status === "requested" && !payout.runId && (payout.userId ?? userId) === userId;
    return el("li", { class: "row wrap", "data-status": status },
      el("div", { class: "grow" }, el("strong", {}, statusWords(payout)), reason && el("p", {}, `Reason: ${reason}`), reversed ? el("p", {}, `${words(reversed)} came back`) : null,
        note && el("p", {}, note), iban ? el("p", {}, `${iban} · ${accountHolder ?? ""}`) : null, fee ? el("p", {}, `Fee ${words(fee)}`) : null,
        el("p", { class: "muted" }, formatWhen(createdAt))),
      el("span", { class: "price" }, words(amount)),
      isOpen ? el("button", { class: "small", onclick: () => void takeBack(payout) }, "Take back", el("span", { class: "sr-only" }, ` ${words(amount)}`)) : null);
  };

  const load = oneAtATime(() => client.get(`/v1/me/payouts?limit=20${queryOf(side)}`).then(
    ({ items }) => showList(byId("payouts"), items, ({ payoutId }) => payoutId, row),
    () => {
      whenBack(load); // the list stays as it is until it can be read
    }));

  /** What the form says, or what is wrong with it. @returns {{problem: string, wish?: Wish, body?: Record<string, unknown>}} */
  const read = () => {
    const typed = input("payout-amount").value.trim();
    const amount = typed ? parseMoney(typed, currency) : null;
    if (typed && amount === null) return { problem: `Leave it empty for all of it, or type an amount. ${amountProblem(typed, currency, 1250)}` };
    const [iban, holder, note] = [input("payout-iban").value.trim(), input("payout-holder").value.trim(), input("payout-note").value.trim()];
    const sum = payoutOf({ typed: amount, balance: balance(), terms: terms(), currency });
    if (sum.problem) return { problem: sum.problem };
    if (iban && ibanProblem(iban)) return { problem: ibanProblem(iban) };
    if (iban && !holder) return { problem: "Type whose bank account it is: banks compare the name." };
    if (holder && !iban) return { problem: "Type the IBAN of the bank account too." };
    const isDonated = donates() && sum.rest > 0;
    return {
      problem: "",
      wish: { amount: sum.amount, isAll: amount === null, fee: terms().fee, rest: sum.rest, isDonated, iban: plainIban(iban) },
      body: { ...(typed ? { amount: sum.amount } : { all: true }), ...(note ? { note } : {}), ...(iban ? { iban: plainIban(iban), accountHolder: holder } : {}),
        ...(isDonated ? { donateRest: true } : {}), ...side },
    };
  };

  const send = async () => {
    const { problem, wish, body } = read();
    setText("payout-problem", problem);
    if (!wish || !(await isSure(wish))) return;
    try {
      const data = await withPin((secret) => client.command("/v1/payouts", body, secret));
      if (!data) return; // no PIN was given
      /** @type {HTMLFormElement} */ (byId("payout")).reset();
      settled(data.data);
      await load();
    } catch (error) {
      // The money may have been spent on another device meanwhile.
      const isShort = error instanceof ProblemError && error.code === "insufficient-funds";
      setText("payout-problem", isShort ? `Your balance is ${words(Number(error.params.balance))} by now.` : commandWords(error, currency));
    }
  };
  input("payout-amount").placeholder = exampleMoney(currency, 1250);
  onSubmit("payout", "payout-send", send);

  return {
    open: () => void load(),
    changed() {
      if (isShown()) void load();
    },
  };
}
