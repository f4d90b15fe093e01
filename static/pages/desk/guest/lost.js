// @ts-check
/** For guests who have lost their phone or their sign-in: freeze the wallet, move it to another person, sign them in anew. */
import { byId, setText, whileBusy } from "../../../ui/dom.js";
import { formatMoney } from "../../../ui/format/money.js";
import { formatWhen } from "../../../ui/format/time.js";
import { commandWords } from "../../../ui/format/words.js";
import { toast } from "../../../ui/toast.js";
import { ask } from "../../admin/ask.js";
import { sendMoney, waitsWords } from "../../admin/deeds/second.js";
import { staffParts } from "./words.js";

/** @typedef {import("./words.js").Card} Card */
/** @typedef {{userId: string, name: string, topUpCode: string}} Other */

const LOST = ["Phone lost", "Phone stolen", "Phone broken"];
const FOUND = ["Phone found", "Frozen by mistake"];
const button = (/** @type {string} */ id) => /** @type {HTMLButtonElement} */ (byId(id));

/** What is said before a wallet moves; pure. @param {Card} card @param {Other} to @param {(amount: number) => string} money */
export const moveWords = ({ name, topUpCode, balance }, to, money) =>
  `${money(balance)}, all of the wallet of ${name} (code ${topUpCode}), goes to ${to.name} (code ${to.topUpCode}). The old wallet is frozen, and its phones are signed out. Be sure that both are the same person.`;

/** @param {import("../../../sdk/festival-push.js").Client} client @param {import("../../../sdk/types.js").Currency} currency
 * @param {{card: () => Card | null, isOrganiser: boolean, changed: (userId: string, told: Partial<Card>) => void,
 *   moving: (card: Card | null) => void, open: (userId: string) => void}} options
 *   changed: what the server tells of them now; moving: whoever is chosen next gets this wallet; open: shows a card */
export function createLost(client, currency, { card: current, isOrganiser, changed, moving, open }) {
  const money = (/** @type {number} */ amount) => formatMoney(amount, currency);
  const pathOf = (/** @type {Card} */ { userId }, /** @type {string} */ what) => `/v1/admin/people/${encodeURIComponent(userId)}/${what}`;
  const sheet = /** @type {HTMLDialogElement} */ (byId("sign-in-sheet"));
  let from = /** @type {Card | null} */ (null);

  const show = () => {
    const card = current();
    if (!card) return;
    const [isMoved, isStaff] = [Boolean(card.movedTo), staffParts(card).length > 0];
    byId("guest-moved").hidden = !isMoved;
    setText("freeze", card.frozen ? "Unfreeze…" : "Freeze…");
    button("freeze").disabled = isStaff && !isOrganiser;
    button("move").disabled = isStaff && !isOrganiser;
    button("new-sign-in").disabled = isMoved || card.suspended === true || (isStaff && !isOrganiser);
  };

  /** @param {string} id @param {(card: Card) => Promise<void>} work */
  const doing = (id, work) => byId(id).addEventListener("click", () => void whileBusy(button(id), async () => {
    const card = current();
    if (!card) return;
    try {
      await work(card);
    } catch (error) {
      toast(commandWords(error, currency), "error");
    }
  }).then(show));

  byId("guest-moved").addEventListener("click", () => {
    const to = current()?.movedTo;
    if (to) open(to);
  });
  doing("freeze", async (card) => {
    const answered = card.frozen
      ? await ask({ title: `Unfreeze the wallet of ${card.name}?`, action: "Unfreeze it", words: card.movedTo ? "It is theirs again, and what is paid in for them stays in it." : "They can pay with it again.", reason: "Reason", reasons: FOUND }, currency)
      : await ask({ title: `Freeze the wallet of ${card.name}?`, action: "Freeze it", reason: "Reason", reasons: LOST,
        words: "Nobody can pay with it until you unfreeze it. Money can still come in. They are told." }, currency);
    if (!answered) return;
    await client.post(pathOf(card, card.frozen ? "unfreeze" : "freeze"), { reason: answered.reason });
    changed(card.userId, { frozen: !card.frozen });
    toast(card.frozen ? `${card.name} can pay again.` : `The wallet of ${card.name} is frozen.`, "success");
  });

  doing("new-sign-in", async (card) => {
    const answered = await ask({ title: `A new sign-in for ${card.name}?`, action: "Show the code",
      words: "Be sure that it is them: ask for something that only they know, such as their last orders. All phones that are signed in now will be signed out." }, currency);
    if (!answered) return;
    const { qr, expiresAt } = await client.post(pathOf(card, "new-sign-in"), {});
    setText("sign-in-title", `New sign-in for ${card.name}`);
    setText("sign-in-words", "Let them scan this with their phone, and choose a new PIN there. It works once.");
    /** @type {HTMLImageElement} */ (byId("sign-in-qr")).src = `data:image/svg+xml,${encodeURIComponent(qr)}`;
    setText("sign-in-state", `Good until ${formatWhen(expiresAt)}.`);
    sheet.showModal();
  });
  byId("sign-in-close").addEventListener("click", () => sheet.close());
  sheet.addEventListener("close", () => {
    byId("sign-in-qr").removeAttribute("src"); // nobody scans it later
    changed(current()?.userId ?? "", {});
  });

  const stop = () => {
    from = null;
    byId("moving").hidden = true;
    moving(null);
  };
  byId("moving-stop").addEventListener("click", stop);
  byId("move").addEventListener("click", () => {
    from = current();
    if (!from) return;
    setText("moving-words", `Who gets the wallet of ${from.name} (${money(from.balance)})? Scan or find their new one.`);
    byId("moving").hidden = false;
    moving(from);
  });

  return {
    show,
    stop,
    /** Whether whoever is chosen next gets a wallet. */
    isMoving: () => from !== null,
    /** Ask, and move the wallet to them. @param {Other} to */
    async moveTo(to) {
      const card = from;
      if (!card) return;
      if (to.userId === card.userId) return toast("This is the same wallet. Find the new one.", "warning");
      const answered = await ask({ title: `Move ${money(card.balance)} to ${to.name}?`, action: `Move ${money(card.balance)}`, words: moveWords(card, to, money), reason: "Reason", reasons: LOST }, currency);
      if (!answered) return;
      try {
        const sent = await sendMoney(client, pathOf(card, "move"), { toUserId: to.userId, reason: answered.reason });
        if (!sent) return;
        stop();
        if (sent.isWaiting) return toast(waitsWords(`The wallet of ${card.name} for ${to.name}`), "info");
        toast(`${money(sent.data.moved)} moved to ${to.name}.${sent.data.allowance ? ` Their drink tickets (${money(sent.data.allowance)}) went along.` : ""}`, "success");
        open(to.userId);
      } catch (error) {
        toast(commandWords(error, currency), "error");
      }
    },
  };
}
