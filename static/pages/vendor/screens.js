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
import { createReading, oneAtATime } from "../../ui/state/reading.js";
import { toast } from "../../ui/toast.js";
import { countdown } from "./charge/charge.js";

/** @typedef {import("../../sdk/types.js").DisplayWaiting} DisplayWaiting */
/** @typedef {import("../../sdk/types.js").PairingCode} PairingCode */
/** @typedef {import("../../sdk/types.js").WaitingPairing} WaitingPairing */
/** @typedef {{displayId: string, name: string, createdAt: string}} Display */
/** @typedef {{code: PairingCode | null, waiting: WaitingPairing[]}} Pairings */

const WAIT_MS = 10 * 60_000; // for each step: typing the code, and the stall's answer
const TICK_MS = 1_000;

/** The code that this tab has kept: it is told only once. @param {string | null} text @returns {PairingCode | null} */
export function codeFrom(text) {
  try {
    return JSON.parse(text ?? "{}").code ?? null;
  } catch {
    return null;
  }
}

/** @param {{expiresAt: string}} one */
const endOf = ({ expiresAt }) => Date.parse(expiresAt);

/** Return what still counts, the oldest screen first; pure. A stall has one code at a time: the screen of its pairing has
 * used it up, or a newer one that took its place. Times don't tell: two hosts may have stamped them.
 * @param {Pairings} pairings @param {number} now  the server's time @returns {Pairings} */
export const standing = ({ code, waiting }, now) => ({
  code: code && endOf(code) > now && !waiting.some(({ pairingId }) => pairingId === code.pairingId) ? code : null,
  waiting: waiting.filter((screen) => endOf(screen) > now).sort((a, b) => endOf(a) - endOf(b)),
});

/** @param {DisplayWaiting} event @returns {WaitingPairing} */
export const waitingOf = ({ pairingId, vendorId, name, timestamp }) => ({ pairingId, vendorId, name,
  expiresAt: new Date(Date.parse(timestamp) + WAIT_MS).toISOString() });

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
  let pairings = /** @type {Pairings} */ ({ code: codeFrom(tabStore.get(name)), waiting: [] });
  let stood = "false"; // whether a code was shown, and which screens waited
  let timer = 0;

  const show = () => {
    const now = client.serverNow();
    const { code: before } = pairings;
    pairings = standing(pairings, now);
    const { code, waiting } = pairings;
    if (code !== before) keep(code);
    byId("screen-shown").hidden = code === null;
    setText("screen-code", code?.code ?? "");
    setText("screen-left", code ? `For one screen, ${countdown(Date.parse(code.expiresAt) - now)} minutes` : "");
    showList(byId("screens-waiting"), waiting, ({ pairingId }) => pairingId, asking);
    showBadge("screens-badge", waiting.length);
    const stands = [code !== null, ...waiting.map(({ pairingId }) => pairingId)].join(" ");
    if (stands !== stood) rest(byId("view-stall")); // what is below has moved
    stood = stands;
    clearTimeout(timer);
    if (code || waiting.length) timer = setTimeout(show, TICK_MS);
  };

  const keep = (/** @type {PairingCode | null} */ code) => tabStore.set(name, JSON.stringify({ code }));
  const reading = createReading(show);
  const others = (/** @type {string} */ pairingId) => pairings.waiting.filter((one) => one.pairingId !== pairingId);

  /** @param {WaitingPairing} screen @param {boolean} accept @param {HTMLButtonElement} button */
  const answer = (screen, accept, button) => whileBusy(button, async () => {
    let over = "";
    try {
      await client.post(`${path}/pairings/${encodeURIComponent(screen.pairingId)}`, { accept });
    } catch (error) {
      over = overWords(error);
      toast(over || humanWords(error), "error");
      if (!over) return;
    }
    reading.change(() => void (pairings = { ...pairings, waiting: others(screen.pairingId) }));
    void load();
  });

  /** @param {WaitingPairing} screen */
  const asking = (screen) => el("li", { class: "row" },
    el("div", { class: "grow" }, el("strong", {}, screen.name), el("p", { class: "muted" }, "A screen asks to show your board. Confirm it only if you know it.")),
    ...[true, false].map((accept) => {
      const words = accept ? "Confirm" : "Refuse";
      const button = el("button", { class: accept ? "primary" : "danger", "data-focus": `${words}-${screen.pairingId}`,
        onclick: () => guard.claim() && void answer(screen, accept, button) }, words, el("span", { class: "sr-only" }, ` ${screen.name}`));
      return button;
    }));

  /** @param {Display} display */
  const takeDown = async ({ displayId, name: place }) => {
    const question = { title: `Take ${place} down?`, words: "It does not show your numbers any more, until it is paired again.", action: "Take it down" };
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

  const readShown = async () => {
    const { items } = await client.get(path);
    setText("screens-state", items.length ? "" : "No screen shows your board yet.");
    showList(byId("screens"), /** @type {Display[]} */ (items), ({ displayId }) => displayId, row);
  };

  const readWaiting = async () => {
    try {
      await reading.read(() => client.get(`${path}/pairings`), ({ items: waiting }) => void (pairings = { ...pairings, waiting }));
    } catch (error) {
      const isOlder = error instanceof ProblemError && error.status === 404;
      if (!isOlder) throw error; // an older server lists none: what events have told stays
    }
  };

  /** The two lists are read apart: one that can't be read keeps nothing of the other from the stall. */
  const load = oneAtATime(async () => {
    for (const read of await Promise.allSettled([readShown(), readWaiting()])) {
      if (read.status === "fulfilled") continue;
      setText("screens-state", listWords(read.reason));
      whenBack(load);
    }
  });

  onSubmit("screen-form", "screen-make", async () => {
    if (!guard.claim()) return;
    setText("screen-problem", "");
    try {
      const { pairingId, code, expiresAt } = await client.post(`${path}/codes`, { name: input("screen-name").value.trim() || "Screen" });
      pairings = { ...pairings, code: { pairingId, code, expiresAt } };
      keep(pairings.code);
      show();
      /** @type {HTMLFormElement} */ (byId("screen-form")).reset();
    } catch (error) {
      setText("screen-problem", humanWords(error));
    }
  });
  setText("screen-address", `${location.host}/kiosk/`);
  show();

  return {
    /** Read which screens there are, and which ones wait: their event may have come while no page was open. */
    load,
    /** Somebody has typed the code on a screen. @param {DisplayWaiting} screen  the event */
    wait(screen) {
      reading.change(() => void (pairings = { ...pairings, waiting: [...others(screen.pairingId), waitingOf(screen)] }));
      byId("screens-waiting").scrollIntoView({ block: "nearest" });
      toast(`A screen asks to show your board: ${screen.name}. Confirm or refuse it under Stall.`);
    },
  };
}
