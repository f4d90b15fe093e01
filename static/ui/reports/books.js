// @ts-check
import { byId, el, setText, showList, whileBusy } from "../dom.js";
import { formatMoney } from "../format/money.js";
import { formatWhen } from "../format/time.js";
import { commandWords, listWords } from "../format/words.js";
import { whenBack } from "../link-state.js";
import { oneAtATime } from "../state/reading.js";
import { toast } from "../toast.js";
import { orderWords, soldName, sumWords, taxLines } from "./figures.js";
import { showLines } from "./table.js";

/** @typedef {import("../../sdk/types.js").Currency} Currency */
/** @typedef {import("./figures.js").Sums & {number: number, begins?: string, ends: string, transfers: number, paidOut: number, taxes: import("./figures.js").Tax[],
 *   items?: import("./figures.js").Sold[], methods?: {source: string, method: string, topUps: number, amount: number, back?: number, paidOut?: number}[]}} Books */
/** @typedef {{number: number, begins?: string, ends: string, actor: string, orders: number, net: number}} Closed */

/** The lines of an X or a Z report; pure. @param {Books} books @param {Currency} currency @returns {[string, string][]} */
export function bookLines(books, currency) {
  const money = (/** @type {number} */ amount) => formatMoney(amount, currency);
  const { orders, sales, tips, refunds, fees, net, deposits, depositsBack, paidOut, taxes, methods = [], items = [] } = books;
  return [
    ["Orders", String(orders)], ["Sold", money(sales)],
    .../** @type {[string, number | undefined][]} */ ([["Tips", tips], ["Given back", -refunds], ["Fees", -fees]])
      .filter(([, amount]) => amount).map(([name, amount]) => /** @type {[string, string]} */ ([name, money(Number(amount))])),
    ["Net", money(net)],
    .../** @type {[string, number | undefined][]} */ ([["Deposits", deposits], ["Deposits back", depositsBack && -depositsBack], ["Asked for as payouts", paidOut && -paidOut]])
      .filter(([, amount]) => amount).map(([name, amount]) => /** @type {[string, string]} */ ([name, money(Number(amount))])),
    ...taxLines(taxes, currency),
    ...methods.map(({ method, topUps, amount, back = 0, paidOut: out = 0 }) => /** @type {[string, string]} */ ([`Top-ups, ${method} (${topUps})`,
      [money(amount), back && `${money(back)} back`, out && `${money(out)} paid out`].filter(Boolean).join(" · ")])),
    ...items.map((item) => /** @type {[string, string]} */ ([`${item.quantity} × ${soldName(item)}`, money(item.amount)])),
  ];
}

/** Since when books are open, or of when they are. @param {{begins?: string | undefined, ends?: string | undefined}} books */
export const sinceWords = ({ begins, ends }) => [begins ? `from ${formatWhen(begins)}` : "from the beginning", ends && `to ${formatWhen(ends)}`].filter(Boolean).join(" ");

/** The open books, the button that closes them, and the Z reports so far, in `#books`.
 * @param {import("../../sdk/festival-push.js").Client} client @param {Currency} currency
 * @param {{base: string, mayClose: boolean, isSure: (title: string, words: string, action: string) => Promise<boolean>}} of  base: `/v1/admin`, or the stall's path */
export function createBooks(client, currency, { base, mayClose, isSure }) {
  const close = /** @type {HTMLButtonElement} */ (byId("books-close"));
  let [closed, next] = [/** @type {Closed[]} */ ([]), /** @type {string | null} */ (null)];
  const more = /** @type {HTMLButtonElement} */ (byId("z-reports-more"));
  close.hidden = !mayClose;

  /** @param {Closed} report */
  const row = (report) => {
    const lines = el("dl", { class: "rows" });
    const details = el("details", { ontoggle: () => void (details.open && !lines.childElementCount && read()) },
      el("summary", { class: "row" }, el("strong", {}, `Z ${report.number}`), el("span", { class: "grow muted" }, sinceWords(report)), el("span", { class: "price" }, formatMoney(report.net, currency))), lines);
    const read = async () => {
      try {
        showLines(lines, bookLines(/** @type {Books} */ (await client.get(`${base}/z-reports/${report.number}`)), currency));
      } catch (error) {
        details.open = false;
        toast(listWords(error), "error");
      }
    };
    return el("li", {}, details);
  };

  const show = () => {
    setText("z-reports-state", closed.length ? "" : "No Z report yet.");
    showList(byId("z-reports"), closed, ({ number }) => String(number), row);
    more.hidden = next === null;
  };

  const load = oneAtATime(async () => {
    try {
      const [open, page] = await Promise.all([client.get(`${base}/x-report`), client.get(`${base}/z-reports?limit=20`)]);
      const books = /** @type {Books} */ (open);
      setText("books-state", `Open ${sinceWords({ begins: books.begins })}: ${sumWords(books, currency)}`);
      showLines(byId("books-lines"), bookLines(books, currency));
      close.disabled = books.transfers === 0;
      close.textContent = `Close: make Z ${books.number}`;
      [closed, next] = [page.items, page.next];
      show();
    } catch (error) {
      setText("books-state", listWords(error));
      whenBack(load);
    }
  });
  more.addEventListener("click", () => void whileBusy(more, async () => {
    try {
      const page = await client.get(`${base}/z-reports?limit=20&before=${encodeURIComponent(next ?? "")}`);
      [closed, next] = [[...closed, ...page.items], page.next];
      show();
    } catch (error) {
      toast(listWords(error), "error");
    }
  }));
  close.addEventListener("click", () => void whileBusy(close, async () => {
    if (!(await isSure(`${close.textContent}?`, "It keeps what is listed here for good, under its number. What is sold from now on goes into the next one.", "Close the books"))) return;
    try {
      const { data: { report } } = await client.command(`${base}/z-reports`, {});
      toast(`Z ${report.number} is made: ${orderWords(report.orders)}, ${formatMoney(report.net, currency)}.`, "success");
    } catch (error) {
      toast(commandWords(error, currency), "error");
    }
  }).then(load)); // which says whether there is anything to close again

  return { open: () => void load() };
}
