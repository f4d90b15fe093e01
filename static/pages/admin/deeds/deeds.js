// @ts-check
/** What staff have done, for good: who, what, to whom, and what changed. */
import { byId, el, setText } from "../../../ui/dom.js";
import { formatMoney } from "../../../ui/format/money.js";
import { formatWhen } from "../../../ui/format/time.js";
import { createPaged } from "../paged.js";
import { saveFile } from "../../../ui/reports/save.js";

/** @typedef {Record<string, string | number | boolean | null>} State
 * @typedef {{seq: number, timestamp: string, actor: string, act: string, subject: string, before: State, after: State,
 *   hash: string}} Deed */

const AMOUNTS = ["amount", "balance", "allowance", "total", "refunded", "price", "held", "reversed", "loss", "amountMax", "balanceMax",
  "secondPersonAbove", "cashierDailyMax", "cashierPayoutDailyMax", "float", "cash", "counted", "expected", "difference"];
const WAITING_MAX = 500; // nobody has tapped for so long: nobody has a pointer there

/** Say who did something; pure. @param {string} actor */
export const actorWords = (actor) => (actor.startsWith("user:") ? actor.slice("user:".length) : actor.replace("-", " "));

/** Say what was done; pure. @param {string} act */
export const actWords = (act) => {
  const words = act.replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
};

/** @param {string} name  camelCase @returns {string} */
const wordsOf = (name) => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/** Say what changed; pure. @param {Deed} deed @param {import("../../../sdk/types.js").Currency} currency @returns {string} `balance €5.00 → €25.00 · method cash` */
export function changeWords({ before, after }, currency) {
  const value = (/** @type {string} */ name, /** @type {State[string] | undefined} */ one) => one === null || one === undefined || one === "" ? "–"
    : typeof one === "number" && AMOUNTS.includes(name) ? formatMoney(one, currency) : one === true ? "yes" : one === false ? "no" : String(one);
  const names = Array.from(new Set([...Object.keys(before), ...Object.keys(after)]));
  return names.map((name) => `${wordsOf(name)} ${name in before && name in after ? `${value(name, before[name])} → ${value(name, after[name])}`
    : name in after ? value(name, after[name]) : `${value(name, before[name])} → –`}`).join(" · ");
}

/** The list, newest first. What comes in while somebody looks waits for a tap, so that no row moves under the pointer.
 * @param {import("../../../sdk/festival-push.js").Client} client @param {import("../../../sdk/types.js").Currency} currency */
export function createDeeds(client, currency) {
  let waiting = /** @type {Deed[]} */ ([]); // the oldest first
  const keyOf = (/** @type {Deed} */ { seq }) => String(seq);
  const isSeen = () => !byId("view-deeds").hidden && document.visibilityState === "visible";

  /** @param {Deed} deed */
  const row = (deed) => el("li", { class: "row" },
    el("div", { class: "grow" }, el("strong", {}, actWords(deed.act)), " ", el("span", { class: "mono" }, deed.subject),
      el("p", {}, changeWords(deed, currency)),
      el("p", { class: "muted" }, `${deed.seq} · ${formatWhen(deed.timestamp)} · by ${actorWords(deed.actor)} · ${deed.hash.slice(0, 12)}`)));

  const showWaiting = () => {
    byId("deeds-new").hidden = waiting.length === 0;
    setText("deeds-new", `Show ${waiting.length} new`);
  };
  const list = createPaged(client, {
    name: "deeds",
    path: () => "/v1/admin/deeds?limit=50",
    keyOf,
    row,
    empty: "Nothing was done yet.",
    changed(items) {
      const listed = new Set(items.map(keyOf));
      waiting = waiting.filter((deed) => !listed.has(keyOf(deed)));
      showWaiting();
    },
  });
  const takeIn = () => list.put(...waiting);
  byId("deeds-new").addEventListener("click", takeIn);
  byId("deeds-csv").addEventListener("click", () => void saveFile("admin", "/v1/admin/deeds.csv"));

  return {
    open: () => void list.load(),
    /** @param {Deed} deed  a `new-deed` */
    add(deed) {
      waiting.push(deed);
      if (!isSeen() || waiting.length >= WAITING_MAX) takeIn();
      else showWaiting();
    },
  };
}
