// @ts-check
import { byId, el, input, onSubmit, setText } from "../../../ui/dom.js";
import { later } from "../../../ui/later.js";
import { formatWhen } from "../../../ui/format/time.js";
import { toast } from "../../../ui/toast.js";
import { humanWords } from "../../../ui/format/words.js";
import { ask } from "../ask.js";
import { createPaged } from "../paged.js";
import { createPerson, partsOf } from "./person.js";

/** @typedef {import("./find.js").Person} Person */
/** @typedef {import("../../../sdk/types.js").Vendor} Vendor */

const SEARCH_MS = 300;
const NEW_STALL = "vendor";

/** The roles to choose from; a vendor works for a stall that is there, or gets one of their own; pure.
 * @param {Vendor[]} vendors @returns {[string, string][]} value and name */
export function roleOptions(vendors) {
  return [["customer", "Guest"], ["admin", "Organiser"], [NEW_STALL, "Stall keeper, with a new stall"],
    ...vendors.map(({ vendorId, name }) =>
      /** @type {[string, string]} */ ([`${NEW_STALL}:${vendorId}`, `Stall keeper at ${name}`]))];
}

/** Return what a choice means to the server; pure.
 * @param {string} choice @returns {{role: string, vendorId?: string}} */
export function roleOf(choice) {
  const [role = "", ...rest] = choice.split(":");
  return rest.length ? { role, vendorId: rest.join(":") } : { role };
}

/** The list of all accounts. @param {import("../../../sdk/festival-push.js").Client} client
 * @param {import("../../../sdk/types.js").Me} me  who looks @param {() => Vendor[]} vendors */
export function createPeople(client, me, vendors) {
  const { currency } = me;
  /** @param {Person} person @param {string} path @param {Record<string, unknown>} body
   * @returns {Promise<Person | null>} as they are now; null: the server has not done it */
  const change = async (person, path, body) => {
    try {
      const now = /** @type {Person} */ (await client.post(`/v1/admin/users/${encodeURIComponent(person.userId)}/${path}`, body));
      list.put(now);
      return now;
    } catch (error) {
      toast(`${person.name}: ${humanWords(error)}`, "error");
      return null;
    }
  };

  /** @param {Person} person */
  const suspend = async (person) => {
    if (person.suspended) return void change(person, "unsuspend", {});
    const answered = await ask({ title: `Suspend ${person.name}`, action: "Suspend",
      words: "Their pages end at once and they can't do anything. Their money stays theirs, and they can be let back in." }, currency);
    if (answered) await change(person, "suspend", {});
  };

  /** @param {Person} person */
  const givePin = async (person) => {
    const answered = await ask({ title: `A new PIN for ${person.name}`, action: "Set the PIN", reason: "New PIN (4 to 12 digits)", pattern: "[0-9]{4,12}",
      ...(person.is && { choice: { label: "Their sign-in name", options: /** @type {[string, string][]} */ ([["", "They know it"], ["new", "Forgotten: make a new one"]]), value: "" } }),
      words: "For somebody who has forgotten theirs. Make sure that it is them: whoever knows the PIN has the wallet. All their sessions end." }, currency);
    const now = answered && (await change(person, "pin", { pin: answered.reason, ...(answered.choice ? { newSignIn: true } : {}) }));
    if (!now) return;
    toast(`${person.name} has a new PIN.`, "success");
    if (now.signIn) await ask({ title: `${person.name} signs in with ${now.signIn}`, action: "Handed over", words: "It is shown only now. Tell it to nobody else." }, currency);
  };

  const dialog = createPerson(client, currency, vendors, me, (person) => list.put(person));

  /** @param {Person} person */
  const row = (person) => el("li", { class: "row wrap" },
    el("div", { class: "grow" }, el("strong", {}, person.name), ...partsOf(person).flatMap((part) => [" ", el("span", { class: "chip" }, part)]), " ",
      person.suspended && el("span", { class: "chip bad" }, "suspended"),
      el("p", { class: "muted" }, `${person.userId} · code ${person.topUpCode} · since ${formatWhen(person.createdAt)}`)),
    el("div", { class: "actions" },
      el("button", { class: "small", onclick: () => dialog.open(person) }, "Rights", el("span", { class: "sr-only" }, ` of ${person.name}`)),
      el("button", { class: "small", onclick: () => void givePin(person) }, "PIN", el("span", { class: "sr-only" }, ` of ${person.name}`)),
      el("button", { class: person.suspended ? "small" : "small danger", onclick: () => void suspend(person) },
        person.suspended ? "Let back in" : "Suspend", el("span", { class: "sr-only" }, ` ${person.name}`))));

  const list = createPaged(client, {
    name: "users",
    path: () => `/v1/admin/users?limit=50&search=${encodeURIComponent(input("users-find").value.trim())}`,
    keyOf: (/** @type {Person} */ { userId }) => userId,
    row,
    empty: "Nobody like that.",
  });
  byId("users-find").addEventListener("input", later(() => void list.restart(), SEARCH_MS));

  const admit = async () => {
    const pin = input("admit-pin").value;
    setText("admit-problem", "");
    setText("admit-done", "");
    try {
      const person = /** @type {Person} */ (await client.post("/v1/admin/users",
        { name: input("admit-name").value.trim(), ...roleOf(input("admit-role").value), ...(pin ? { pin } : {}) }));
      list.put(person);
      /** @type {HTMLFormElement} */ (byId("admit")).reset();
      setText("admit-done", `${person.name} signs in with the name ${person.signIn ?? person.userId}: tell it to nobody else.`);
    } catch (error) {
      setText("admit-problem", humanWords(error));
    }
  };
  onSubmit("admit", "admit-send", admit);

  return {
    open() {
      const chosen = input("admit-role").value;
      byId("admit-role").replaceChildren(...roleOptions(vendors()).map(([value, name]) => el("option", { value, selected: value === chosen }, name)));
      void list.load();
    },
  };
}
