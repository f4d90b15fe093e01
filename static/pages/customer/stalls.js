// @ts-check
import { byId, el, setText, showList } from "../../ui/dom.js";
import { later } from "../../ui/later.js";
import { whenBack } from "../../ui/link-state.js";
import { createReading, oneAtATime } from "../../ui/state/reading.js";
import { createSearch } from "../../ui/state/search.js";
import { listWords } from "../../ui/format/words.js";

/** @typedef {import("../../sdk/types.js").Vendor} Vendor */

const FEW = 10; // stalls that are found by looking
const RELOAD_MS_MAX = 3_000; // a new stall reaches every phone at once: spread the questions that follow

/** Return whether a stall takes no orders: it is closed, or nobody keeps it at present; pure.
 * @param {Vendor | undefined} stall */
export const isClosed = (stall) => stall?.open === false || stall?.attended === false;

/** The list of stalls. @param {import("../../sdk/festival-push.js").Client} client
 * @param {() => void} changed  a name, or whether one is open */
export function createStalls(client, changed) {
  let vendors = /** @type {Vendor[]} */ ([]);

  const search = createSearch("stalls", FEW, () => show());

  const show = () => {
    const sorted = [...vendors].sort((a, b) => Number(isClosed(a)) - Number(isClosed(b)));
    showList(byId("stalls"), search.of(sorted, ({ name }) => name), (one) => one.vendorId, (one) =>
      el("li", {}, el("a", { class: isClosed(one) ? "card stall closed" : "card stall", href: `#stall=${encodeURIComponent(one.vendorId)}` },
        el("strong", {}, one.name), el("span", { class: "muted" }, isClosed(one) ? "Closed" : "See the menu"))));
    changed();
  };

  const reading = createReading(show);
  const load = oneAtATime(async () => {
    try {
      await reading.read(() => client.get("/v1/vendors"), ({ items }) => {
        vendors = items;
        setText("stalls-state", vendors.length ? "" : "No stall has opened yet.");
      });
    } catch (error) {
      if (!vendors.length) setText("stalls-state", listWords(error));
      whenBack(load);
    }
  });
  const loadSoon = later(() => void load(), Math.random() * RELOAD_MS_MAX);

  return {
    load,
    /** @param {string} vendorId @returns {Vendor | undefined} */
    find: (vendorId) => vendors.find((one) => one.vendorId === vendorId),
    /** @param {any} change  a `vendor-updated` event */
    apply(change) {
      reading.change(() => {
        vendors = vendors.map((one) => (one.vendorId === change.vendorId ? { ...one, name: change.name, open: change.open, attended: change.attended ?? one.attended } : one));
      });
      if (!vendors.some((one) => one.vendorId === change.vendorId)) loadSoon();
    },
  };
}
