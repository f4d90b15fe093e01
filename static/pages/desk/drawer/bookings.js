// @ts-check
/** The drawer's last bookings, each to be taken back while that may be done. */
import { byId, el, whileBusy } from "../../../ui/dom.js";
import { formatMoney } from "../../../ui/format/money.js";
import { formatWhen } from "../../../ui/format/time.js";
import { createPaged } from "../../admin/paged.js";
import { leftOf, minutesWords, undoMsOf } from "../undo.js";

/** @typedef {import("../undo.js").Booking & {direction: "in" | "out", note?: string | null}} Booking  direction: of the cash */

/** By kind: cash that came into the drawer, and cash that left it. @type {Record<string, [string, string]>} */
const KINDS = { "top-up": ["Top-up", "Top-up"], payout: ["Payout", "Payout"], cash: ["From the safe", "To the safe"], adjustment: ["Taken back", "Taken back"] };

const undoWords = (/** @type {number} */ leftMs) => (leftMs > 0 ? `Undo · ${minutesWords(leftMs)}` : "Undo");

/** @param {Booking} booking @returns {string} pure */
export function bookingWords({ kind, direction, name, reverses }) {
  const words = kind === "adjustment" && !reverses ? "Difference" : KINDS[kind]?.[direction === "in" ? 0 : 1] ?? kind;
  return [words, name].filter(Boolean).join(" · ");
}

/** @param {import("../../../sdk/festival-push.js").Client} client @param {import("../../../sdk/types.js").Currency} currency
 * @param {{drawerId: () => string | null, isOrganiser: boolean, undo: (booking: Booking) => Promise<void>, open: (userId: string) => void}} options */
export function createBookings(client, currency, { drawerId, isOrganiser, undo, open }) {
  let shownOf = /** @type {string | null} */ (null);

  /** @param {Booking} booking */
  const row = (booking) => {
    const [leftMs, left] = [undoMsOf(booking, client.serverNow()), leftOf(booking)];
    const mayUndo = left > 0 && (isOrganiser || leftMs > 0);
    const named = `${formatMoney(booking.amount, currency)} of ${booking.name ?? "the safe"}`;
    const { userId } = booking;
    const button = el("button", { class: "small", "data-until": client.serverNow() + leftMs, onclick: () => void whileBusy(button, () => undo(booking)) },
      el("span", {}, undoWords(leftMs)), el("span", { class: "sr-only" }, ` ${named}`));
    const back = booking.reversed ? `${formatMoney(booking.reversed, currency)} taken back` : "";
    return el("li", { class: "row booking", "data-back": String(Boolean(booking.reversed)) },
      el("div", { class: "grow" }, el("strong", { dir: "auto" }, bookingWords(booking)),
        el("small", {}, [formatWhen(booking.timestamp), back, booking.note].filter(Boolean).join(" · "))),
      el("span", { class: "price" }, formatMoney(booking.direction === "in" ? booking.amount : -booking.amount, currency, { signed: true })),
      mayUndo ? button : userId ? el("button", { class: "small quiet", onclick: () => open(userId) }, "Guest", el("span", { class: "sr-only" }, ` of ${booking.name}`)) : null);
  };

  const list = createPaged(client, {
    name: "bookings",
    path: () => `/v1/admin/drawers/${encodeURIComponent(drawerId() ?? "")}/movements?limit=10`,
    keyOf: (/** @type {Booking} */ { transactionId }) => transactionId,
    row,
    empty: "Nothing booked yet.",
  });

  const load = () => {
    const id = drawerId();
    byId("bookings-section").hidden = id === null;
    if (id === null) return;
    void (id === shownOf ? list.load() : list.restart());
    shownOf = id;
  };
  /** Say anew how long each may still be taken back. */
  const age = () => {
    for (const button of Array.from(byId("bookings").querySelectorAll("[data-until]"))) {
      const leftMs = Number(button.getAttribute("data-until")) - client.serverNow();
      if (leftMs <= 0 && !isOrganiser) button.remove();
      else if (button.firstElementChild) button.firstElementChild.textContent = undoWords(leftMs);
    }
  };
  return { load, age };
}
