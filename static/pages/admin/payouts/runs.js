// @ts-check
/** Payout runs: payouts with a bank account, gathered, sent to the bank as one file, and settled at once. */
import { byId, el, input, onSubmit, setText } from "../../../ui/dom.js";
import { formatMoney } from "../../../ui/format/money.js";
import { toast } from "../../../ui/toast.js";
import { commandWords } from "../../../ui/format/words.js";
import { ask } from "../ask.js";
import { sendMoney, waitsWords } from "../deeds/second.js";
import { createPaged } from "../paged.js";
import { saveFile } from "../../../ui/reports/save.js";

/** @typedef {{runId: string, status: "open" | "sent" | "undone", account?: "wallet" | "till", count: number, total: number,
 *   executionDate: string, createdAt: string}} Run */

const STATUS_WORDS = { open: "Not sent yet", sent: "Sent", undone: "Undone" };
const RUNS = "/v1/admin/payout-runs";

/** How many payouts, in words; pure. @param {number} count */
export const payoutsWords = (count) => (count === 1 ? "1 payout" : `${count} payouts`);

/** A day of the calendar, as people write it. @param {string} day  `2026-07-06` */
const dayWords = (day) => new Date(`${day}T12:00:00`).toLocaleDateString(undefined, { dateStyle: "medium" });

/** @param {import("../../../sdk/festival-push.js").Client} client @param {import("../../../sdk/types.js").Currency} currency
 * @param {{changed: () => void, showRun: (runId: string, name: string) => void}} payouts  the list of payouts beside it */
export function createRuns(client, currency, payouts) {
  const nameOf = (/** @type {Run} */ run) => `Run for ${dayWords(run.executionDate)}`;
  const sum = (/** @type {Run} */ { total }) => formatMoney(total, currency);
  const pathOf = (/** @type {string} */ runId) => `${RUNS}/${encodeURIComponent(runId)}`;

  /** Send a command about a run, and show what has become of it. @param {Run} run @param {string} step @param {Record<string, unknown>} body */
  const tell = async (run, step, body) => {
    try {
      const sent = await sendMoney(client, `${pathOf(run.runId)}/${step}`, body);
      if (sent?.isWaiting) toast(waitsWords(nameOf(run)), "info");
      else if (sent) list.put(sent.data.run);
      payouts.changed();
      return Boolean(sent);
    } catch (error) {
      toast(commandWords(error, currency), "error");
      await list.load();
      return false;
    }
  };

  /** @param {Run} run */
  const send = async (run) => {
    const isSure = await ask({ title: `Is it sent: ${payoutsWords(run.count)} over ${sum(run)}?`, action: "The bank has them",
      words: "Say so only once the bank has taken the file: everybody is told that their money is on its way, and the file is not made again." }, currency);
    if (isSure) await tell(run, "sent", {});
  };

  /** @param {Run} run */
  const undo = async (run) => {
    const isSure = await ask({ title: "Undo this run?", action: "Undo it",
      words: `${payoutsWords(run.count)} ${run.count === 1 ? "waits" : "wait"} again, each by itself. Do so only if the bank has got nothing of it.` }, currency);
    if (isSure) await tell(run, "undo", {});
  };

  /** @param {Run} run @param {string} ending */
  const download = (run, ending) => async () => {
    const path = ending === "xml" ? `${pathOf(run.runId)}/sepa.xml` : `${pathOf(run.runId)}.csv`;
    await saveFile("admin", path);
  };

  /** @param {Run} run */
  const row = (run) => el("li", { class: "row wrap", "data-status": run.status },
    el("div", { class: "grow" }, el("strong", {}, nameOf(run)), el("p", {}, [payoutsWords(run.count), run.account === "till" ? "of stalls" : run.account === "wallet" ? "of guests" : ""].filter(Boolean).join(" ")),
      el("p", { class: "muted" }, STATUS_WORDS[run.status] ?? run.status)),
    el("span", { class: "price" }, sum(run)),
    el("div", { class: "actions" },
      run.status === "undone" ? null : el("button", { class: "small", onclick: () => payouts.showRun(run.runId, nameOf(run)) }, "Its payouts"),
      run.status === "open" ? el("button", { class: "small", onclick: download(run, "xml") }, "Bank file (SEPA)") : null,
      run.status === "undone" ? null : el("button", { class: "small", onclick: download(run, "csv") }, "CSV"),
      run.status === "open" ? el("button", { class: "small primary", onclick: () => void send(run) }, "Sent to the bank") : null,
      run.status === "open" ? el("button", { class: "small danger", onclick: () => void undo(run) }, "Undo") : null));

  const list = createPaged(client, { name: "runs", path: () => `${RUNS}?limit=20`, keyOf: (/** @type {Run} */ { runId }) => runId, row, empty: "No runs yet." });

  onSubmit("run-open", "run-start", async () => {
    setText("run-problem", "");
    const [account, day] = [input("run-account").value, input("run-day").value];
    try {
      const { data } = await client.command(RUNS, { ...(account ? { account } : {}), ...(day ? { executionDate: day } : {}) });
      list.put(data.run);
      payouts.changed();
      toast(`${payoutsWords(data.run.count)} over ${sum(data.run)} gathered.${data.left ? ` Left for the next run: ${payoutsWords(data.left)}.` : ""}`, "success");
    } catch (error) {
      setText("run-problem", commandWords(error, currency));
    }
  });

  return {
    open: () => void list.restart(),
    changed() {
      if (!byId("view-payouts").hidden) void list.load();
    },
    /** Take one payout out of its run; whether it was. @param {import("./payouts.js").Payout} payout */
    async takeOut({ payoutId, runId, name }) {
      const answered = await ask({ title: `Take the payout to ${name} out of the run?`, action: "Take it out", reason: "Reason, for the list of deeds",
        words: "It waits by itself again: pay it otherwise, or reject it." }, currency);
      if (!answered) return false;
      const run = /** @type {Run} */ ({ runId, executionDate: "", status: "open", count: 0, total: 0, createdAt: "" });
      return tell(run, `payouts/${encodeURIComponent(payoutId)}/remove`, { reason: answered.reason });
    },
  };
}
