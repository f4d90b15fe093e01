// @ts-check
import { byId, input, onSubmit, setText, whileBusy } from "../../../ui/dom.js";
import { amountProblem, exampleMoney, formatMoney, parseMoney } from "../../../ui/format/money.js";
import { commandWords, humanWords } from "../../../ui/format/words.js";
import { carryToken } from "../../../ui/session.js";
import { ask } from "../ask.js";
import { sendMoney, waitsWords } from "../deeds/second.js";
import { findPerson } from "../people/find.js";

const METHOD_WORDS = { cash: "in cash", card: "by card" };

/** The cash desk's form. It asks before money moves, because a slip of the finger is a hundred times too much.
 * @param {import("../../../sdk/festival-push.js").Client} client @param {import("../../../sdk/types.js").Currency} currency */
export function createTopUp(client, currency) {
  const say = (/** @type {string} */ problem) => setText("top-up-problem", problem);

  const send = async () => {
    const typed = input("top-up-amount").value;
    const amount = parseMoney(typed, currency);
    setText("top-up-done", "");
    say(amount === null ? `This is no amount. ${amountProblem(typed, currency, 1250)}` : "");
    if (amount === null) return input("top-up-amount").focus();
    try {
      const found = await findPerson(client, input("top-up-user").value.trim());
      if ("problem" in found) return say(found.problem);
      const { userId, name } = found.person;
      const method = /** @type {"cash" | "card"} */ (input("top-up-method").value);
      const sum = formatMoney(amount, currency);
      const answered = await ask({ title: `Top up ${name}`, action: `Book ${sum}`,
        words: `${sum}, paid ${METHOD_WORDS[method]}, go into the wallet of ${name} (${userId}).` }, currency);
      if (!answered) return;
      const wish = { userId, amount, method, note: input("top-up-note").value.trim() };
      const sent = await sendMoney(client, "/v1/admin/top-ups", wish);
      if (!sent) return;
      const booked = sent.isWaiting ? waitsWords(`${sum} for ${name} (${userId})`)
        : `${sum} booked for ${name} (${userId}). New balance: ${formatMoney(sent.data.balance, currency)}.`;
      setText("top-up-done", sent.replayed ? `${booked} An earlier try had gone through; it was booked once.` : booked);
      /** @type {HTMLFormElement} */ (byId("top-up")).reset();
      input("top-up-user").focus();
    } catch (error) {
      say(commandWords(error, currency));
    }
  };
  const openCard = async () => {
    say("");
    try {
      const found = await findPerson(client, input("top-up-user").value.trim());
      if ("problem" in found) return say(found.problem);
      carryToken("admin", "desk");
      location.assign(`/desk/#guest=${encodeURIComponent(found.person.userId)}`);
    } catch (error) {
      say(humanWords(error));
    }
  };
  const card = /** @type {HTMLButtonElement} */ (byId("top-up-card"));
  card.addEventListener("click", () => void whileBusy(card, openCard));
  input("top-up-amount").placeholder = exampleMoney(currency, 1250);
  onSubmit("top-up", "top-up-send", send);
}
