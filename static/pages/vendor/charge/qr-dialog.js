// @ts-check
import { byId, setText } from "../../../ui/dom.js";
import { rest } from "../../../ui/touch/rest.js";

/** One QR code, large, over everything else: to hold a phone's camera to, or to print.
 * @param {import("../../../sdk/festival-push.js").Client} client */
export function createQrDialog(client) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("qr-dialog"));
  const image = /** @type {HTMLImageElement} */ (byId("qr-image"));
  let shown = 0;
  let openPath = "";
  let closed = () => {};

  byId("qr-close").addEventListener("click", () => dialog.close());
  byId("qr-print").addEventListener("click", () => print());
  dialog.addEventListener("close", () => {
    rest(byId("app")); // what lay below is under the finger now
    closed();
  });

  return {
    /** @param {string} path  of the picture
     * @param {{title: string, text: string, print?: boolean, onClose?: () => void}} about
     * @throws {import("../../../sdk/problem.js").ProblemError} */
    async show(path, { title, text, print: printable = false, onClose = () => {} }) {
      shown += 1;
      const mine = shown;
      const svg = await client.get(path); // by our own request: a picture's address could not say who asks
      if (mine !== shown) return; // another one was asked for meanwhile
      image.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
      image.hidden = false;
      openPath = path;
      setText("qr-title", title);
      setText("qr-text", text);
      byId("qr-print").hidden = !printable;
      this.say("", false);
      setText("qr-countdown", "");
      closed = onClose;
      if (dialog.open) return;
      dialog.showModal();
      rest(dialog);
    },
    /** @param {string} path  of a picture */
    isOpen: (path) => dialog.open && path === openPath,
    /** @param {string} path  of a picture @param {string} words  how long it counts; only while it is the one shown */
    count(path, words) {
      if (this.isOpen(path)) setText("qr-countdown", words);
    },
    /** @param {string} words  what has become of it @param {boolean} over  it is not to be scanned any more */
    say(words, over) {
      setText("qr-state", words);
      if (!over) return;
      image.hidden = true;
      setText("qr-countdown", "");
    },
  };
}
