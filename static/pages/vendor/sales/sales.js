// @ts-check
import { byId, el, input, setText, showList } from "../../../ui/dom.js";
import { later } from "../../../ui/later.js";
import { formatMoney } from "../../../ui/format/money.js";
import { whenBack } from "../../../ui/link-state.js";
import { dayWords, rateWords, soldName, sumWords, taxLines } from "../../../ui/reports/figures.js";
import { saveFile } from "../../../ui/reports/save.js";
import { showLines } from "../../../ui/reports/table.js";
import { oneAtATime } from "../../../ui/state/reading.js";

/** @typedef {import("../../../ui/reports/figures.js").Takings} Takings */

const WAIT_MS = 2_000; // a rush of orders asks once
const WAIT_MS_MAX = 2 ** 31 - 1; // of a timer

/** What the stall has sold on a day of the festival, as the server counts it. A day ends when the server says so, whatever
 * this device's clock shows.
 * @param {import("../../../sdk/festival-push.js").Client} client @param {import("../../../sdk/types.js").Currency} currency @param {string} vendorId */
export function createSales(client, currency, vendorId) {
  const base = `/v1/vendors/${encodeURIComponent(vendorId)}`;
  const day = input("sales-day");
  let stale = true;
  let isPast = false; // another day is chosen, to which nothing comes any more
  let ends = 0;
  const isSeen = () => !byId("view-sales").hidden && document.visibilityState === "visible";

  /** @param {Takings} takings */
  const show = (takings) => {
    setText("sales-title", isPast ? `Sales, ${dayWords(takings.day)}` : "Sales today");
    setText("sales", formatMoney(takings.net, currency));
    setText("sales-detail", sumWords(takings, currency));
    showList(byId("sold-items"), takings.items, ({ itemId = "", name, taxBp = "" }) => `${itemId} ${name} ${taxBp}`, ({ quantity, amount, back, taxBp, ...item }) =>
      el("li", { class: "row" }, el("span", { class: "grow" }, `${quantity} × ${soldName({ quantity, amount, ...item })}`,
        el("span", { class: "muted" }, [taxBp !== undefined && ` ${rateWords(taxBp)}`, back && ` · ${back} given back`].filter(Boolean).join(""))),
        el("span", { class: "price" }, formatMoney(amount, currency))));
    setText("sold-items-state", takings.items.length ? (takings.left ? `${takings.left} more are in the file.` : "") : "Nothing sold.");
    showLines(byId("sales-taxes"), taxLines(takings.taxes, currency));
    if (!isPast) day.value = day.max = takings.day;
  };

  const load = oneAtATime(async () => {
    stale = false;
    try {
      const takings = /** @type {Takings} */ (await client.get(`${base}/takings${isPast ? `?day=${encodeURIComponent(day.value)}` : ""}`));
      show(takings);
      clearTimeout(ends);
      if (!isPast) ends = setTimeout(soon, Math.min(Math.max(Date.parse(takings.ends) - Date.now(), 0) + WAIT_MS, WAIT_MS_MAX));
    } catch {
      stale = true;
      setText("sales", "–");
      setText("sales-detail", "");
      whenBack(load);
    }
  });
  const changed = () => {
    stale = true;
    if (isSeen()) again();
  };
  const soon = () => changed();
  const again = later(() => void load(), WAIT_MS);
  day.addEventListener("change", () => {
    isPast = day.value !== "" && day.value !== day.max;
    void load();
  });
  byId("sales-csv").addEventListener("click", () => void saveFile("vendor", `${base}/reports.csv?by=item&from=${encodeURIComponent(day.value)}`));
  document.addEventListener("visibilitychange", () => stale && isSeen() && again());

  return {
    /** Somebody looks. */
    open: () => void (stale && load()),
    /** Money has moved; it is read again when somebody looks. */
    changed,
  };
}
