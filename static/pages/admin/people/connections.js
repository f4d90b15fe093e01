// @ts-check
import { byId, el, setText, whileBusy } from "../../../ui/dom.js";
import { createPaged } from "../paged.js";

/** @typedef {{userId: string, userType: string, streams: number}} Connection */

/** The list of people and screens with an open stream. @param {import("../../../sdk/festival-push.js").Client} client */
export function createConnections(client) {
  const list = createPaged(client, {
    name: "connections",
    path: () => "/v1/admin/connections?limit=50",
    keyOf: (/** @type {Connection} */ { userId, userType }) => `${userType} ${userId}`,
    row: ({ userId, userType, streams }) => el("li", { class: "row" },
      el("div", { class: "grow" }, el("span", { class: "mono" }, userId), " ", el("span", { class: "chip" }, userType)),
      el("span", { class: "muted" }, streams === 1 ? "1 page" : `${streams} pages`)),
    empty: "Nobody is connected.",
    changed: (_, { complete }) => setText("connections-note", complete === false ? "Some of the server's processes may be missing." : ""),
  });
  const refresh = /** @type {HTMLButtonElement} */ (byId("connections-refresh"));
  refresh.addEventListener("click", () => void whileBusy(refresh, list.restart));
  return { open: () => void list.restart() };
}
