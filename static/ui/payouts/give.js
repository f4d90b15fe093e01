// @ts-check
/** A wallet's terms on its page, and giving what is left to the festival's cause. */
import { byId, input, onSubmit, setText } from "../dom.js";
import { amountProblem, exampleMoney, formatMoney, parseMoney } from "../format/money.js";
import { whenBack } from "../link-state.js";
import { oneAtATime } from "../state/reading.js";
import { ask } from "../touch/question.js";
import { toast } from "../toast.js";
import { commandWords } from "../format/words.js";
import { NO_TERMS, termsWords } from "./terms.js";

/** @param {import("../../sdk/festival-push.js").Client} client @param {import("../../sdk/types.js").Currency} currency
 * @param {{balance: () => number, settled: (answer: any) => void}} wallet */
export function createTerms(client, currency, { balance, settled }) {
  let terms = NO_TERMS;
  const show = () => {
    const cause = terms.donationsFor ?? "";
    setText("payout-terms", termsWords(terms, currency));
    byId("payout-terms").hidden = !termsWords(terms, currency);
    byId("payout").hidden = terms.over;
    byId("payout-rest-field").hidden = !cause;
    setText("payout-rest-label", `Give what is left to ${cause}`);
    byId("give-box").hidden = !cause;
    setText("give-title", `Give it to ${cause}`);
  };
  const load = oneAtATime(() => client.get("/v1/payouts/terms").then(
    (found) => {
      terms = found;
      show();
    },
    () => {
      whenBack(load); // until then nothing is known of them, and the server says what holds
    }));

  const give = async () => {
    const typed = input("give-amount").value.trim();
    const amount = typed ? parseMoney(typed, currency) : balance();
    setText("give-problem", "");
    if (amount === null) return setText("give-problem", `Leave it empty for all of it, or type an amount. ${amountProblem(typed, currency, 500)}`);
    if (amount <= 0 || amount > balance()) return setText("give-problem", `Your balance is ${formatMoney(balance(), currency)}.`);
    const sum = formatMoney(amount, currency);
    const cause = terms.donationsFor ?? "";
    if (!(await ask({ title: `Give ${sum} to ${cause}?`, action: `Give ${sum}`, words: "It leaves your wallet at once, and is not yours any more." }))) return;
    try {
      const { data } = await client.command("/v1/donations", typed ? { amount } : { all: true });
      /** @type {HTMLFormElement} */ (byId("give")).reset();
      settled(data);
      toast(`Thank you! ${formatMoney(data.amount, currency)} are given to ${cause}.`, "success");
    } catch (error) {
      setText("give-problem", commandWords(error, currency));
    }
  };
  input("give-amount").placeholder = exampleMoney(currency, 500);
  onSubmit("give", "give-send", give);

  return {
    open: () => void load(),
    terms: () => terms,
    /** Whether what a payout leaves shall be given too. */
    donates: () => Boolean(terms.donationsFor) && input("payout-rest").checked,
  };
}
