// @ts-check
/** Who keeps the stall. Owners appoint people and dismiss them; anybody may go by themself. */
import { byId, el, input, onSubmit, setText, showList, whileBusy } from "../../ui/dom.js";
import { humanWords, listWords } from "../../ui/format/words.js";
import { whenBack } from "../../ui/link-state.js";
import { oneAtATime } from "../../ui/state/reading.js";
import { ask } from "../../ui/touch/question.js";

/** @typedef {{userId: string, name: string, part: "owner" | "keeper", suspended: boolean}} Keeper */

/** @param {import("../../sdk/festival-push.js").Client} client @param {import("../../sdk/types.js").KeptStall} stall
 * @param {string} userId  of who looks */
export function createKeepers(client, { vendorId, name: stallName, part }, userId) {
  const isOwner = part === "owner";
  const path = `/v1/vendors/${encodeURIComponent(vendorId)}/keepers`;
  byId("keepers-form").hidden = !isOwner;

  /** @param {Keeper} keeper @param {HTMLButtonElement} button */
  const dismiss = (keeper, button) => whileBusy(button, async () => {
    const isMe = keeper.userId === userId;
    const isSure = await ask(isMe
      ? { title: `Leave ${stallName}?`, action: "Leave", words: "This page ends for you at once. Your own wallet stays yours." }
      : { title: `Dismiss ${keeper.name}?`, action: "Dismiss", words: "Their page of this stall ends at once. Their own wallet stays theirs." });
    if (!isSure) return;
    setText("keepers-problem", "");
    try {
      await client.del(`${path}/${encodeURIComponent(keeper.userId)}`);
      if (isMe) return; // the page hears that it is over
      await load();
    } catch (error) {
      setText("keepers-problem", humanWords(error));
    }
  });

  /** @param {Keeper} keeper */
  const row = (keeper) => {
    const isMe = keeper.userId === userId;
    const button = el("button", { type: "button", class: "small danger", onclick: () => void dismiss(keeper, button) }, isMe ? "Leave" : "Dismiss",
      el("span", { class: "sr-only" }, isMe ? " the stall" : ` ${keeper.name}`));
    return el("li", { class: "row" },
      el("div", { class: "grow" }, el("strong", {}, keeper.name), " ", el("span", { class: "chip" }, keeper.part), keeper.suspended && " suspended"),
      (isMe || isOwner) && button);
  };

  const load = oneAtATime(async () => {
    try {
      const { items } = await client.get(path);
      showList(byId("keepers"), /** @type {Keeper[]} */ (items), (one) => one.userId, row);
      setText("keepers-state", "");
    } catch (error) {
      setText("keepers-state", listWords(error));
      whenBack(load);
    }
  });

  const appoint = async () => {
    setText("keepers-problem", "");
    try {
      await client.post(path, { userId: input("keepers-user").value.trim(), part: input("keepers-part").value });
      /** @type {HTMLFormElement} */ (byId("keepers-form")).reset();
      await load();
    } catch (error) {
      setText("keepers-problem", humanWords(error));
    }
  };
  onSubmit("keepers-form", "keepers-appoint", appoint);
  return { load };
}
