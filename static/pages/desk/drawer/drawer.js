// @ts-check
/** The cashier's own drawer: opened with a float, counted and closed at the end. */
import { byId, el, input, onSubmit, setText, showList, whileBusy } from "../../../ui/dom.js";
import { amountProblem, exampleMoney, formatMoney } from "../../../ui/format/money.js";
import { formatWhen } from "../../../ui/format/time.js";
import { commandWords, humanWords, listWords } from "../../../ui/format/words.js";
import { whenBack } from "../../../ui/link-state.js";
import { createReading, oneAtATime } from "../../../ui/state/reading.js";
import { toast } from "../../../ui/toast.js";
import { ask } from "../../admin/ask.js";
import { sendMoney, waitsWords } from "../../admin/deeds/second.js";
import { deviceStore } from "../../../sdk/storage.js";
import { countedOf, createCount } from "./count.js";
import { createDrawers } from "./drawers.js";
import { differenceWords, sumsOf } from "./words.js";

/** @typedef {import("./words.js").Drawer} Drawer */

const NAME_KEPT = "festival-push.desk-name";
const IN = ["More change", "More notes"];
const OUT = ["Too much in the drawer", "Collected"];

/** @param {import("../../../sdk/festival-push.js").Client} client @param {import("../../../sdk/types.js").Me} me
 * @param {import("../../../sdk/types.js").Currency} currency
 * @param {{isOrganiser: boolean, changed: () => void}} options  changed: another drawer, or other sums */
export function createDrawer(client, me, currency, { isOrganiser, changed }) {
  let drawer = /** @type {Drawer | null | undefined} */ (undefined); // undefined: not known yet
  const money = (/** @type {number} */ amount) => formatMoney(amount, currency);
  const pathOf = (/** @type {Drawer} */ { drawerId }) => `/v1/admin/drawers/${encodeURIComponent(drawerId)}`;

  const show = () => {
    const own = drawer ?? null;
    setText("drawer-tab", own ? own.name : "Drawer");
    setText("drawer-cash", own ? money(own.expected) : drawer === null ? "closed" : "");
    byId("open-drawer").hidden = drawer !== null;
    byId("drawer-open").hidden = !own;
    setText("drawer-title", own ? own.name : "My drawer");
    if (own) {
      setText("drawer-facts", `Open since ${formatWhen(own.openedAt)}`);
      setText("drawer-expected", money(own.expected));
      showList(byId("drawer-sums"), sumsOf(own, money), ([name]) => name, ([name, sum]) => el("div", {}, el("dt", {}, name), el("dd", {}, sum)));
    }
    changed();
  };
  const reading = createReading(show);

  const load = oneAtATime(async () => {
    try {
      await reading.read(async () => {
        const { items } = await client.get("/v1/admin/drawers?status=open&limit=50");
        const own = items.find((/** @type {Drawer} */ { cashierId }) => cashierId === me.userId);
        return own ? client.get(pathOf(own)) : null;
      }, (told) => void (drawer = told));
      setText("drawer-problem", "");
    } catch (error) {
      setText("drawer-problem", listWords(error));
      whenBack(load);
    }
  });

  const drawers = createDrawers(client, currency, { isOrganiser, async count(drawerId) {
    try {
      count.open(await client.get(`/v1/admin/drawers/${encodeURIComponent(drawerId)}`));
    } catch (error) {
      toast(humanWords(error), "error");
    }
  } });
  const count = createCount(client, currency, (closed, counted) => {
    byId("drawer-closed").hidden = false;
    setText("closed-words", `${closed.name} is closed. ${differenceWords(counted.difference, money)}`);
    showList(byId("closed-sums"), [["Expected", money(counted.expected)], ["Counted", money(counted.counted)]], ([name = ""]) => name,
      ([name = "", sum = ""]) => el("div", {}, el("dt", {}, name), el("dd", {}, sum)));
    void load();
    drawers.load();
  });

  const open = async () => {
    const typed = input("drawer-float").value;
    const float = countedOf(typed, currency);
    const name = input("drawer-name").value.trim();
    setText("open-problem", float === null ? `This is no amount. ${amountProblem(typed, currency, 10_000)}` : "");
    if (float === null) return input("drawer-float").focus();
    try {
      const sent = await sendMoney(client, "/v1/admin/drawers", { name, float });
      if (!sent) return;
      deviceStore.set(NAME_KEPT, name);
      input("drawer-float").value = "";
      byId("drawer-closed").hidden = true;
      toast(`${name} is open.`, "success");
      await load();
      drawers.load();
    } catch (error) {
      setText("open-problem", commandWords(error, currency));
      await load();
    }
  };
  input("drawer-name").value = deviceStore.get(NAME_KEPT) ?? "";
  input("drawer-float").placeholder = exampleMoney(currency, 10_000);
  for (const id of ["drawer-currency", "count-currency"]) setText(id, `in ${currency.currency}`);
  onSubmit("open-drawer", "open-send", open);

  /** @param {"in" | "out"} direction @param {string} id */
  const move = (direction, id) => byId(id).addEventListener("click", () => void whileBusy(/** @type {HTMLButtonElement} */ (byId(id)), async () => {
    const own = drawer;
    if (!own) return;
    const isIn = direction === "in";
    const answered = await ask({ title: isIn ? "Cash from the safe" : "Cash to the safe", action: isIn ? "It is in the drawer" : "It is in the safe",
      words: isIn ? "Count it before you book it." : `${own.name} should have ${money(own.expected)} now.`, amount: isIn ? Infinity : Math.max(0, own.expected),
      reason: "Reason", reasons: isIn ? IN : OUT, isBlank: true }, currency);
    if (!answered) return;
    try {
      const sent = await sendMoney(client, `${pathOf(own)}/cash`, { direction, amount: answered.amount, reason: answered.reason });
      if (!sent) return;
      const sum = money(answered.amount);
      if (sent.isWaiting) toast(waitsWords(`${sum} ${isIn ? "from" : "to"} the safe`), "info");
      else toast(`${sum} ${isIn ? "came from" : "went to"} the safe.`, "success");
      await load();
    } catch (error) {
      toast(commandWords(error, currency), "error");
    }
  }));
  move("in", "cash-in");
  move("out", "cash-out");
  byId("close-drawer").addEventListener("click", () => void load().then(() => drawer && count.open(drawer)));

  return {
    /** The own one; null: none is open; undefined: not known yet. */
    current: () => drawer,
    load: () => void load(),
    /** Somebody looks at it. */
    open() {
      void load();
      drawers.load();
    },
  };
}
