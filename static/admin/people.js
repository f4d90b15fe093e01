// @ts-check
import { byId, el, showList } from "../js/dom.js";
import { formatMoney } from "../js/money.js";

/** @typedef {{userId: string, name: string, userType: string, balance?: number}} Person */

/** Who is who: the list, and suggestions for the fields that want a user id. Hidden where the server has no such list.
 * @param {import("../js/festival-push.js").Client} client @param {string} currency */
export async function createPeople(client, currency) {
  try {
    const people = /** @type {Person[]} */ ((await client.get("/v1/admin/users?limit=100")).items);
    byId("people").replaceChildren(...people.map(({ userId, name }) => el("option", { value: userId }, name)));
    showList(byId("users"), people, ({ userId }) => userId, (person) => el("li", { class: "row" },
      el("div", { class: "grow" }, el("strong", {}, person.name), el("p", { class: "muted" }, `${person.userType} · ${person.userId}`)),
      typeof person.balance === "number" && el("span", { class: "price" }, formatMoney(person.balance, currency))));
    byId("users-section").hidden = people.length === 0;
  } catch {
    byId("users-section").hidden = true;
  }
}
