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

/** Keep the session's next token instead of the one before. @param {string} page @param {string} token */
export const keepToken = (page, token) => tabStore.set(tokenName(page), token);

/** @param {string} page */
export const dropToken = (page) => tabStore.remove(tokenName(page));

/** A link with a token, opened in a tab that shows this page already, changes only the fragment: start anew with it.
 * @param {() => void} [otherwise]  what any other change of the fragment means */
export function watchFragment(otherwise) {
  addEventListener("hashchange", () => {
    if (parseFragment(location.hash).has("token")) location.reload();
    else otherwise?.();
  });
}

const USER_NAME = "festival-push.user-id";
export const rememberUserId = (/** @type {string} */ userId) => deviceStore.set(USER_NAME, userId);
export const rememberedUserId = () => deviceStore.get(USER_NAME) ?? "";
