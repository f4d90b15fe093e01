// @ts-check
import { byId, setText, whileBusy } from "../js/dom.js";
import { formatMoney, parseMoney } from "../js/money.js";
import { commandWords } from "../js/words.js";

/** @param {string} id */
const input = (id) => /** @type {HTMLInputElement} */ (byId(id));

/** The cash desk's form. @param {import("../js/festival-push.js").Client} client @param {string} currency */
export function createTopUp(client, currency) {
  const form = /** @type {HTMLFormElement} */ (byId("top-up"));

  const send = async () => {
    const userId = input("top-up-user").value.trim();
    const amount = parseMoney(input("top-up-amount").value, currency);
    setText("top-up-done", "");
    setText("top-up-problem", amount === null ? "Type the amount like 12.50." : "");
    if (amount === null) return input("top-up-amount").focus();
    const wish = { userId, amount, method: input("top-up-method").value, note: input("top-up-note").value.trim() };
    try {
      const { data, replayed } = await client.command("/v1/admin/top-ups", wish);
      const balance = typeof data?.balance === "number" ? ` New balance: ${formatMoney(data.balance, currency)}.` : "";
      const booked = `${formatMoney(amount, currency)} booked for ${userId}.${balance}`;
      setText("top-up-done", replayed ? `${booked} An earlier try had gone through; it was booked once.` : booked);
      form.reset();
      input("top-up-user").focus();
    } catch (error) {
      setText("top-up-problem", commandWords(error, currency));
    }
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void whileBusy(/** @type {HTMLButtonElement} */ (byId("top-up-send")), send);
  });
}
