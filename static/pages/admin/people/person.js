// @ts-check
/** What somebody is: organiser, cashier, owner or keeper of stalls; and the buttons that change it. */
import { byId, el, setText, showList, whileBusy } from "../../../ui/dom.js";
import { humanWords } from "../../../ui/format/words.js";
import { ask } from "../ask.js";
import { dataRow } from "./data.js";
import { createTickets } from "./tickets.js";

/** @typedef {import("./find.js").Person} Person */
/** @typedef {import("../../../sdk/types.js").Vendor} Vendor */

/** What somebody is, as the list says it; a server that names no relations gives the type alone; pure.
 * @param {Person} person @returns {string[]} */
export function partsOf({ is, userType }) {
  const parts = (is ?? [userType]).filter((one) => one !== "customer");
  return parts.length ? parts.map((one) => (one === "admin" ? "organiser" : one)) : ["guest"];
}

/** The dialog. @param {import("../../../sdk/festival-push.js").Client} client @param {import("../../../sdk/types.js").Currency} currency
 * @param {() => Vendor[]} vendors @param {import("../../../sdk/types.js").Me} me @param {(person: Person) => void} changed */
export function createPerson(client, currency, vendors, { userId: ownId, secondFactor }, changed) {
  const hasFactors = secondFactor !== undefined; // else this server knows none
  const dialog = /** @type {HTMLDialogElement} */ (byId("person"));
  const tickets = createTickets(client, currency);
  let person = /** @type {Person | null} */ (null);
  const path = (/** @type {string} */ text) => encodeURIComponent(text);

  /** Do something to them, and show what they are then. @param {Person} one @param {() => Promise<unknown>} act */
  const change = async (one, act) => {
    setText("person-problem", "");
    try {
      await act();
      const { items } = await client.get(`/v1/admin/users?limit=10&search=${path(one.userId)}`);
      const now = items.find((/** @type {Person} */ { userId }) => userId === one.userId);
      if (!now) return;
      changed(now);
      if (person?.userId === now.userId) show(now);
    } catch (error) {
      setText("person-problem", humanWords(error));
    }
  };

  /** @param {string} words @param {string} named @param {string} look @param {() => Promise<unknown>} act */
  const button = (words, named, look, act) => {
    const one = el("button", { type: "button", class: look, onclick: () => void whileBusy(one, async () => void (await act())) }, words,
      el("span", { class: "sr-only" }, ` ${named}`));
    return one;
  };

  /** @param {Person} one */
  const organiser = (one) => {
    const isOne = one.userType === "admin";
    return el("li", { class: "row" }, el("div", { class: "grow" }, el("strong", {}, "Organiser"), el("p", { class: "muted" }, "May do everything in the office")),
      button(isOne ? "End" : "Appoint", `organiser ${one.name}`, isOne ? "small danger" : "small", async () => {
        const answered = await ask({ title: isOne ? `${one.name} is no organiser any more` : `Make ${one.name} an organiser`, action: isOne ? "End it" : "Appoint",
          words: isOne ? "They become a guest, and nothing else: appoint them again to stalls or the desk afterwards." : "They may move money, appoint people and read all deeds." }, currency);
        if (answered) await change(one, () => client.post(`/v1/admin/users/${path(one.userId)}/role`, { role: isOne ? "customer" : "admin" }));
      }));
  };

  /** @param {Person} one */
  const cashier = (one) => {
    const isOne = one.is?.includes("cashier") ?? false;
    return el("li", { class: "row" }, el("div", { class: "grow" }, el("strong", {}, "Cashier"), el("p", { class: "muted" }, "Tops up wallets at the desk, sees nothing else of the office")),
      button(isOne ? "End" : "Appoint", `cashier ${one.name}`, isOne ? "small danger" : "small",
        () => change(one, () => client.post(`/v1/admin/users/${path(one.userId)}/cashier`, { cashier: !isOne }))));
  };

  /** @param {Person} one @param {{vendorId: string, name?: string, part: string}} stall */
  const kept = (one, { vendorId, name, part }) => {
    const stall = name ?? vendors().find((vendor) => vendor.vendorId === vendorId)?.name ?? vendorId;
    return el("li", { class: "row" }, el("div", { class: "grow" }, el("strong", {}, stall), " ", el("span", { class: "chip" }, part)),
      button("Dismiss", `${one.name} from ${stall}`, "small danger", async () => {
        const answered = await ask({ title: `Dismiss ${one.name} from ${stall}`, action: "Dismiss", words: "Their page of the stall ends at once. Their own wallet stays theirs." }, currency);
        if (answered) await change(one, () => client.del(`/v1/vendors/${path(vendorId)}/keepers/${path(one.userId)}`));
      }));
  };

  /** For somebody who has lost theirs. @param {Person} one */
  const factors = (one) => el("li", { class: "row" }, el("div", { class: "grow" }, el("strong", {}, "Second factor"), el("p", { class: "muted" }, "For somebody who has lost it: take it away")),
    button("Reset", `second factors of ${one.name}`, "small danger", async () => {
      const answered = await ask({ title: `Reset the second factors of ${one.name}`, action: "Reset", words: "Make sure that it is them: afterwards their PIN alone signs them in, and all their sessions end." }, currency);
      if (answered) await change(one, () => client.post(`/v1/admin/users/${path(one.userId)}/factors/reset`, {}));
    }));

  /** @param {Person} one */
  const show = (one) => {
    person = one;
    setText("person-title", one.name);
    setText("person-facts", `${one.userId} · code ${one.topUpCode}`);
    showList(byId("person-parts"), [one], ({ userId }) => userId, () => el("li", {}, el("ul", {}, organiser(one), cashier(one), one.userId !== ownId && hasFactors && factors(one), one.userId !== ownId && dataRow(client, currency, one, (act) => change(one, act)), ...(one.stalls ?? []).map((stall) => kept(one, stall)))));
    const keeps = new Set((one.stalls ?? []).map(({ vendorId }) => vendorId));
    byId("person-stall").replaceChildren(...vendors().filter(({ vendorId }) => !keeps.has(vendorId)).map(({ vendorId, name }) => el("option", { value: vendorId }, name)),
      el("option", { value: "" }, "A new stall of their own"));
  };

  /** @param {Person} one */
  const openStall = async (one) => {
    const ends = [one.userType === "admin" && "organiser", one.stalls?.some(({ part }) => part === "keeper") && "keeper of other stalls"].filter(Boolean).join(" and ");
    const answered = await ask({ title: `A new stall for ${one.name}`, action: "Open it",
      words: `It has their name until they change it, and they own it.${ends ? ` They are no ${ends} from then on.` : ""}` }, currency);
    if (answered) await change(one, () => client.post(`/v1/admin/users/${path(one.userId)}/role`, { role: "vendor" }));
  };

  byId("person-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const one = person;
    if (!one) return;
    const [vendorId, part] = ["person-stall", "person-part"].map((id) => /** @type {HTMLSelectElement} */ (byId(id)).value);
    void whileBusy(/** @type {HTMLButtonElement} */ (byId("person-appoint")), () => (vendorId
      ? change(one, () => client.post(`/v1/vendors/${path(vendorId)}/keepers`, { userId: one.userId, part })) : openStall(one)));
  });
  byId("person-close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => (person = null));

  return {
    /** @param {Person} one */
    open(one) {
      setText("person-problem", "");
      show(one);
      tickets.open(one);
      dialog.showModal();
    },
  };
}
