// @ts-check
/** The question before a link signs somebody in: whoever takes a stranger's link for their own pays into a stranger's wallet. */
import { createClient } from "../../sdk/client.js";
import { isSignedOut, ProblemError } from "../../sdk/problem.js";
import { el } from "../dom.js";
import { toast } from "../toast.js";
import { rest } from "../touch/rest.js";

/** @typedef {import("../../sdk/client.js").Client} Client */
/** @typedef {{name: string, userType: import("../../sdk/types.js").UserType, is?: string[]}} Known */

/** @type {Record<Known["userType"], string>} */
const MAY = {
  customer: "It sees that wallet, and orders and pays from it. Money that is topped up in this tab is theirs.",
  vendor: "It takes that stall's orders, and asks for payments.",
  admin: "It takes money, refunds, and manages people and stalls.",
};

/** What a customer's link may as well. @type {Record<string, string>} */
const MAY_TOO = {
  keeper: "It takes a stall's orders, and asks for payments.",
  cashier: "It takes and pays out cash at the desk, and sees guests' wallets.",
};

/** What a link turns a tab into, and what it may there. @param {Known} offered */
export function offeredWords({ name, userType, is = [] }) {
  const further = is.filter((part) => part in MAY_TOO);
  const parts = [...new Set([userType, ...further])].join(", ");
  return [`This link turns this tab into ${name}'s (${parts}).`, ...further.map((part) => MAY_TOO[part]), MAY[userType]].join(" ");
}

/** Why a link was refused. @param {ProblemError} problem @param {Known | null} me */
export function refusedWords({ code }, me) {
  const why = code === "links-off" ? "Nobody is signed in by a link here."
    : code === "suspended" ? "The account of this link is suspended."
      : "This link is not valid, or it has expired.";
  return me ? `${why} You are still ${me.name}.` : why;
}

/** Whether the same question may have another answer soon. @param {ProblemError} problem */
const isTemporary = ({ status }) => status === 0 || status === 429 || status >= 500;

/** Who is signed in here; null: nobody. @param {Client} client @returns {Promise<Known | null>} */
async function whoIsHere(client) {
  try {
    return await client.get("/v1/me");
  } catch (error) {
    if (error instanceof ProblemError && isSignedOut(error)) return null;
    throw error;
  }
}

/** Ask at the gate, and sign in only after a yes. What cannot be asked changes nothing.
 * @param {HTMLElement} gate @param {string} link  its token @param {Client} present  of whoever is here now
 * @returns {Promise<string | null>} the token of a session for this tab; null: everything stays as it is
 * @throws {ProblemError} the server can't be asked for now */
export async function askAboutLink(gate, link, present) {
  const nobody = createClient();
  const me = await whoIsHere(present);
  try {
    const offered = /** @type {Known} */ (await nobody.post("/v1/auth/links/read", { link }));
    if (!(await question(gate, offered, me))) return null;
    const { token } = await nobody.post("/v1/auth/links", { link });
    present.forget();
    return token;
  } catch (error) {
    if (!(error instanceof ProblemError) || isTemporary(error)) throw error;
    toast(refusedWords(error, me), "warning");
    return null;
  } finally {
    gate.replaceChildren(el("p", { role: "status" }, "Loading…"));
  }
}

/** @param {HTMLElement} gate @param {Known} offered @param {Known | null} me @returns {Promise<boolean>} */
function question(gate, offered, me) {
  return new Promise((answer) => {
    const no = el("button", { class: "primary wide", id: "link-no", onclick: () => answer(false) },
      me ? `Stay ${me.name}` : "Don't sign in");
    const yes = el("button", { class: "quiet wide", id: "link-yes", onclick: () => answer(true) }, `Sign in as ${offered.name}`);
    gate.replaceChildren(
      el("h2", {}, `Sign in as ${offered.name}?`),
      el("p", {}, me ? `You are ${me.name} (${me.userType}) here.` : "Nobody is signed in here."),
      el("p", {}, offeredWords(offered)),
      el("p", { class: "info" }, "Anybody can send you a link. Go on only if you know where this one comes from."),
      no, yes);
    rest(yes);
    no.focus();
  });
}
