// @ts-check
import { copyText } from "../copy.js";
import { el, whileBusy } from "../dom.js";
import { humanWords } from "../format/words.js";
import { rememberSignIn } from "../session.js";
import { signInOf } from "../sign-in.js";

/** The private name for signing in: covered until somebody taps, because other people may look on. Whoever has one that
 * others know, such as a stall's id, is asked to take a new one.
 * @param {import("../../sdk/festival-push.js").Client} client @param {import("../../sdk/types.js").Me} me
 * @returns {{element: HTMLElement, current: () => string}} */
export function createSignInName(client, me) {
  let signIn = signInOf(me);
  let isPublic = me.signInPublic === true;
  let isShown = false;
  const output = el("output", { class: "big-code", "aria-label": "Your sign-in name", hidden: true });
  const reveal = el("button", { type: "button", class: "grow", "aria-expanded": "false", onclick: () => {
    isShown = !isShown;
    show();
  } });
  const copy = el("button", { type: "button", onclick: () => void copyText(signIn, "Your sign-in name is copied.") }, "Copy",
    el("span", { class: "sr-only" }, " my sign-in name"));
  const problem = el("p", { class: "form-problem", role: "alert" });
  const renew = el("button", { type: "button", class: "primary wide", onclick: () => void whileBusy(renew, send) }, "Take a new sign-in name");
  const warning = el("div", { class: "info stack" },
    el("p", {}, "Other people can see the name you sign in with: it is also the stall's id. Take a new one that only you know."), renew, problem);
  const done = el("p", { class: "form-done", role: "status" });

  const send = async () => {
    problem.textContent = "";
    try {
      const answer = await client.post("/v1/me/sign-in", {});
      signIn = answer.signIn;
      [isPublic, isShown] = [false, true]; // it must be noted down now
      rememberSignIn(signIn);
      done.textContent = "This is your sign-in name from now on. Write it down: the old one is no longer good.";
    } catch (error) {
      problem.textContent = humanWords(error);
    }
    show();
  };

  const show = () => {
    output.hidden = !isShown;
    output.textContent = isShown ? signIn : "";
    reveal.textContent = isShown ? "Hide my sign-in name" : "Show my sign-in name";
    reveal.setAttribute("aria-expanded", String(isShown));
    warning.hidden = !isPublic;
  };
  show();
  return {
    element: el("div", { class: "card stack", id: "sign-in-name" }, warning, done, output, el("div", { class: "account-row" }, reveal, copy)),
    current: () => signIn,
  };
}
