// @ts-check
/** What concerns the person who is signed in, on every page: who they are, and how they sign in. */
import { el } from "../dom.js";
import { createPinForm } from "./pin-form.js";
import { signInOf } from "../sign-in.js";
import { mountFactors } from "./factors.js";
import { createOwnData } from "./own-data.js";
import { createSessions } from "./sessions.js";
import { createSignInName } from "./sign-in-name.js";

/** @typedef {import("../../sdk/types.js").Me} Me */

/** Fill `container`. People of an identity provider have no sign-in name here, and no PIN.
 * @param {HTMLElement} container @param {import("../../sdk/festival-push.js").Client} client @param {Me} me */
export function showAccount(container, client, me) {
  const name = createSignInName(client, me);
  const hasPin = me.signIn !== undefined || me.is === undefined; // a server that names no relations knows no sign-in names
  const sessions = createSessions(client);
  const factors = el("div", {});
  const isMissing = me.secondFactor === "missing";
  const showFactors = () => void (factors.firstChild || mountFactors(factors, client, isMissing ? { onChange: () => location.reload() } : {}));
  container.replaceChildren(
    el("p", {}, "Signed in as ", el("strong", {}, me.name)),
    // Where both are one, as of old accounts, it stays covered below.
    ...(hasPin && me.userId === signInOf(me) ? [] : [el("p", { class: "muted" }, "Your user id, for the office or a stall that takes you on: ",
      el("span", { class: "mono", "data-account": "user-id" }, me.userId), ". Nobody can sign in with it.")]),
    ...(me.pinTooShort ? [el("p", { class: "info", role: "status" }, "Your PIN is too short for what you do by now: change it to a longer one.")] : []),
    ...(hasPin ? [name.element, el("details", { class: "card", id: "pin-change" }, el("summary", {}, "Change my PIN"),
      createPinForm(client, () => name.current() ?? signInOf(me)))] : []),
    ...(me.secondFactor && hasPin ? [el("details", { class: "card", id: "factors", open: isMissing, ontoggle: (/** @type {any} */ { target }) => target.open && showFactors() },
      el("summary", {}, "Second factor"), factors)] : []),
    ...(me.is ? [el("details", { class: "card", id: "sessions", ontoggle: (/** @type {any} */ { target }) => void (target.open && sessions.load()) },
      el("summary", {}, "Where I am signed in"), sessions.element)] : []),
    ...(me.is ? [el("details", { class: "card", id: "own-data" }, el("summary", {}, "My data"), createOwnData(client, me))] : []));
}
