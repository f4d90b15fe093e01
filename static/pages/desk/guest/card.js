// @ts-check
/** The card of the guest who stands at the desk. */
import { byId, el, setText, showList } from "../../../ui/dom.js";
import { formatMoney } from "../../../ui/format/money.js";
import { formatWhen } from "../../../ui/format/time.js";
import { humanWords, isOpen as isUnanswered, listWords } from "../../../ui/format/words.js";
import { isOpen, statusWords } from "../../../ui/state/order-list.js";
import { createReading, oneAtATime } from "../../../ui/state/reading.js";
import { whenBack } from "../../../ui/link-state.js";
import { createPaged } from "../../admin/paged.js";
import { moveNote, moveWords, payoutWords, staffParts, stateWords } from "./words.js";

/** @typedef {import("./words.js").Card} Card
 * @typedef {import("./words.js").CardOrder} CardOrder
 * @typedef {import("./words.js").CardPayout} CardPayout
 * @typedef {import("./words.js").CardSession} CardSession
 * @typedef {import("./words.js").Move} Move */

/** @param {import("../../../sdk/festival-push.js").Client} client @param {import("../../../sdk/types.js").Currency} currency
 * @param {(card: Card) => void} shown  the card is there, or has changed */
export function createCard(client, currency, shown) {
  let card = /** @type {Card | null} */ (null);
  let heldOf = ""; // the id of the guest whose movements have come
  let wanted = ""; // the id of the guest whose card was opened
  const money = (/** @type {number} */ amount) => formatMoney(amount, currency);
  const pathOf = () => `/v1/admin/people/${encodeURIComponent(wanted)}`;

  /** @param {CardOrder} order */
  const order = (order) => el("li", {}, el("span", { class: "order-number" }, order.number),
    el("div", { class: "grow" }, el("strong", {}, order.vendorName), el("small", {}, `${statusWords(/** @type {any} */ (order))} · ${formatWhen(order.createdAt)}`)),
    el("div", { class: "amounts" }, el("p", { class: "price" }, money(order.total + (order.tip ?? 0))), order.refunded ? el("small", {}, `${money(order.refunded)} back`) : null));

  /** @param {Move} move */
  const move = (move) => el("li", {},
    el("div", { class: "grow" }, el("strong", {}, moveWords(move)), el("small", {}, [formatWhen(move.timestamp), moveNote(move, currency, wanted)].filter(Boolean).join(" · "))),
    el("div", { class: "amounts" }, el("p", { class: move.amount < 0 ? "price" : "price plus" }, formatMoney(move.amount, currency, { signed: true })),
      move.balance === undefined ? null : el("small", {}, money(move.balance))));

  /** @param {CardPayout} payout */
  const payout = ({ amount, status, createdAt }) => el("li", {},
    el("div", { class: "grow" }, el("strong", {}, payoutWords(status)), el("small", {}, formatWhen(createdAt))), el("p", { class: "price" }, money(amount)));

  /** @param {CardSession} session */
  const session = ({ device, createdAt, lastSeenAt }) => el("li", {},
    el("div", { class: "grow" }, el("strong", {}, device || "A device"), el("small", {}, lastSeenAt ? `last used ${formatWhen(lastSeenAt)}` : `since ${formatWhen(createdAt)}`)));

  const moves = createPaged(client, {
    name: "moves",
    path: () => `${pathOf()}/transactions?limit=10`,
    keyOf: (/** @type {Move} */ { transactionId }) => transactionId,
    row: move,
    empty: "No money has come in or gone yet.",
    read: () => (heldOf = wanted),
    isShown: () => heldOf === wanted,
  });

  /** @param {string} id @param {number} count */
  const countOf = (id, count) => {
    byId(id).hidden = count === 0;
    setText(id, String(count));
  };

  const show = () => {
    byId("guest-card").hidden = card === null;
    byId("guest-loading").hidden = card !== null || !wanted || byId("guest-problem").textContent !== "";
    if (!card) return;
    setText("guest-name", card.name);
    setText("guest-facts", `Code ${card.topUpCode} · since ${formatWhen(card.createdAt)}`);
    byId("guest-parts").replaceChildren(...staffParts(card).map((part) => el("span", { class: "chip" }, part)));
    setText("guest-balance", money(card.balance));
    setText("guest-allowance", card.allowance ? `and ${money(card.allowance)} in drink tickets` : "");
    setText("guest-state", stateWords(card));
    byId("guest-state").hidden = !stateWords(card);
    showList(byId("guest-orders"), card.orders, ({ orderId }) => orderId, order);
    setText("guest-orders-state", card.orders.length ? "" : "None yet.");
    countOf("orders-count", card.orders.filter((one) => isOpen(/** @type {any} */ (one))).length);
    byId("payouts-box").hidden = card.payouts.length === 0;
    countOf("payouts-count", card.payouts.length);
    showList(byId("guest-payouts"), card.payouts, ({ payoutId }) => payoutId, payout);
    countOf("sessions-count", card.sessions.length);
    showList(byId("guest-sessions"), card.sessions.map((one, at) => ({ ...one, at })), ({ at, createdAt }) => `${createdAt} ${at}`, session);
    shown(card);
  };
  const reading = createReading(show);

  const load = oneAtATime(async () => {
    const mine = wanted;
    if (!mine) return;
    try {
      await reading.read(() => client.get(`/v1/admin/people/${encodeURIComponent(mine)}`), (/** @type {Card} */ told) => {
        if (mine === wanted) card = told;
      });
      if (mine === wanted) setText("guest-problem", "");
    } catch (error) {
      if (mine !== wanted) return;
      setText("guest-problem", card && isUnanswered(error) ? "" : isUnanswered(error) ? listWords(error) : humanWords(error));
      show();
      whenBack(load);
    }
  });

  return {
    /** Whose card is shown; null: nobody's yet. */
    current: () => card,
    /** @param {string} userId  empty: nobody's any more */
    open(userId) {
      const isNew = userId !== wanted;
      wanted = userId;
      if (isNew) {
        card = null;
        setText("guest-problem", "");
        show();
        moves.show(); // nothing of the guest before
        setText("moves-state", "Loading…");
      }
      return userId ? Promise.all([load(), isNew ? moves.restart() : moves.load()]) : Promise.resolve();
    },
    /** Read it once more. */
    again: () => void (wanted && Promise.all([load(), moves.load()])),
    /** Take what the answer to a command tells. @param {string} userId @param {Partial<Card>} told */
    amend: (userId, told) => reading.change(() => {
      if (card?.userId === userId) card = { ...card, ...told };
    }),
  };
}
