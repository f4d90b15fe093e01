// @ts-check
import { byId, input, onSubmit, setText } from "../../ui/dom.js";
import { commandWords } from "../../ui/format/words.js";

const AUDIENCE_WORDS = { all: "everyone", customers: "all guests", vendors: "all stalls" };

/** Saying something to everybody. @param {import("../../sdk/festival-push.js").Client} client */
export function createAnnounce(client) {
  const send = async () => {
    const title = input("announce-title").value.trim();
    const audience = /** @type {keyof typeof AUDIENCE_WORDS} */ (input("announce-audience").value);
    const message = input("announce-message").value.trim().replace(/\s+/g, " "); // it is one line on every page
    setText("announce-problem", "");
    setText("announce-done", "");
    try {
      await client.command("/v1/admin/announcements", { message, audience, priority: input("announce-priority").value, ...(title ? { title } : {}) });
      /** @type {HTMLFormElement} */ (byId("announce")).reset();
      setText("announce-done", `Sent to ${AUDIENCE_WORDS[audience]}: ${message}`);
    } catch (error) {
      setText("announce-problem", commandWords(error));
    }
  };
  onSubmit("announce", "announce-send", send);
}
