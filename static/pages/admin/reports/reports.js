// @ts-check
import { byId, el, input, setText } from "../../../ui/dom.js";
import { whenBack } from "../../../ui/link-state.js";
import { humanWords } from "../../../ui/format/words.js";
import { createBooks } from "../../../ui/reports/books.js";
import { dayWords, tableOf, taxLines } from "../../../ui/reports/figures.js";
import { saveFile } from "../../../ui/reports/save.js";
import { showLines, showTable } from "../../../ui/reports/table.js";
import { ask } from "../ask.js";

/** @typedef {import("../../../sdk/types.js").Vendor} Vendor */
/** @typedef {import("../../../ui/reports/figures.js").Report} Report */

const OF_ONE = ["day", "hour", "item", "tax"]; // what can be asked of one stall

/** What the festival has sold and taken, and its books.
 * @param {import("../../../sdk/festival-push.js").Client} client @param {import("../../../sdk/types.js").Currency} currency @param {() => Vendor[]} vendors */
export function createReports(client, currency, vendors) {
  const [from, to] = [input("report-from"), input("report-to")];
  const [by, stall] = [input("report-by"), input("report-stall")];
  let wanted = 0; // number of what was asked for last
  const books = createBooks(client, currency, { base: "/v1/admin", mayClose: true,
    isSure: async (title, words, action) => (await ask({ title, words, action }, currency)) !== null });

  /** @param {[string, string][]} asked */
  const queryOf = (asked) => asked.filter(([, value]) => value).map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
  const days = () => /** @type {[string, string][]} */ ([["from", from.value], ["to", to.value]]);
  const query = () => queryOf([...days(), ["by", by.value], ["vendorId", OF_ONE.includes(by.value) ? stall.value : ""]]);

  /** @param {Report} report */
  const show = (report) => {
    [from.value, to.value] = [report.from, report.to];
    const span = report.from === report.to ? dayWords(report.from) : `${dayWords(report.from)} to ${dayWords(report.to)}`;
    setText("report-state", !report.rows.length ? `${span}: nothing.` : report.left ? `${span}. ${report.left} more rows are in the file; the total has them.` : span);
    byId("report-box").hidden = !report.rows.length;
    const names = stall.value ? {} : Object.fromEntries(vendors().map(({ vendorId, name }) => [vendorId, name]));
    showTable(/** @type {HTMLTableElement} */ (byId("report")), tableOf(report, currency, names));
    showLines(byId("report-taxes"), report.by === "tax" ? [] : taxLines(report.taxes, currency));
  };

  const load = async () => {
    wanted += 1;
    const mine = wanted;
    byId("report-stall").toggleAttribute("disabled", !OF_ONE.includes(by.value));
    try {
      const report = /** @type {Report} */ (await client.get(`/v1/admin/reports?${query()}`));
      if (mine === wanted) show(report);
    } catch (error) {
      if (mine !== wanted) return;
      byId("report-box").hidden = true;
      setText("report-state", humanWords(error));
      whenBack(() => void load());
    }
  };
  byId("report-form").addEventListener("change", (event) => {
    if (event.target === from && to.value < from.value) to.value = from.value;
    if (event.target === to && to.value < from.value) from.value = to.value;
    void load();
  });
  byId("report-csv").addEventListener("click", () => void saveFile("admin", `/v1/admin/reports.csv?${query()}`));
  byId("settlements-csv").addEventListener("click", () => void saveFile("admin", `/v1/admin/settlements.csv?${queryOf(days())}`));

  return {
    open() {
      const chosen = stall.value;
      byId("report-stall").replaceChildren(el("option", { value: "" }, "All stalls"),
        ...vendors().map(({ vendorId, name }) => el("option", { value: vendorId, selected: vendorId === chosen }, name)));
      void load();
      books.open();
    },
  };
}
