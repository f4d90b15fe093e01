// @ts-check
/** Drink tickets: money that somebody of the crew may spend at stalls, and that is never paid out. */
import { byId, input, onSubmit, setText, whileBusy } from "../../../ui/dom.js";
import { amountProblem, exampleMoney, formatMoney, parseMoney } from "../../../ui/format/money.js";
import { commandWords } from "../../../ui/format/words.js";
import { ask } from "../ask.js";
import { sendMoney, waitsWords } from "../deeds/second.js";

/** @typedef {import("./find.js").Person} Person */

/** The form in a person's dialog. @param {import("../../../sdk/festival-push.js").Client} client
 * @param {import("../../../sdk/types.js").Currency} currency */
export function createTickets(client, currency) {
  let person = /** @type {Person | null} */ (null);
  const money = (/** @type {number} */ amount) => formatMoney(amount, currency);
  const pathOf = (/** @type {Person} */ { userId }) => `/v1/admin/people/${encodeURIComponent(userId)}/allowance`;
  const reasonOf = () => input("tickets-reason").value.trim();
  const say = (/** @type {string} */ problem, done = "") => {
    setText("tickets-problem", problem);
    setText("tickets-done", done);
  };

  /** Send it, and say what became of it. @param {Person} one @param {string} path @param {Record<string, unknown>} body
   * @param {(data: any) => string} words */
  const send = async (one, path, body, words) => {
    try {
      const sent = await sendMoney(client, path, body);
      if (!sent || person !== one) return;
      say("", sent.isWaiting ? waitsWords(`Drink tickets for ${one.name}`) : words(sent.data));
      /** @type {HTMLFormElement} */ (byId("tickets")).reset();
    } catch (error) {
      say(commandWords(error, currency));
    }
  };

  const give = async () => {
    const one = person;
    const typed = input("tickets-amount").value;
    const amount = parseMoney(typed, currency);
    say(amount === null ? `This is no amount. ${amountProblem(typed, currency)}` : "");
    if (amount === null) return input("tickets-amount").focus();
    const answered = one && await ask({ title: `Drink tickets for ${one.name}`, action: `Give ${money(amount)}`,
      words: `${money(amount)} to spend at stalls, before the wallet. The festival pays for it; it is never paid out.` }, currency);
    if (answered) await send(one, pathOf(one), { amount, reason: reasonOf() }, (data) => `${money(amount)} given. ${one.name} has ${money(data.allowance)} in drink tickets.`);
  };

  const takeBack = async () => {
    const one = person;
    say("");
    if (!input("tickets-reason").reportValidity()) return;
    const answered = one && await ask({ title: `Take ${one.name}'s drink tickets back`, action: "Take all back", words: "What is left of them. What was spent stays spent." }, currency);
    if (answered) await send(one, `${pathOf(one)}/take-back`, { all: true, reason: reasonOf() }, (data) => `${money(data.amount)} taken back.`);
  };

  onSubmit("tickets", "tickets-give", give);
  const back = /** @type {HTMLButtonElement} */ (byId("tickets-back"));
  back.addEventListener("click", () => void whileBusy(back, takeBack));
  input("tickets-amount").placeholder = exampleMoney(currency, 1250);

  return {
    /** Whose they are from here on. @param {Person} one */
    open(one) {
      person = one;
      say("");
      /** @type {HTMLFormElement} */ (byId("tickets")).reset();
    },
  };
}
