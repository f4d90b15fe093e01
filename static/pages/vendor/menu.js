// @ts-check
import { byId, el, setText, showList, whileBusy } from "../../ui/dom.js";
import { formatMoney, parseMoney, plainMoney } from "../../ui/format/money.js";
import { createReading, oneAtATime } from "../../ui/state/reading.js";
import { toast } from "../../ui/toast.js";
import { humanWords } from "../../ui/format/words.js";

/** @typedef {import("../../sdk/types.js").MenuItem} MenuItem */

/** @param {string} id */
const input = (id) => /** @type {HTMLInputElement} */ (byId(id));

/** The stall's own menu: sold-out switches, and one form that adds or changes an item.
 * @param {import("../../sdk/festival-push.js").Client} client @param {string} currency @param {string} vendorId
 * @param {ReturnType<typeof import("./qr-dialog.js").createQrDialog>} dialog
 * @param {(menu: MenuItem[]) => void} changed */
export function createMenu(client, currency, vendorId, dialog, changed) {
  const menuPath = `/v1/vendors/${encodeURIComponent(vendorId)}/menu`;
  let menu = /** @type {MenuItem[]} */ ([]);
  let editing = /** @type {MenuItem | null} */ (null);

  /** @param {MenuItem} item @param {HTMLButtonElement} button */
  const flip = (item, button) => whileBusy(button, async () => {
    try {
      await reading.send(() => client.patch(`/v1/menu/${encodeURIComponent(item.itemId)}`, { available: !item.available }), put);
    } catch (error) {
      toast(`${item.name}: ${humanWords(error)}`, "error");
    }
  });

  /** @param {MenuItem} item @param {HTMLButtonElement} button */
  const showQr = (item, button) => whileBusy(button, async () => {
    const about = { title: item.name, text: formatMoney(item.price, currency), print: true };
    try {
      await dialog.show(`/v1/menu/${encodeURIComponent(item.itemId)}/qr.svg`, about);
    } catch (error) {
      toast(`${item.name}: ${humanWords(error)}`, "error");
    }
  });

  /** @param {MenuItem} item */
  const row = (item) => {
    const toggle = el("button", { class: "switch", role: "switch", "aria-checked": String(item.available),
      "aria-label": `${item.name} is available`, "data-focus": `switch-${item.itemId}`, onclick: () => void flip(item, toggle) },
    item.available ? "Available" : "Sold out");
    const qr = el("button", { class: "quiet", "aria-label": `QR code of ${item.name}`, onclick: () => void showQr(item, qr) }, "QR");
    return el("li", { class: "row" },
      el("div", { class: "grow" }, el("strong", {}, item.name), item.description && el("p", { class: "muted" }, item.description)),
      el("span", { class: "price" }, formatMoney(item.price, currency)),
      el("button", { class: "quiet", "aria-label": `Change ${item.name}`, onclick: () => edit(item) }, "Change"), qr, toggle);
  };

  const show = () => {
    setText("menu-state", menu.length ? "" : "Nothing on the menu yet. Add the first item below.");
    showList(byId("menu"), menu, ({ itemId }) => itemId, row);
    changed(menu);
  };
  const reading = createReading(show);

  /** @param {MenuItem} item */
  const put = (item) => {
    const known = menu.some(({ itemId }) => itemId === item.itemId);
    menu = known ? menu.map((old) => (old.itemId === item.itemId ? { ...old, ...item } : old)) : [...menu, item];
  };

  /** @param {MenuItem | null} item  null: the form is for a new one */
  const edit = (item) => {
    editing = item;
    input("item-name").value = item?.name ?? "";
    input("item-price").value = item ? plainMoney(item.price, currency) : "";
    input("item-description").value = item?.description ?? "";
    setText("item-title", item ? `Change ${item.name}` : "Add an item");
    setText("item-save", item ? "Save" : "Add to the menu");
    setText("item-problem", "");
    byId("item-cancel").hidden = item === null;
    byId("item-remove").hidden = item === null;
    if (item) input("item-name").focus();
  };

  const save = async () => {
    const price = parseMoney(input("item-price").value, currency);
    setText("item-problem", price === null ? "Type the price like 4.50." : "");
    if (price === null) return input("item-price").focus();
    const item = { name: input("item-name").value.trim(), description: input("item-description").value.trim(), price };
    try {
      const path = editing && `/v1/menu/${encodeURIComponent(editing.itemId)}`;
      await reading.send(() => (path ? client.patch(path, item) : client.post(menuPath, item)), put);
      edit(null);
    } catch (error) {
      setText("item-problem", humanWords(error, currency));
    }
  };

  const remove = async () => {
    if (!editing) return;
    const { itemId } = editing;
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
  setText("item-currency", `in ${currency}`);

  const load = oneAtATime(async () => {
    try {
      await reading.read(() => client.get(menuPath), ({ items }) => void (menu = items));
    } catch (error) {
      setText("menu-state", humanWords(error));
    }
  });

  return {
    load,
    /** @param {any} change  a `menu-updated` event: another device of this stall, or the office */
    apply(change) {
      const { itemId, available, price, name } = change;
      if (change.vendorId !== vendorId) return;
      if (!menu.some((item) => item.itemId === itemId)) void load();
      reading.change(() => {
        menu = menu.map((item) => (item.itemId === itemId ? { ...item, available, price, name } : item));
      });
    },
  };
}
