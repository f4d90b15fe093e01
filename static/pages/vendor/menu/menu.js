// @ts-check
import { byId, el, input, setText, showList, whileBusy } from "../../../ui/dom.js";
import { amountProblem, exampleMoney, formatMoney, parseMoney, plainMoney } from "../../../ui/format/money.js";
import { itemFacts } from "../../../ui/format/items.js";
import { whenBack } from "../../../ui/link-state.js";
import { createReading, oneAtATime } from "../../../ui/state/reading.js";
import { toast } from "../../../ui/toast.js";
import { ask } from "../../../ui/touch/question.js";
import { humanWords, listWords } from "../../../ui/format/words.js";
import { changesOf, createItemMore } from "./item-more.js";

/** @typedef {import("../../../sdk/types.js").MenuItem} MenuItem */

/** Return the menu as the stall has changed it, also where the server does not know yet; pure.
 * @param {MenuItem[]} menu @param {{itemId: string, available: boolean}[]} changes  those in the outbox
 * @returns {(MenuItem & {unsent?: boolean})[]} */
export function withChanges(menu, changes) {
  const newest = new Map(changes.map(({ itemId, available }) => [itemId, available]));
  return menu.map((item) => {
    const available = newest.get(item.itemId);
    return available === undefined ? item : { ...item, available, unsent: true };
  });
}

/** @param {MenuItem} item @param {number | undefined} stock  undefined: it is not counted @returns {MenuItem} */
function withStock({ stock: _, ...item }, stock) {
  return stock === undefined ? item : { ...item, stock };
}

/** @typedef {object} Parts
 * @property {import("../../../sdk/outbox.js").Outbox} outbox
 * @property {ReturnType<typeof import("../taps/guard.js").createGuard>} guard
 * @property {ReturnType<typeof import("../taps/undo.js").createUndo>} undo
 * @property {ReturnType<typeof import("../charge/qr-dialog.js").createQrDialog>} dialog */

/** The stall's own menu: sold-out switches, and one form that adds or changes an item. What is sold out goes through the
 * outbox: the kitchen knows it, with or without a connection.
 * @param {import("../../../sdk/festival-push.js").Client} client @param {import("../../../sdk/types.js").Currency} currency @param {string} vendorId
 * @param {Parts} parts @param {readonly number[]} rates  of tax, to choose from @param {(menu: MenuItem[]) => void} changed */
