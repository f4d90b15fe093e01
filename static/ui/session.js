// @ts-check
import { deviceStore, tabStore } from "../sdk/storage.js";

/** The part of an address after `#`, as fields: `#stall=v1`, `#token=…`. @param {string} hash */
export const parseFragment = (hash) => new URLSearchParams(hash.replace(/^#/, ""));

/** @param {string} page */
const tokenName = (page) => `festival-push.token.${page}`;

/** The token of this tab's page. One that came by link moves out of the address bar, so that it isn't photographed,
 * bookmarked or shared; it stays in this tab alone, so that every tab can be somebody else.
 * @param {string} page @returns {string | undefined} */
export function takeToken(page) {
  const token = parseFragment(location.hash).get("token");
  if (token) {
    tabStore.set(tokenName(page), token);
    history.replaceState(null, "", location.pathname + location.search);
  }
  return tabStore.get(tokenName(page)) ?? undefined;
}

/** @param {string} page */
export const dropToken = (page) => tabStore.remove(tokenName(page));

/** Let this tab be the same person on another page. @param {string} from @param {string} to  pages */
export function carryToken(from, to) {
  const token = tabStore.get(tokenName(from));
  if (token) tabStore.set(tokenName(to), token);
  else dropToken(to); // of an earlier link, and perhaps of somebody else
}

/** A link with a token, opened in a tab that shows this page already, changes only the fragment: start anew with it.
 * @param {() => void} [otherwise]  what any other change of the fragment means */
export function watchFragment(otherwise) {
  addEventListener("hashchange", () => {
    if (parseFragment(location.hash).has("token")) location.reload();
    else otherwise?.();
  });
}

const SIGN_IN_NAME = "festival-push.user-id"; // as it was called while both were one
/** Keep a sign-in name on this device alone, for the next time. @param {string} signIn */
export const rememberSignIn = (signIn) => deviceStore.set(SIGN_IN_NAME, signIn);
export const rememberedSignIn = () => deviceStore.get(SIGN_IN_NAME) ?? "";
