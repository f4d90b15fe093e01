// @ts-check
/** The screens that show the stall's board: a code pairs one, the stall confirms or refuses it, and takes it down. */
import { ProblemError } from "../../sdk/problem.js";
import { tabStore } from "../../sdk/storage.js";
import { byId, el, input, onSubmit, setText, showList, whileBusy } from "../../ui/dom.js";
import { formatWhen } from "../../ui/format/time.js";
import { humanWords, listWords } from "../../ui/format/words.js";
import { whenBack } from "../../ui/link-state.js";
import { ask } from "../../ui/touch/question.js";
import { rest } from "../../ui/touch/rest.js";
import { showBadge } from "../../ui/sections.js";
import { oneAtATime } from "../../ui/state/reading.js";
import { toast } from "../../ui/toast.js";
import { countdown } from "./charge/charge.js";

/** @typedef {import("../../sdk/types.js").DisplayWaiting} DisplayWaiting */
/** @typedef {import("../../sdk/types.js").PairingCode} PairingCode */
/** @typedef {{displayId: string, name: string, createdAt: string}} Display */
/** @typedef {{code: PairingCode | null, waiting: DisplayWaiting[]}} Kept  by this tab: told only once */

const WAIT_MS = 10 * 60_000; // for the stall's answer; then the server knows nothing of the screen
const TICK_MS = 1_000;

/** @param {string | null} text @returns {Kept} */
export function keptFrom(text) {
  try {
    const { code, waiting } = JSON.parse(text ?? "{}");
    return { code: code ?? null, waiting: Array.isArray(waiting) ? waiting : [] };
  } catch {
    return { code: null, waiting: [] };
  }
}

/** Return what still counts; pure. @param {Kept} kept @param {number} now  the server's time @returns {Kept} */
export const standing = ({ code, waiting }, now) => ({
  code: code && Date.parse(code.expiresAt) > now ? code : null,
  waiting: waiting.filter(({ timestamp }) => Date.parse(timestamp) + WAIT_MS > now),
});

/** Say why a screen can't be answered any more; empty: it can. @param {unknown} error */
export function overWords(error) {
  if (!(error instanceof ProblemError)) return "";
  if (error.code === "pairing-settled") return `Somebody has ${error.params.pairingStatus} this screen already.`;
  return error.status === 404 ? "This screen does not wait any more. Make a new code." : "";
}

/** @param {import("../../sdk/festival-push.js").Client} client @param {string} vendorId
 * @param {ReturnType<typeof import("./taps/guard.js").createGuard>} guard */
export function createScreens(client, vendorId, guard) {
  const name = `festival-push.screens.${vendorId}`;
  const path = `/v1/vendors/${encodeURIComponent(vendorId)}/displays`;
  let kept = keptFrom(tabStore.get(name));
  let timer = 0;

  const show = () => {
    const now = client.serverNow();
    kept = standing(kept, now);
    const { code, waiting } = kept;
    byId("screen-shown").hidden = code === null;
    setText("screen-code", code?.code ?? "");
    setText("screen-left", code ? `For one screen, ${countdown(Date.parse(code.expiresAt) - now)} minutes` : "");
    showList(byId("screens-waiting"), waiting, ({ pairingId }) => pairingId, asking);
    showBadge("screens-badge", waiting.length);
    clearTimeout(timer);
    if (code || waiting.length) timer = setTimeout(show, TICK_MS);
  };

  /** @param {Partial<Kept>} change */
  const keep = (change) => {
    kept = { ...kept, ...change };
    tabStore.set(name, JSON.stringify(kept));
    show();
  };
  const others = (/** @type {string} */ pairingId) => kept.waiting.filter((one) => one.pairingId !== pairingId);

  /** @param {DisplayWaiting} screen @param {boolean} accept @param {HTMLButtonElement} button */
  const answer = (screen, accept, button) => whileBusy(button, async () => {
    let over = "";
    try {
      await client.post(`${path}/pairings/${encodeURIComponent(screen.pairingId)}`, { accept });
    } catch (error) {
      over = overWords(error);
      toast(over || humanWords(error), "error");
      if (!over) return;
    }
    keep({ waiting: others(screen.pairingId) });
    void load();
  });

  /** @param {DisplayWaiting} screen */
  const asking = (screen) => el("li", { class: "row" },
    el("div", { class: "grow" }, el("strong", {}, screen.name), el("p", { class: "muted" }, "A screen asks to show your board. Confirm it only if you know it.")),
    ...[true, false].map((accept) => {
      const words = accept ? "Confirm" : "Refuse";
      const button = el("button", { class: accept ? "primary" : "danger", "data-focus": `${words}-${screen.pairingId}`,
        onclick: () => guard.claim() && void answer(screen, accept, button) }, words, el("span", { class: "sr-only" }, ` ${screen.name}`));
      return button;
    }));

  /** @param {Display} display */
  const takeDown = async ({ displayId, name: shown }) => {
    const question = { title: `Take ${shown} down?`, words: "It does not show your numbers any more, until it is paired again.", action: "Take it down" };
    if (!(await ask(question))) return;
    try {
      await client.del(`/v1/displays/${encodeURIComponent(displayId)}`);
      await load();
    } catch (error) {
      toast(humanWords(error), "error");
    }
  };

  /** @param {Display} display */
  const row = (display) => el("li", { class: "row" },
    el("div", { class: "grow" }, el("strong", {}, display.name), el("p", { class: "muted" }, `since ${formatWhen(display.createdAt)}`)),
    el("button", { class: "danger", "data-focus": `take-down-${display.displayId}`, onclick: () => void takeDown(display) },
      "Take down", el("span", { class: "sr-only" }, ` ${display.name}`)));

  const load = oneAtATime(async () => {
    try {
      const { items } = await client.get(path);
      setText("screens-state", items.length ? "" : "No screen shows your board yet.");
      showList(byId("screens"), /** @type {Display[]} */ (items), ({ displayId }) => displayId, row);
    } catch (error) {
      setText("screens-state", listWords(error));
      whenBack(load);
    }
  });

  onSubmit("screen-form", "screen-make", async () => {
    if (!guard.claim()) return;
    setText("screen-problem", "");
    try {
      const { code, expiresAt } = await client.post(`${path}/codes`, { name: input("screen-name").value.trim() || "Screen" });
      keep({ code: { code, expiresAt } });
      /** @type {HTMLFormElement} */ (byId("screen-form")).reset();
    } catch (error) {
      setText("screen-problem", humanWords(error));
    }
  });
  setText("screen-address", `${location.host}/kiosk/`);
  show();

  return {
    load,
    /** Somebody has typed the code on a screen: it is used up. @param {DisplayWaiting} screen  the event */
    wait(screen) {
      keep({ code: null, waiting: [...others(screen.pairingId), screen] });
      rest(byId("app")); // what stood there has moved
      byId("screens-waiting").scrollIntoView({ block: "nearest" });
      toast(`A screen asks to show your board: ${screen.name}. Confirm or refuse it under Stall.`);
    },
  };
}
