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

/** What a link has in its fragment: a token that signs somebody in, or the desk's offer of a new sign-in.
 * @typedef {{kind: "token" | "new-sign-in", code: string}} Link */

/** @param {string} text  fields as in a fragment @returns {Link | null} */
function linkIn(text) {
  const fields = parseFragment(text);
  const kind = /** @type {const} */ (["token", "new-sign-in"]).find((name) => fields.get(name));
  return kind ? { kind, code: fields.get(kind) ?? "" } : null;
}

/** Return the link in the address, and take it out of there at once, so that it isn't photographed, bookmarked or
 * shared; null if there is none. */
function readFragment() {
  const fields = parseFragment(location.hash);
  if (!fields.has("token") && !fields.has("new-sign-in")) return null;
  const link = linkIn(location.hash);
  history.replaceState(null, "", location.pathname + location.search);
  return link;
}

/** The link that opened this page. It signs nobody in: anybody can send a link, so the page asks first.
 * @param {string} page @returns {Link | null} */
export function takeLink(page) {
  const link = readFragment() ?? linkIn(tabStore.get(linkName(page)) ?? "");
  tabStore.remove(linkName(page));
  return link;
}

/** A link opened in a tab that shows this page already changes only the fragment: start anew with it.
 * @param {string} page @param {() => void} [otherwise]  what any other change of the fragment means */
export function watchFragment(page, otherwise) {
  addEventListener("hashchange", () => {
    const link = readFragment();
    if (link === null) return otherwise?.();
    tabStore.set(linkName(page), String(new URLSearchParams({ [link.kind]: link.code })));
    location.reload();
  });
}

const SIGN_IN_NAME = "festival-push.user-id"; // as it was called while both were one
/** Keep a sign-in name on this device alone, for the next time. @param {string} signIn */
export const rememberSignIn = (signIn) => deviceStore.set(SIGN_IN_NAME, signIn);
export const rememberedSignIn = () => deviceStore.get(SIGN_IN_NAME) ?? "";
