// @ts-check
/** One's own second factors: what there is, adding an app or a passkey, removing, recovery codes. */
import { canPasskey, createPasskey, passkeyWords } from "./credentials.js";
import { askPin, enrolApp, showCodes } from "./steps.js";
import { el } from "../dom.js";
import { humanWords } from "../format/words.js";

/** @typedef {import("../../sdk/festival-push.js").Client} Client */
/** @typedef {{factorId: string, kind: "totp" | "passkey", name: string, createdAt: string, lastUsedAt?: string}} Factor */

const PATH = "/v1/me/factors";
const KINDS = { totp: "App", passkey: "Passkey" };

/** @param {string} time */
const day = (time) => new Date(time).toLocaleDateString(undefined, { day: "numeric", month: "short", year: "numeric" });

/** Fill an element with the caller's second factors. It stays up to date with what is done in it.
 * @param {HTMLElement} element @param {Client} client
 * @param {{onChange?: () => void}} [options]  onChange: one was added or removed
 * @returns {{refresh: () => Promise<void>}} */
export function mountFactors(element, client, { onChange = () => {} } = {}) {
  const problem = el("p", { class: "form-problem", role: "alert" });
  const done = el("p", { class: "form-done", role: "status" });
  const body = el("div", { class: "stack" });
  element.replaceChildren(el("div", { class: "stack factors" }, done, problem, body));

  /** @param {string} words */
  const finish = async (words) => {
    await refresh();
    done.textContent = words;
    onChange();
  };
  /** Ask for the PIN, do the rest in the place of the list, and show the list again.
   * @param {string} why @param {(proof: {pin: string}) => Promise<void>} work  throws what goes wrong with the PIN */
  const withPin = (why, work) => {
    problem.textContent = done.textContent = "";
    body.replaceChildren(askPin(why, work, () => void refresh()));
    body.querySelector("input")?.focus();
  };
  /** @param {{recoveryCodes?: string[], name: string}} enrolled */
  const added = (enrolled) => {
    const words = `${enrolled.name} is your second factor now. Your other devices are signed out.`;
    if (!enrolled.recoveryCodes) return void finish(`${enrolled.name} was added.`);
    body.replaceChildren(showCodes(enrolled.recoveryCodes, () => void finish(words)));
    body.querySelector("button")?.focus();
  };
  const addApp = () => withPin("To add an app that shows codes, type your PIN.", async (proof) => {
    const begun = await client.post(`${PATH}/totp`, proof);
    body.replaceChildren(enrolApp(begun, async (totp, name) => {
      added(await client.post(`${PATH}/totp/confirm`, { enrolment: begun.enrolment, totp, ...(name ? { name } : {}) }));
    }, () => void refresh()));
    body.querySelector("input")?.focus();
  });
  const addPasskey = () => withPin("To add a passkey of this device or of a stick, type your PIN.", async (proof) => {
    const { enrolment, options } = await client.post(`${PATH}/passkeys`, proof);
    try {
      added(await client.post(`${PATH}/passkeys/confirm`, { enrolment, passkey: await createPasskey(options) }));
    } catch (error) {
      await refresh();
      problem.textContent = passkeyWords(error);
    }
  });
  const renewCodes = () => withPin("For new recovery codes, type your PIN. The earlier ones are void then.", async (proof) => {
    const { recoveryCodes } = await client.post(`${PATH}/recovery-codes`, proof);
    body.replaceChildren(showCodes(recoveryCodes, () => void finish("You have new recovery codes.")));
    body.querySelector("button")?.focus();
  });
  const remove = (/** @type {Factor} */ factor) => withPin(`To remove ${factor.name}, type your PIN.`, async (proof) => {
    await client.post(`${PATH}/${encodeURIComponent(factor.factorId)}/remove`, proof);
    await finish(`${factor.name} was removed.`);
  });

  const row = (/** @type {Factor} */ factor) => el("li", { class: "row" },
    el("div", { class: "grow" }, el("strong", {}, factor.name),
      el("p", { class: "muted" }, `${KINDS[factor.kind]}, since ${day(factor.createdAt)}${factor.lastUsedAt ? `; last used ${day(factor.lastUsedAt)}` : ""}`)),
    el("button", { class: "danger", type: "button", "aria-label": `Remove ${factor.name}`, onclick: () => remove(factor) }, "Remove"));

  /** @param {{items: Factor[], recoveryCodesLeft: number, required: boolean}} found */
  const show = ({ items, recoveryCodesLeft, required }) => body.replaceChildren(
    items.length === 0 && required
      ? el("p", { class: "info" }, "Organisers need a second factor here. Until you have one, the office stays closed.")
      : el("p", { class: "muted" }, items.length ? "You sign in with your PIN and one of these." : "With a second factor, nobody gets in by your PIN alone."),
    items.length ? el("ul", { class: "rows" }, ...items.map(row)) : "",
    el("button", { class: items.length ? "wide" : "primary wide", type: "button", onclick: addApp }, "Add an authenticator app"),
    canPasskey() ? el("button", { class: "wide", type: "button", onclick: addPasskey }, "Add a passkey") : "",
    items.length ? el("p", { class: "muted" }, `${recoveryCodesLeft} recovery codes are left, for when you lose these.`) : "",
    items.length ? el("button", { class: "quiet wide", type: "button", onclick: renewCodes }, "Make new recovery codes") : "");

  async function refresh() {
    problem.textContent = done.textContent = "";
    try {
      show(await client.get(PATH));
    } catch (error) {
      problem.textContent = humanWords(error);
      body.replaceChildren(el("button", { class: "wide", type: "button", onclick: () => void refresh() }, "Try again"));
    }
  }
  void refresh();
  return { refresh };
}
