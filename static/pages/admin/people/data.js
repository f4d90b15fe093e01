// @ts-check
/** What an organiser does for somebody who asks for their data, or to be erased. */
import { el, whileBusy } from "../../../ui/dom.js";
import { askPin, withPin } from "../../../ui/account/ask-pin.js";
import { saveFile } from "../../../ui/reports/save.js";
import { ask } from "../ask.js";

/** @typedef {import("./find.js").Person} Person */

/** A row of the dialog. @param {import("../../../sdk/festival-push.js").Client} client @param {import("../../../sdk/types.js").Currency} currency
 * @param {Person} one @param {(act: () => Promise<unknown>) => Promise<void>} change  does it, and shows what they are then */
export function dataRow(client, currency, one, change) {
  const path = `/v1/admin/people/${encodeURIComponent(one.userId)}`;
  const named = el("span", { class: "sr-only" }, ` ${one.name}`);
  const save = el("button", { type: "button", class: "small", onclick: () => void whileBusy(save, () => saveFile("admin", `${path}/export`)) }, "Download", named.cloneNode(true));
  const erase = el("button", { type: "button", class: "small danger", onclick: () => void whileBusy(erase, eraseOne) }, "Erase", named);

  const eraseOne = async () => {
    const answered = await ask({ title: `Erase ${one.name}`, action: "Erase for good", reason: "Why", reasons: ["They asked for it"],
      words: "Their name, how they sign in and what they wrote are erased. Nobody can undo it. Their wallet must be empty." }, currency);
    if (!answered) return;
    await change(() => withPin(({ secret }) => client.post(`${path}/erase`, { reason: answered.reason, ...secret }),
      (why) => askPin(why, "Somebody is about to be erased for good: this makes sure that it is you.")));
  };

  return el("li", { class: "row" }, el("div", { class: "grow" }, el("strong", {}, "Their data"), el("p", { class: "muted" }, "For somebody who asks: a file of it, or its end")), save, erase);
}
