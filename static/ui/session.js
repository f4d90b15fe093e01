// @ts-check
import { deviceStore, tabStore } from "../sdk/storage.js";

/** The part of an address after `#`, as fields: `#stall=v1`, `#token=…`. @param {string} hash */
export const parseFragment = (hash) => new URLSearchParams(hash.replace(/^#/, ""));

/** @param {string} page */
const tokenName = (page) => `festival-push.token.${page}`;

/** @param {string} page */
const linkName = (page) => `festival-push.link.${page}`;

/** The token of this tab's page; it is kept in this tab alone, so that every tab can be somebody else.
 * @param {string} page @returns {string | undefined} */
export const keptToken = (page) => tabStore.get(tokenName(page)) ?? undefined;

/** Keep the session's next token instead of the one before. @param {string} page @param {string} token */
export const keepToken = (page, token) => tabStore.set(tokenName(page), token);

/** @param {string} page */
export const dropToken = (page) => tabStore.remove(tokenName(page));

/** Let this tab be the same person on another page. @param {string} from @param {string} to  pages */
export function carryToken(from, to) {
  const token = tabStore.get(tokenName(from));
  if (token) tabStore.set(tokenName(to), token);
  else dropToken(to); // of an earlier link, and perhaps of somebody else
}

/** Return the link's token in the address, and take it out of there at once, so that it isn't photographed, bookmarked
 * or shared; null if there is none. */
function readFragment() {
  const fields = parseFragment(location.hash);
  if (!fields.has("token")) return null;
  history.replaceState(null, "", location.pathname + location.search);
  return fields.get("token") || null;
}

/** The token of the link that opened this page. It signs nobody in: anybody can send a link, so the page asks first.
 * @param {string} page @returns {string | null} */
export function takeLink(page) {
  const link = readFragment() ?? tabStore.get(linkName(page));
  tabStore.remove(linkName(page));
  return link;
}

const NEW_SIGN_IN = "new-sign-in";

/** What a link of the cash desk holds, by which somebody gets a new sign-in; it is taken out of the address, too.
 * @returns {string | null} */
export function takeNewSignIn() {
  const code = parseFragment(location.hash).get(NEW_SIGN_IN);
  if (code !== null) history.replaceState(null, "", location.pathname + location.search);
  return code;
}

/** A link with a token, opened in a tab that shows this page already, changes only the fragment: start anew with it.
 * @param {string} page @param {() => void} [otherwise]  what any other change of the fragment means */
export function watchFragment(page, otherwise) {
  addEventListener("hashchange", () => {
    if (parseFragment(location.hash).has(NEW_SIGN_IN)) return location.reload();
    const link = readFragment();
    if (link === null) return otherwise?.();
    tabStore.set(linkName(page), link);
    location.reload();
  });
}

const SIGN_IN_NAME = "festival-push.user-id"; // as it was called while both were one
/** Keep a sign-in name on this device alone, for the next time. @param {string} signIn */
export const rememberSignIn = (signIn) => deviceStore.set(SIGN_IN_NAME, signIn);
export const rememberedSignIn = () => deviceStore.get(SIGN_IN_NAME) ?? "";
