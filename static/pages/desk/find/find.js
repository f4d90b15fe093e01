// @ts-check
/** Find a guest by what somebody types, scans or says: a name, a code, a pickup number. */
import { byId, el, input, setText, showList } from "../../../ui/dom.js";
import { formatMoney } from "../../../ui/format/money.js";
import { listWords } from "../../../ui/format/words.js";
import { later } from "../../../ui/later.js";
import { whenBack } from "../../../ui/link-state.js";

/** @typedef {{userId: string, name: string, topUpCode: string, balance: number, frozen?: boolean, suspended?: boolean,
 *   movedTo?: string | null, is?: string[], order?: {orderId: string, number: number, status: string, vendorName: string} | null}} Found
 *   order: the one whose number was asked for */

const SEARCH_MS = 200;
const FOUND_MAX = 12;

/** A code as it is kept, however it was typed; pure. @param {string} text */
const plain = (text) => text.toUpperCase().replaceAll(/[^A-Z0-9]/g, "");

/** Whom Enter means: the only one, or the one whose code it is; pure. Nobody is taken by guess.
 * @param {readonly Found[]} found @param {string} text @returns {Found | null} */
export function meant(found, text) {
  const code = plain(text);
  return found.length === 1 ? found[0] ?? null : found.find(({ topUpCode, userId }) => plain(topUpCode) === code || userId === text.trim()) ?? null;
}

/** What is known of somebody before their card is opened; pure. @param {Found} found @returns {string} */
export function foundWords({ topUpCode, order }) {
  const words = order ? `Order ${order.number} at ${order.vendorName} · ` : "";
  return `${words}code ${topUpCode}`;
}

/** What a cashier must see at once; pure. @param {Pick<Found, "frozen" | "suspended" | "movedTo">} found @returns {string[]} */
export const marksOf = ({ frozen, suspended, movedTo }) => [movedTo && "moved", frozen && !movedTo && "frozen", suspended && "suspended"].filter((mark) => typeof mark === "string");

/** @param {import("../../../sdk/festival-push.js").Client} client @param {import("../../../sdk/types.js").Currency} currency
 * @param {{pick: (found: Found, byKey: boolean) => void, changed: (isEmpty: boolean) => void}} options
 *   pick: somebody was chosen, by a key or with a finger; changed: the field has become empty, or is it no longer */
export function createFind(client, currency, { pick, changed }) {
  const field = input("find-text");
  const textOf = () => field.value.trim();
  let found = /** @type {Found[]} */ ([]);
  let shownFor = ""; // the text that these were found by
  let turn = 0;
  let marked = ""; // whose card is open
  let asked = /** @type {{text: string, answer: Promise<Found[] | null>} | null} */ (null); // what is on its way

  /** @param {Found} one */
  const row = (one) => el("li", {}, el("button", { type: "button", class: "found-one", "data-focus": one.userId, "aria-current": String(one.userId === marked), onclick: (/** @type {MouseEvent} */ { detail }) => pick(one, detail === 0) },
    el("span", { class: "grow" }, el("strong", { dir: "auto" }, one.name), ...marksOf(one).map((mark) => el("span", { class: "chip bad" }, mark)), el("small", {}, foundWords(one))),
    el("span", { class: "price" }, formatMoney(one.balance, currency))));

  /** @param {string} words */
  const show = (words) => {
    setText("find-state", words);
    showList(byId("found"), found, ({ userId, order }) => `${userId} ${order?.orderId ?? ""}`, row);
    changed(!textOf());
  };

  /** @param {string} text @returns {Promise<Found[] | null>} null: it could not be read, or another text was asked for meanwhile */
  const read = (text) => {
    if (asked?.text !== text) {
      const mine = { text, answer: ask(text).finally(() => asked === mine && (asked = null)) };
      asked = mine;
    }
    return asked.answer;
  };

  /** @param {string} text @returns {Promise<Found[] | null>} */
  const ask = async (text) => {
    const mine = (turn += 1);
    try {
      const { items } = await client.get(`/v1/admin/people?limit=${FOUND_MAX}&find=${encodeURIComponent(text)}`);
      if (mine !== turn) return null;
      [found, shownFor] = [items, text];
      show(items.length ? "" : "Nobody like that.");
      return items;
    } catch (error) {
      if (mine !== turn) return null;
      [found, shownFor] = [[], ""];
      show(listWords(error));
      whenBack(again);
      return null;
    }
  };
  const again = () => void (textOf() && read(textOf()));

  const clear = () => {
    turn += 1;
    asked = null;
    field.value = "";
    [found, shownFor] = [[], ""];
    show("");
  };
  const soon = later(() => void (textOf() && textOf() !== shownFor && read(textOf())), SEARCH_MS);
  field.addEventListener("input", () => (textOf() ? (changed(false), soon()) : clear()));
  field.addEventListener("focus", () => field.select());

  const enter = async () => {
    const text = textOf();
    if (!text) return;
    const items = shownFor === text ? found : await read(text);
    if (!items) return;
    const one = meant(items, text);
    if (one) return pick(one, true);
    /** @type {HTMLElement | null} */ (byId("found").querySelector("button"))?.focus();
  };
  byId("find-form").addEventListener("submit", (event) => {
    event.preventDefault();
    void enter();
  });

  byId("find").addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[/** @type {KeyboardEvent} */ (event).key];
    if (!step) return;
    const stops = [field, ...Array.from(byId("found").querySelectorAll("button"))];
    const next = stops[stops.indexOf(/** @type {any} */ (document.activeElement)) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });

  return {
    clear,
    /** Look for what a camera or a scanner has read. @param {string} text */
    look(text) {
      field.value = text;
      changed(false);
      return enter();
    },
    /** Read what is shown once more: a balance has changed. */
    again: () => void (shownFor && read(shownFor)),
    focus: () => field.focus(),
    /** Mark whose card is open. @param {string} userId */
    mark(userId) {
      marked = userId;
      for (const one of Array.from(byId("found").querySelectorAll("button"))) one.setAttribute("aria-current", String(one.getAttribute("data-focus") === userId));
    },
  };
}
