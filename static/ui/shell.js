// @ts-check
/** What the signed-in pages share: from loading over signing in to the page itself, and back when the session ends. */
import { byId, el } from "./dom.js";
import { createClient, ProblemError } from "../sdk/client.js";
import { showLink } from "./link-state.js";
import { isSignedOut } from "../sdk/problem.js";
import { dropToken, keepToken, takeToken, watchFragment } from "./session.js";
import { showSignIn } from "./sign-in.js";
import { toast } from "./toast.js";
import { endedWords, humanWords } from "./format/words.js";

/** @typedef {import("../sdk/types.js").Me} Me */
/** @typedef {import("../sdk/client.js").Client} Client */

const RETRY_MS = 4_000;
const PATIENCE_MS = 3_000;

/** @typedef {object} Page
 * @property {import("../sdk/types.js").UserType} role  who this page is for; also its folder
 * @property {(me: Me, client: Client, position: () => number) => import("../sdk/wire/stream.js").Handlers} start
 *   shows the page and returns its handlers of events. position: of the last event seen
 * @property {() => void} [navigate]  the fragment has changed
 */

/** @param {Page} page */
export function startPage(page) {
  const token = takeToken(page.role);
  const client = createClient(token ? { token, onToken: (next) => keepToken(page.role, next) } : {});
  watchFragment(page.navigate);
  byId("sign-out").addEventListener("click", () => void signOut(page, client));
  void enter(page, client);
}

/** @param {boolean} inside */
function showInside(inside) {
  byId("gate").hidden = inside;
  byId("app").hidden = !inside;
  byId("sign-out").hidden = !inside;
}

/** @param {Page} page @param {Client} client */
async function enter(page, client) {
  const slow = setTimeout(() => showWaiting("The server hasn't answered yet."), PATIENCE_MS);
  try {
    const me = /** @type {Me} */ (await client.get("/v1/me"));
    if (me.userType !== page.role) showWrongRole(page, client, me);
    else run(page, client, me);
  } catch (error) {
    const problem = error instanceof ProblemError ? error : null;
    if (problem && isSignedOut(problem)) {
      const isNobody = problem.code === "unauthorized" && !client.hasToken;
      askWho(page, isNobody ? "" : endedWords(problem.code, problem.message));
    } else if (problem) waitAtGate(page, client, humanWords(problem));
    else throw error;
  } finally {
    clearTimeout(slow);
  }
}

/** @param {Page} page @param {Client} client @param {Me} me */
function run(page, client, me) {
  let stream = /** @type {{position: () => number} | null} */ (null);
  const handlers = page.start(me, client, () => stream?.position() ?? 0);
  showInside(true);
  stream = client.follow({
    userId: me.userId,
    handlers,
    onState(state, ended) {
      showLink(state);
      if (state === "signed-out" && ended?.code === "other-user") location.reload();
      else if (state === "signed-out") askWho(page, endedWords(ended?.code ?? "unauthorized", ended?.message));
    },
  });
}

/** @param {Page} page @param {string} why */
function askWho(page, why) {
  showLink("signed-out");
  showInside(false);
  // Not all of them are inside of what was hidden, and names and sums stand there. A question is answered by no.
  for (const dialog of Array.from(document.querySelectorAll("dialog"))) dialog.close();
  dropToken(page.role);
  // The new client has no token, because signing in gives a cookie. The reload drops all state of the last person.
  showSignIn(byId("gate"), createClient(), page.role, { why, done: () => location.reload() });
}

/** @param {string} why */
function showWaiting(why) {
  showLink(navigator.onLine ? "reconnecting" : "offline");
  byId("gate").replaceChildren(el("h2", {}, "No connection yet"), el("p", { role: "status" }, why),
    el("p", { class: "muted" }, "This page keeps trying by itself."));
}

/** @param {Page} page @param {Client} client @param {string} why */
function waitAtGate(page, client, why) {
  showWaiting(why);
  setTimeout(() => void enter(page, client), RETRY_MS * (0.5 + Math.random()));
}

/** @param {Page} page @param {Client} client @param {Me} me */
function showWrongRole(page, client, me) {
  showLink("signed-out");
  byId("gate").replaceChildren(
    el("h2", {}, "This is the wrong page for you"),
    el("p", {}, `You are signed in as ${me.name} (${me.userType}); this page is for a ${page.role}.`),
    el("a", { class: "button primary wide", href: `/${me.userType}/` }, `Go to the ${me.userType} page`),
    el("button", { class: "quiet wide", onclick: () => void signOut(page, client) }, "Sign in as somebody else"));
}

/** @param {Page} page @param {Client} client */
async function signOut(page, client) {
  try {
    await client.post("/v1/auth/logout");
  } catch (error) {
    const signedOut = error instanceof ProblemError && error.status === 401;
    if (!signedOut && !client.hasToken) return toast(`You are still signed in. ${humanWords(error)}`, "error");
    // A token of this tab alone is forgotten below, whether or not the server could be told.
  }
  client.forget();
  dropToken(page.role);
  location.reload();
}
