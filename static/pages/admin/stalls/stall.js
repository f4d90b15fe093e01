// @ts-check
import { copyText } from "../../../ui/copy.js";
import { byId, el, input, onSubmit, setText, showList, whileBusy } from "../../../ui/dom.js";
import { formatMoney } from "../../../ui/format/money.js";
import { oneAtATime } from "../../../ui/state/reading.js";
import { formatWhen } from "../../../ui/format/time.js";
import { toast } from "../../../ui/toast.js";
import { humanWords } from "../../../ui/format/words.js";
import { saveFile } from "../../../ui/reports/save.js";

/** @typedef {import("../../../sdk/types.js").Vendor} Vendor */
/** @typedef {{displayId: string, name: string, createdAt: string}} Display */

/** @type {[string, string][]} */
const LINES = [["sales", "Sales"], ["tips", "Tips"], ["refunds", "Refunds"], ["fees", "Fees"], ["paidOut", "Paid out"], ["other", "Other"], ["balance", "Left in the till"]];
const TAKEN_OFF = ["refunds", "fees", "paidOut"];

/** One stall's settlement and pickup screens, in a dialog.
 * @param {import("../../../sdk/festival-push.js").Client} client @param {import("../../../sdk/types.js").Currency} currency */
export function createStall(client, currency) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("stall"));
  let current = /** @type {Vendor | null} */ (null);
  const path = () => encodeURIComponent(current?.vendorId ?? "");

  const showSettlement = async () => {
    const asked = current;
    try {
      const settlement = await client.get(`/v1/admin/vendors/${path()}/settlement`);
      if (asked !== current) return;
      setText("stall-state", `${settlement.orders} ${settlement.orders === 1 ? "order" : "orders"}`);
      byId("stall-settlement").replaceChildren(...LINES.map(([field, name]) => el("div", { class: "row" }, el("dt", { class: "grow" }, name),
        el("dd", { class: "price" }, formatMoney(TAKEN_OFF.includes(field) ? 0 - settlement[field] : settlement[field], currency)))));
    } catch (error) {
      if (asked === current) setText("stall-state", humanWords(error));
    }
  };

  /** @param {Display} display @param {HTMLButtonElement} button */
  const revoke = (display, button) => whileBusy(button, async () => {
    try {
      await client.del(`/v1/displays/${encodeURIComponent(display.displayId)}`);
      await showDisplays();
    } catch (error) {
      toast(humanWords(error), "error");
    }
  });

  /** @param {Display} display */
  const row = (display) => {
    const off = el("button", { class: "small danger", onclick: () => void revoke(display, off) }, "Take down", el("span", { class: "sr-only" }, ` ${display.name}`));
    return el("li", { class: "row" }, el("div", { class: "grow" }, el("strong", {}, display.name), el("p", { class: "muted" }, `since ${formatWhen(display.createdAt)}`)), off);
  };

  const showDisplays = oneAtATime(async () => {
    const asked = current;
    try {
      const { items } = await client.get(`/v1/vendors/${path()}/displays`);
      if (asked !== current) return;
      setText("displays-state", items.length ? "" : "No screens yet.");
      showList(byId("displays"), items, ({ displayId }) => displayId, row);
    } catch (error) {
      if (asked === current) setText("displays-state", humanWords(error));
    }
  });

  const pair = async () => {
    try {
      const { url } = await client.post(`/v1/vendors/${path()}/displays`, { name: input("display-name").value.trim() || "Display" });
      input("display-url").value = url;
      byId("display-link").hidden = false;
      await showDisplays();
      byId("display-copy").scrollIntoView({ block: "nearest" });
    } catch (error) {
      toast(humanWords(error), "error");
    }
  };
  onSubmit("display", "display-send", pair);
  byId("display-copy").addEventListener("click", () => void copyText(input("display-url").value, "The link is copied."));
  byId("stall-close").addEventListener("click", () => dialog.close());
  byId("stall-csv").addEventListener("click", () => void saveFile("admin", `/v1/admin/vendors/${path()}/settlement.csv`));
  dialog.addEventListener("close", () => (current = null));

  return {
    /** @param {Vendor} vendor */
    open(vendor) {
      current = vendor;
      setText("stall-title", vendor.name);
      setText("stall-state", "Loading…");
      setText("displays-state", "Loading…");
      byId("stall-settlement").replaceChildren();
      showList(byId("displays"), /** @type {Display[]} */ ([]), ({ displayId }) => displayId, row);
      byId("display-link").hidden = true;
      input("display-url").value = "";
      input("display-name").value = "";
      dialog.showModal();
      void showSettlement();
      void showDisplays();
    },
  };
}
