// @ts-check
import { copyText } from "../../../ui/copy.js";
import { byId, el, input, onSubmit, setText, showList } from "../../../ui/dom.js";
import { humanWords } from "../../../ui/format/words.js";

/** Vendor codes: each opens one stall. The server shows them this once, so the page keeps them until it is left.
 * @param {import("../../../sdk/festival-push.js").Client} client */
export function createCodes(client) {
  let codes = /** @type {string[]} */ ([]);

  const make = async () => {
    setText("codes-problem", "");
    try {
      codes = [...codes, ...(await client.post("/v1/admin/vendor-codes", { count: Number(input("codes-count").value) })).codes];
      byId("codes-box").hidden = false;
      showList(byId("codes-list"), codes, (code) => code, (code) => el("li", { class: "mono" }, code));
    } catch (error) {
      setText("codes-problem", humanWords(error));
    }
  };
  onSubmit("codes", "codes-send", make);
  byId("codes-copy").addEventListener("click", () => void copyText(codes.join("\n"), codes.length === 1 ? "The code is copied." : `${codes.length} codes are copied.`));
  byId("codes-print").addEventListener("click", () => print());
}
