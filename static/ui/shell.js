// @ts-check
/** What the signed-in pages share: from loading over signing in to the page itself, and back when the session ends. */
import { askAboutLink } from "./arrive/by-link.js";
import { askAboutOffer } from "./arrive/new-sign-in.js";
import { byId, el } from "./dom.js";
import { createClient, ProblemError } from "../sdk/client.js";
import { showLink } from "./link-state.js";
import { pageLinks, pagesOf } from "./page-links.js";
import { isSignedOut } from "../sdk/problem.js";
import { carryToken, dropToken, keepToken, keptToken, takeLink, watchFragment } from "./session.js";
import { showSignIn } from "./sign-in.js";
import { toast } from "./toast.js";
import { endedWords, humanWords } from "./format/words.js";

/** @typedef {import("../sdk/types.js").Me} Me */
/** @typedef {import("../sdk/client.js").Client} Client */
/** @typedef {import("./page-links.js").PageName} PageName */

const RETRY_MS = 4_000;
const PATIENCE_MS = 3_000;
const FOR_WORDS = { customer: "guests", vendor: "those who keep a stall", desk: "the cash desk", admin: "the festival office" };
const retryMs = () => RETRY_MS * (0.5 + Math.random());

/** @typedef {object} Page
 * @property {PageName} role  who this page is for; also its folder
 * @property {(me: Me) => PageName | null} [instead]  the page that somebody is led to who looks for their work here
 * @property {(me: Me, gate: HTMLElement) => Promise<void>} [prepare]  asks what must be known before the page is shown
 * @property {(me: Me, client: Client, position: () => number) => import("../sdk/wire/stream.js").Handlers} start
 *   shows the page and returns its handlers of events. position: of the last event seen
 * @property {() => void} [navigate]  the fragment has changed
 */

/** @param {Page} page */
export function startPage(page) {
  const link = takeLink(page.role);
  watchFragment(page.role, page.navigate);
  if (!link) begin(page);
  else if (link.kind === "token") void arriveByLink(page, link.code);
  else void arriveByOffer(page, link.code);
}

/** @param {Page} page */
function begin(page) {
  const token = keptToken(page.role);
  const client = createClient(token ? { token, onToken: (next) => keepToken(page.role, next) } : {});
  byId("sign-out").addEventListener("click", () => void signOut(page, client));
  void enter(page, client);
}

/** @param {Page} page @param {string} link */
async function arriveByLink(page, link) {
  const present = keptToken(page.role);
  try {
    const token = await askAboutLink(byId("gate"), link, createClient(present ? { token: present } : {}));
    if (token) keepToken(page.role, token);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    showWaiting(humanWords(error));
    return void setTimeout(() => void arriveByLink(page, link), retryMs());
  }
  begin(page);
}

/** @param {Page} page @param {string} code  of the desk's offer */
async function arriveByOffer(page, code) {
  try {
    if (await askAboutOffer(byId("gate"), code)) dropToken(page.role); // the browser's cookie is theirs now
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    showWaiting(humanWords(error));
    return void setTimeout(() => void arriveByOffer(page, code), retryMs());
  }
  begin(page);
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
    clearTimeout(slow);
    const instead = page.instead?.(me);
    if (instead) return leadTo(page.role, instead);
    if (!pagesOf(me).some((one) => one.page === page.role)) return showWrongRole(page, client, me);
    await page.prepare?.(me, byId("gate"));
    run(page, client, me);
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

/** @param {PageName} from @param {PageName} to */
function leadTo(from, to) {
  carryToken(from, to);
  location.replace(`/${to}/`);
}

/** @param {Page} page @param {Client} client @param {Me} me */
function run(page, client, me) {
  let stream = /** @type {{position: () => number} | null} */ (null);
  const parts = page.start(me, client, () => stream?.position() ?? 0);
  /** @param {any} told @returns {boolean} true if the page begins anew */
  const turn = (told) => {
    if (isOther(me, told)) location.reload();
    return isOther(me, told);
  };
  /** @type {import("../sdk/wire/stream.js").Handlers} */
  const handlers = {
    ...parts,
    connected: (/** @type {any} */ told) => void (turn(told.snapshot) || parts.connected?.(told)),
    error({ code }) {
      if (code === "role-changed") client.get("/v1/me").then(turn, () => {}); // else the next snapshot says so
    },
  };
  for (const nav of Array.from(document.querySelectorAll("[data-pages]"))) nav.replaceChildren(...pageLinks(me, page.role));
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

/** Return whether somebody has become something else since the page was loaded, or keeps other stalls: what the page shows
 * may not be theirs any more; pure. @param {Me} me @param {any} snapshot */
export function isOther(me, snapshot) {
  if (!snapshot?.is || !me.is) return false;
  const all = (/** @type {any} */ { is, stalls = [] }) => [...is, ...stalls.map((/** @type {any} */ { vendorId, part }) => `${part} ${vendorId}`)].sort().join();
  return all(me) !== all(snapshot);
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
  setTimeout(() => void enter(page, client), retryMs());
}

/** @param {Page} page @param {Client} client @param {Me} me */
function showWrongRole(page, client, me) {
  showLink("signed-out");
  byId("gate").replaceChildren(
    el("h2", {}, "This is the wrong page for you"),
    el("p", {}, `You are signed in as ${me.name}; this page is for ${FOR_WORDS[page.role]}.`),
    ...pageLinks(me, page.role, { class: "button primary wide" }),
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
