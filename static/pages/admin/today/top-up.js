// @ts-check
import { byId, input, onSubmit, setText } from "../../../ui/dom.js";
import { formatMoney, parseMoney } from "../../../ui/format/money.js";
import { commandWords } from "../../../ui/format/words.js";
import { findPerson } from "../find.js";

/** The cash desk's form. @param {import("../../../sdk/festival-push.js").Client} client @param {string} currency */
export function createTopUp(client, currency) {
  const say = (/** @type {string} */ problem) => setText("top-up-problem", problem);

  const send = async () => {
    const amount = parseMoney(input("top-up-amount").value, currency);
    setText("top-up-done", "");
    say(amount === null ? "Type the amount like 12.50." : "");
    if (amount === null) return input("top-up-amount").focus();
    try {
      const found = await findPerson(client, input("top-up-user").value.trim());
      if ("problem" in found) return say(found.problem);
      const { userId, name } = found.person;
      const wish = { userId, amount, method: input("top-up-method").value, note: input("top-up-note").value.trim() };
      const { data, replayed } = await client.command("/v1/admin/top-ups", wish);
      const booked = `${formatMoney(amount, currency)} booked for ${name} (${userId}). New balance: ${formatMoney(data.balance, currency)}.`;
      setText("top-up-done", replayed ? `${booked} An earlier try had gone through; it was booked once.` : booked);
      /** @type {HTMLFormElement} */ (byId("top-up")).reset();
      input("top-up-user").focus();
    } catch (error) {
      say(commandWords(error, currency));
    }
  };
  onSubmit("top-up", "top-up-send", send);
}
