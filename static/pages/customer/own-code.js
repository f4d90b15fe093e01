// @ts-check
/** The top-up code as a picture: the cash desk scans it, so that nobody has to spell it. */
import { byId } from "../../ui/dom.js";
import { whenBack } from "../../ui/link-state.js";

/** @param {import("../../sdk/festival-push.js").Client} client */
export function createOwnCode(client) {
  const image = /** @type {HTMLImageElement} */ (byId("top-up-qr"));
  let isAsked = false;
  const open = async () => {
    if (isAsked) return;
    isAsked = true;
    try {
      image.src = `data:image/svg+xml,${encodeURIComponent(await client.get("/v1/me/qr.svg"))}`;
      image.hidden = false;
    } catch {
      isAsked = false; // the code in letters is there all the same
      whenBack(open);
    }
  };
  return { open: () => void open() };
}