export function createMenu(client, currency, vendorId, { outbox, guard, undo, dialog }, rates, changed) {
  const more = createItemMore(currency, rates);
  const menuPath = `/v1/vendors/${encodeURIComponent(vendorId)}/menu`;
  let menu = /** @type {MenuItem[]} */ ([]);
  let editing = /** @type {MenuItem | null} */ (null);
  const tooMany = () => toast("Too many changes wait for the connection.", "error");
  const heardAt = /** @type {Map<string, number>} */ (new Map()); // the last event of each item

  /** @param {string} itemId @param {boolean} available */
  const put = (itemId, available) => outbox.setAvailable({ itemId, available }).finally(() => show());

  /** @param {MenuItem} item */
  const flip = ({ itemId, name, available }) => {
    if (!guard.claim()) return;
    const later = navigator.onLine ? "" : ". You are offline: guests see it when you are back";
    put(itemId, !available).then(({ key }) => undo.add(itemId, `${name}: ${available ? "sold out" : "available again"}${later}`,
      () => void takeBack(key, itemId, available)), tooMany);
  };

  /** What was never sent is called off; unless an older change has gone with it, which must be made again.
   * @param {string} key  of the change @param {string} itemId @param {boolean} available  as it was before */
  const takeBack = async (key, itemId, available) => {
    const isDropped = await outbox.drop(key);
    if (isDropped && menu.find((item) => item.itemId === itemId)?.available === available) show();
    else await put(itemId, available).catch(tooMany);
  };

  /** @param {MenuItem} item @param {HTMLButtonElement} button */
  const showQr = (item, button) => whileBusy(button, async () => {
    const about = { title: item.name, text: formatMoney(item.price, currency), print: true };
    try {
      await dialog.show(`/v1/menu/${encodeURIComponent(item.itemId)}/qr.svg`, about);
    } catch (error) {
      toast(`${item.name}: ${humanWords(error)}`, "error");
    }
  });

  /** @param {MenuItem & {unsent?: boolean}} item */
  const row = (item) => {
    const toggle = el("button", { class: "switch", role: "switch", "aria-checked": String(item.available),
      "aria-label": `${item.name} is available`, "data-focus": `switch-${item.itemId}`, onclick: () => flip(item) },
    item.available ? "Available" : "Sold out");
    const qr = el("button", { class: "quiet", "aria-label": `QR code of ${item.name}`, onclick: () => void showQr(item, qr) }, "QR");
    return el("li", { class: "row" },
      el("div", { class: "grow" }, el("strong", {}, item.name), item.description && el("p", { class: "muted" }, item.description),
        itemFacts(item, currency) && el("p", { class: "muted item-facts" }, itemFacts(item, currency)),
        item.unsent && el("p", { class: "unsent" }, "Not sent yet: guests see it when the connection is back.")),
      el("span", { class: "price" }, formatMoney(item.price, currency)),
      el("button", { class: "quiet", "aria-label": `Change ${item.name}`, onclick: () => edit(item) }, "Change"), qr, toggle);
  };

  const show = () => {
    setText("menu-state", menu.length ? "" : "Nothing on the menu yet. Add the first item below.");
    const shown = withChanges(menu, outbox.pendingItems());
    showList(byId("menu"), shown, ({ itemId }) => itemId, row);
    changed(shown);
  };
  const reading = createReading(show);

  /** @param {MenuItem} item */
  const take = (item) => {
    const known = menu.some(({ itemId }) => itemId === item.itemId);
    menu = known ? menu.map((old) => (old.itemId === item.itemId ? item : old)) : [...menu, item]; // whole: what it says no more is left out
  };

  /** @param {MenuItem | null} item  null: the form is for a new one */
  const edit = (item) => {
    editing = item;
    input("item-name").value = item?.name ?? "";
    input("item-price").value = item ? plainMoney(item.price, currency) : "";
    input("item-description").value = item?.description ?? "";
    more.show(item);
    setText("item-title", item ? `Change ${item.name}` : "Add an item");
    setText("item-save", item ? "Save" : "Add to the menu");
    setText("item-problem", "");
    byId("item-cancel").hidden = item === null;
    byId("item-remove").hidden = item === null;
    if (item) input("item-name").focus();
  };

  const save = async () => {
    const typed = input("item-price").value;
    const price = parseMoney(typed, currency);
    setText("item-problem", price === null ? `This is no price. ${amountProblem(typed, currency)}` : "");
    if (price === null) return input("item-price").focus();
    const beside = more.read();
    setText("item-problem", beside.problem ?? "");
    if (!beside.more) return;
    const item = { name: input("item-name").value.trim(), description: input("item-description").value.trim(), price, ...changesOf(beside.more, editing) };
    try {
      const path = editing && `/v1/menu/${encodeURIComponent(editing.itemId)}`;
      await reading.send(() => (path ? client.patch(path, item) : client.post(menuPath, item)), take);
      edit(null);
    } catch (error) {
      setText("item-problem", humanWords(error, currency));
    }
  };

  const remove = async () => {
    if (!editing) return;
    const { itemId, name } = editing;
    const words = "Guests can't order it any more. Orders that are open go on.";
    if (!(await ask({ title: `Remove ${name} from the menu?`, words, action: "Remove it" }))) return;
    try {
      await reading.send(() => client.del(`/v1/menu/${encodeURIComponent(itemId)}`), () => {
        menu = menu.filter((item) => item.itemId !== itemId);
      });
      edit(null);
    } catch (error) {
      setText("item-problem", humanWords(error, currency));
    }
  };

  byId("item-form").addEventListener("submit", (event) => {
    event.preventDefault();
    void whileBusy(/** @type {HTMLButtonElement} */ (byId("item-save")), save);
  });
  byId("item-cancel").addEventListener("click", () => edit(null));
  const removing = /** @type {HTMLButtonElement} */ (byId("item-remove"));
  removing.addEventListener("click", () => void whileBusy(removing, remove));
  more.show(null);
  input("item-price").placeholder = exampleMoney(currency);
  setText("item-currency", `in ${currency.currency}`);

  const load = oneAtATime(async () => {
    try {
      await reading.read(() => client.get(menuPath), ({ items }) => void (menu = items));
    } catch (error) {
      setText("menu-state", menu.length ? "" : listWords(error));
      whenBack(load);
    }
  });

  return {
    load,
    flip,
    show,
    /** @param {string} itemId */
    item: (itemId) => withChanges(menu, outbox.pendingItems()).find((item) => item.itemId === itemId),
    /** The server has taken a change of the outbox. Events tell what has become of it, unless they are late.
     * @param {{itemId: string, available: boolean, at: number}} change */
    sent({ itemId, available, at }) {
      reading.change(() => {
        if ((heardAt.get(itemId) ?? 0) < at) menu = menu.map((item) => (item.itemId === itemId ? { ...item, available } : item));
      });
    },
    /** @param {{itemId: string}} change @param {unknown} problem */
    refused({ itemId }, problem) {
      undo.forget(itemId);
      toast(`${menu.find((item) => item.itemId === itemId)?.name ?? "Menu"}: ${humanWords(problem)}`, "error");
      void load();
    },
    /** So many are left. @param {{itemId: string, stock: number | null}[]} counts  of a `stock-updated` */
    count(counts) {
      const left = new Map(counts.map(({ itemId, stock }) => [itemId, stock ?? undefined]));
      reading.change(() => {
        menu = menu.map((item) => (left.has(item.itemId) ? withStock(item, left.get(item.itemId)) : item));
      });
    },
    /** @param {any} change  a `menu-updated` event: another device of this stall, or the office */
    apply(change) {
      const { itemId, available, price, name } = change;
      if (change.vendorId !== vendorId) return;
      heardAt.set(itemId, Date.now());
      if (!menu.some((item) => item.itemId === itemId)) void load();
      reading.change(() => {
        menu = menu.map((item) => (item.itemId === itemId ? { ...item, available, price, name } : item));
      });
    },
  };
}
