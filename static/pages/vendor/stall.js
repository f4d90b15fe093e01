// @ts-check
import { byId, input, onSubmit, setText, whileBusy } from "../../ui/dom.js";
import { whenBack } from "../../ui/link-state.js";
import { createReading, oneAtATime } from "../../ui/state/reading.js";
import { toast } from "../../ui/toast.js";
import { humanWords } from "../../ui/format/words.js";

/** @typedef {import("../../sdk/types.js").Vendor} Vendor */

/** The fields of the forms, by their ids. @type {[string, "name" | "legalName" | "taxId" | "address"][]} */
const FIELDS = [["stall-name", "name"], ["business-name", "legalName"], ["business-tax", "taxId"], ["business-address", "address"]];

/** @param {string} id */
const button = (id) => /** @type {HTMLButtonElement} */ (byId(id));

/** The stall's settings: open or closed, orders accepted by hand or by itself, its name. Every keeper may change them
 * and sees what another keeper or the office has changed. What receipts say of the business only owners change.
 * @param {import("../../sdk/festival-push.js").Client} client @param {string} vendorId
 * @param {ReturnType<typeof import("./taps/guard.js").createGuard>} guard @param {boolean} isOwner
 * @param {(stall: Vendor) => void} changed */
export function createStall(client, vendorId, guard, isOwner, changed) {
  let stall = /** @type {Vendor | null} */ (null);
  const shown = /** @type {Record<string, string>} */ ({}); // what the fields were filled with

  /** @param {string} id @param {boolean | undefined} on @param {string} words */
  const flip = (id, on, words) => {
    button(id).disabled = false;
    button(id).setAttribute("aria-checked", String(on));
    setText(id, words);
  };

  /** @param {string} id @param {string} value */
  const fill = (id, value) => {
    if (input(id).value === (shown[id] ?? "")) input(id).value = value; // else somebody is typing
    shown[id] = value;
  };

  const show = () => {
    if (!stall) return;
    for (const [id, field] of FIELDS) fill(id, stall[field] ?? "");
    flip("open", stall.open, stall.open ? "Open" : "Closed");
    flip("at-once", stall.atOnce === true, stall.atOnce ? "Hands over at once" : "Calls numbers");
    flip("auto-accept", stall.autoAccept, stall.autoAccept ? "Accepts by itself" : "Accept by hand");
    byId("closed").hidden = stall.open !== false;
    changed(stall);
  };
  const reading = createReading(show);
  const take = (/** @type {Vendor | undefined} */ now) => void (stall = now ?? stall);
  const typed = (/** @type {string} */ id) => input(id).value.trim();

  /** @param {Partial<Vendor>} change */
  const send = async (change) => {
    try {
      await reading.send(() => client.patch(`/v1/vendors/${encodeURIComponent(vendorId)}`, change), take);
    } catch (error) {
      toast(humanWords(error), "error");
    }
  };

  /** @param {string} id @param {() => Partial<Vendor>} change */
  const onTap = (id, change) => button(id).addEventListener("click", () => guard.claim() && void whileBusy(button(id), () => send(change())));
  onTap("open", () => ({ open: !stall?.open }));
  onTap("at-once", () => ({ atOnce: stall?.atOnce !== true }));
  onTap("auto-accept", () => ({ autoAccept: !stall?.autoAccept }));
  onSubmit("stall-form", "stall-save", () => send({ name: typed("stall-name") }));
  byId("business").hidden = !isOwner;
  onSubmit("business-form", "business-save", () => send({ legalName: typed("business-name"), taxId: typed("business-tax"), address: typed("business-address") }));

  /** Until it is known, nothing can be switched. */
  const load = oneAtATime(async () => {
    try {
      await reading.read(() => client.get("/v1/vendors"), ({ items }) => take(items.find((/** @type {Vendor} */ one) => one.vendorId === vendorId)));
    } catch {
      whenBack(load);
    }
  });

  return {
    load,
    /** @param {any} data  a `vendor-updated` event */
    apply(data) {
      if (data.vendorId === vendorId) reading.change(() => take({ ...stall, ...data })); // it says nothing of the business
    },
  };
}
