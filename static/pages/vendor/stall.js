// @ts-check
import { byId, input, onSubmit, setText, whileBusy } from "../../ui/dom.js";
import { whenBack } from "../../ui/link-state.js";
import { createReading, oneAtATime } from "../../ui/state/reading.js";
import { toast } from "../../ui/toast.js";
import { humanWords } from "../../ui/format/words.js";

/** @typedef {import("../../sdk/types.js").Vendor} Vendor */

/** @param {string} id */
const button = (id) => /** @type {HTMLButtonElement} */ (byId(id));

/** The stall's settings: open or closed, orders accepted by hand or by itself, its name. Every keeper may change them
 * and sees what another keeper or the office has changed.
 * @param {import("../../sdk/festival-push.js").Client} client @param {string} vendorId
 * @param {ReturnType<typeof import("./taps/guard.js").createGuard>} guard @param {(stall: Vendor) => void} changed */
export function createStall(client, vendorId, guard, changed) {
  let stall = /** @type {Vendor | null} */ (null);
  let shownName = "";
  const name = input("stall-name");

  /** @param {string} id @param {boolean | undefined} on @param {string} words */
  const flip = (id, on, words) => {
    button(id).disabled = false;
    button(id).setAttribute("aria-checked", String(on));
    setText(id, words);
  };

  const show = () => {
    if (!stall) return;
    if (name.value === shownName) name.value = stall.name; // else somebody is typing
    shownName = stall.name;
    flip("open", stall.open, stall.open ? "Open" : "Closed");
    flip("auto-accept", stall.autoAccept, stall.autoAccept ? "Accepts by itself" : "Accept by hand");
    byId("closed").hidden = stall.open !== false;
    changed(stall);
  };
  const reading = createReading(show);
  const take = (/** @type {Vendor | undefined} */ now) => void (stall = now ?? stall);

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
  onTap("auto-accept", () => ({ autoAccept: !stall?.autoAccept }));
  onSubmit("stall-form", "stall-save", () => send({ name: name.value.trim() }));

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
      if (data.vendorId === vendorId) reading.change(() => take(data));
    },
  };
}
