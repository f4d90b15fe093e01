// @ts-check
import { byId, el, setText, showList, whileBusy } from "../../../ui/dom.js";
import { createReading, oneAtATime } from "../../../ui/state/reading.js";
import { toast } from "../../../ui/toast.js";
import { whenBack } from "../../../ui/link-state.js";
import { humanWords, listWords } from "../../../ui/format/words.js";
import { createStall } from "./stall.js";

/** @typedef {import("../../../sdk/types.js").Vendor} Vendor */

/** The stalls: open or closed, and what each has earned.
 * @param {import("../../../sdk/festival-push.js").Client} client @param {string} currency */
export function createStalls(client, currency) {
  let vendors = /** @type {Vendor[]} */ ([]);
  const stall = createStall(client, currency);

  /** @param {Vendor} vendor @param {HTMLButtonElement} button */
  const turn = (vendor, button) => whileBusy(button, async () => {
    try {
      await reading.send(() => client.patch(`/v1/vendors/${encodeURIComponent(vendor.vendorId)}`, { open: !vendor.open }), (changed) => {
        vendors = vendors.map((one) => (one.vendorId === changed.vendorId ? changed : one));
      });
    } catch (error) {
      toast(`${vendor.name}: ${humanWords(error)}`, "error");
    }
  });

  /** @param {Vendor} vendor */
  const row = (vendor) => {
    const toggle = el("button", { class: "switch small", role: "switch", "aria-checked": String(vendor.open), "aria-label": `${vendor.name} is open`,
      "data-focus": `open-${vendor.vendorId}`, onclick: () => void turn(vendor, toggle) }, vendor.open ? "Open" : "Closed");
    return el("li", { class: "row wrap" },
      el("div", { class: "grow" }, el("strong", {}, vendor.name), el("p", { class: "muted" }, vendor.vendorId),
        vendor.attended === false && el("p", { class: "muted" }, "Nobody is there: all who keep it are suspended.")),
      el("div", { class: "actions" }, toggle,
        el("button", { class: "small", onclick: () => stall.open(vendor) }, "Money and screens", el("span", { class: "sr-only" }, ` of ${vendor.name}`))));
  };

  const show = () => {
    setText("stalls-state", vendors.length ? "" : "No stalls yet. Hand out a code below, or take in a stall keeper under People.");
    showList(byId("stalls"), vendors, ({ vendorId }) => vendorId, row);
  };
  const reading = createReading(show);
  const load = oneAtATime(async () => {
    try {
      await reading.read(() => client.get("/v1/vendors"), ({ items }) => void (vendors = items));
    } catch (error) {
      if (!vendors.length) setText("stalls-state", listWords(error));
      whenBack(load);
    }
  });

  return {
    vendors: () => vendors,
    load,
  };
}
