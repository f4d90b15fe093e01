// @ts-check
/** A person's own data: a file of all that is kept of them, and their end. */
import { el, whileBusy } from "../dom.js";
import { humanWords } from "../format/words.js";
import { toast } from "../toast.js";
import { askPin, withPin } from "./ask-pin.js";

const FOR_GOOD = "You are about to be erased for good: this makes sure that it is you.";

/** Save a JSON value as a file. @param {unknown} value @param {string} name */
export function saveJson(value, name) {
  const url = URL.createObjectURL(new Blob([JSON.stringify(value, null, 2)], { type: "application/json" }));
  const link = el("a", { href: url, download: name });
  link.click();
  URL.revokeObjectURL(url);
}

/** @param {import("../../sdk/festival-push.js").Client} client @param {import("../../sdk/types.js").Me} me
 * @param {{onErased?: () => void, currency?: import("../../sdk/types.js").Currency}} [options]
 * @returns {HTMLElement} */
export function createOwnData(client, me, { onErased = () => location.reload(), currency = me } = {}) {
  const problem = el("p", { class: "form-problem", role: "alert" });
  const sure = el("input", { type: "checkbox", id: "erase-sure", onchange: () => void (erase.disabled = !sure.checked) });
  const save = el("button", { type: "button", class: "wide", onclick: () => void whileBusy(save, download) }, "Download my data");
  const erase = el("button", { type: "button", class: "danger wide", disabled: true, onclick: () => void eraseMe() }, "Erase me");

  const download = async () => {
    try {
      saveJson(await client.get("/v1/me/export"), `data-${me.userId}.json`);
    } catch (error) {
      toast(humanWords(error), "error");
    }
  };
  const eraseMe = async () => {
    problem.textContent = "";
    let isErased = false;
    await whileBusy(erase, async () => {
      try {
        isErased = await withPin(({ secret }) => client.post("/v1/me/erase", secret ?? {}), (why) => askPin(why, FOR_GOOD)) !== null;
      } catch (error) {
        problem.textContent = humanWords(error, currency);
      }
    });
    sure.checked = false;
    erase.disabled = true;
    if (isErased) onErased();
  };

  return el("div", { class: "stack" },
    el("p", { class: "muted" }, "A file of all that is kept of you: profile, orders, payments, messages."), save,
    el("h3", {}, "Erase me"),
    el("p", {}, "Your name, how you sign in and what you wrote are erased for good. The books keep amounts, without your name. Your wallet must be empty: ask for a payout or spend what is left first."),
    el("label", { class: "check", for: "erase-sure" }, sure, " I know that nobody can undo this."),
    problem, erase);
}
