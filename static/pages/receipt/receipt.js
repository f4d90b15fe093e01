// @ts-check
/** A receipt, to be shown and printed: of an order, for who bought and who sold it, or of a top-up. It follows no stream:
 * paper does not change either. */
import { createClient, ProblemError } from "../../sdk/client.js";
import { isSignedOut } from "../../sdk/problem.js";
import { byId, setText } from "../../ui/dom.js";
import { endedWords, humanWords } from "../../ui/format/words.js";
import { keepToken, keptToken } from "../../ui/session.js";
import { showSignIn } from "../../ui/sign-in.js";
import { orderPaper, topUpPaper } from "./paper.js";

const PAGE = "receipt"; // whose token it is: another page hands its own over

/** Where the receipt is that an address names, and how it is drawn; null: it names none.
 * @param {string} search @returns {{path: string, draw: (receipt: any) => HTMLElement[], title: (receipt: any) => string} | null} */
function wantedBy(search) {
  const fields = new URLSearchParams(search);
  const [orderId, transactionId] = [fields.get("order"), fields.get("transaction")];
  if (orderId) return { path: `/v1/orders/${encodeURIComponent(orderId)}/receipt`, draw: orderPaper, title: ({ vendorName, number, atOnce }) => (atOnce ? vendorName : `${vendorName} ${number}`) };
  return transactionId ? { path: `/v1/me/transactions/${encodeURIComponent(transactionId)}/receipt`, draw: topUpPaper, title: () => "Top-up" } : null;
}

/** @param {string} words @param {boolean} [again]  it may work later */
function say(words, again = false) {
  setText("state", words);
  byId("again").hidden = !again;
}

/** @param {import("../../sdk/client.js").Client} client */
async function load(client) {
  const wanted = wantedBy(location.search);
  if (!wanted) return say("This address names no receipt.");
  say("Loading…");
  try {
    const receipt = await client.get(wanted.path);
    byId("paper").replaceChildren(...wanted.draw(receipt));
    document.title = `Receipt ${wanted.title(receipt)} · ${receipt.festival}`; // what a printed file is called
    byId("gate").hidden = true;
    byId("app").hidden = false;
    byId("print").hidden = false;
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    if (isSignedOut(error)) {
      say("");
      const why = error.code === "unauthorized" && !client.hasToken ? "" : endedWords(error.code, error.message);
      showSignIn(byId("sign-in"), createClient(), "customer", { why, done: () => location.reload() });
    } else if (error.status === 404) say("There is no such receipt, or it is somebody else's.");
    else say(humanWords(error), true);
  }
}

const token = keptToken(PAGE);
const client = createClient(token ? { token, onToken: (next) => keepToken(PAGE, next) } : {});
byId("print").addEventListener("click", () => print());
byId("back").addEventListener("click", () => (history.length > 1 ? history.back() : location.assign("/customer/")));
byId("again").addEventListener("click", () => void load(client));
void load(client);
