// @ts-check
/** Drink tickets for crew and artists: organisers give them, and take back what is left. */
import { byId, whileBusy } from "../../../ui/dom.js";
import { formatMoney } from "../../../ui/format/money.js";
import { commandWords } from "../../../ui/format/words.js";
import { toast } from "../../../ui/toast.js";
import { ask } from "../../admin/ask.js";
import { sendMoney, waitsWords } from "../../admin/deeds/second.js";

/** @typedef {import("./words.js").Card} Card */

const REASONS = ["Crew", "Artist", "Given by mistake"];
/** @type {[string, string][]} */
const WAYS = [["give", "Give"], ["take", "Take back"]];

/** @param {import("../../../sdk/festival-push.js").Client} client @param {import("../../../sdk/types.js").Currency} currency
 * @param {{card: () => Card | null, isOrganiser: boolean, changed: (userId: string, told: Partial<Card>) => void}} options */
export function createTickets(client, currency, { card: current, isOrganiser, changed }) {
  const money = (/** @type {number} */ amount) => formatMoney(amount, currency);
  const button = /** @type {HTMLButtonElement} */ (byId("tickets"));
  button.hidden = !isOrganiser;

  const change = async () => {
    const card = current();
    if (!card) return;
    const has = card.allowance ?? 0;
    const answered = await ask({ title: `Drink tickets for ${card.name}`, action: has ? "Book it" : "Give them", amount: Infinity, isBlank: true, reason: "Reason", reasons: REASONS,
      words: `They pay before the wallet does, and are never paid out. ${has ? `${money(has)} are left.` : "There are none yet."}`,
      ...(has ? { choice: { label: "What", options: WAYS, value: "give" } } : {}) }, currency);
    if (!answered) return;
    const isBack = has > 0 && answered.choice === "take";
    const path = `/v1/admin/people/${encodeURIComponent(card.userId)}/allowance${isBack ? "/take-back" : ""}`;
    try {
      const sent = await sendMoney(client, path, { amount: answered.amount, reason: answered.reason });
      if (!sent) return;
      const sum = money(answered.amount);
      if (sent.isWaiting) return toast(waitsWords(`${sum} in drink tickets for ${card.name}`), "info");
      changed(card.userId, { allowance: sent.data.allowance });
      toast(`${sum} in drink tickets ${isBack ? "taken back from" : "given to"} ${card.name}.`, "success");
    } catch (error) {
      toast(commandWords(error, currency), "error");
    }
  };
  button.addEventListener("click", () => void whileBusy(button, change));
}
