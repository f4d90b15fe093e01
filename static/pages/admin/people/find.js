// @ts-check
import { byId, el } from "../../../ui/dom.js";

/** @typedef {{userId: string, userType: "customer" | "vendor" | "admin", name: string, suspended: boolean,
 *   vendorId?: string, topUpCode: string, createdAt: string, is?: string[], signIn?: string | null,
 *   stalls?: {vendorId: string, name?: string, part: string}[]}} Person  signIn: told once, of somebody new */

const SUGGEST_MS = 250;
const SUGGESTIONS_MAX = 10;

/** @param {import("../../../sdk/festival-push.js").Client} client @param {string} text @returns {Promise<Person[]>} */
const search = async (client, text) =>
  (await client.get(`/v1/admin/users?limit=${SUGGESTIONS_MAX}&search=${encodeURIComponent(text)}`)).items;

/** Whom a user id or a top-up code stands for, exactly: money goes to nobody by guess.
 * @param {import("../../../sdk/festival-push.js").Client} client @param {string} text
 * @returns {Promise<{person: Person} | {problem: string}>} @throws {import("../../../sdk/problem.js").ProblemError} */
export async function findPerson(client, text) {
  const found = await search(client, text);
  const person = found.find(({ userId }) => userId === text) ?? found.find(({ topUpCode }) => topUpCode === text.toUpperCase());
  if (person) return { person };
  const names = found.slice(0, 3).map(({ name, userId }) => `${name} (${userId})`).join(", ");
  return { problem: names ? `Nobody has exactly this id or code. Did you mean ${names}?` : "Nobody has this user id or top-up code." };
}

/** Suggest people in every field with `list="people"` while somebody types a part of a name, an id or a code.
 * @param {import("../../../sdk/festival-push.js").Client} client */
export function suggestPeople(client) {
  let timer = 0;
  byId("app").addEventListener("input", (event) => {
    const field = /** @type {HTMLInputElement} */ (event.target);
    if (field.getAttribute("list") !== "people" || field.value.trim().length < 2) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      search(client, field.value.trim()).then((people) => byId("people").replaceChildren(
        ...people.map(({ userId, name }) => el("option", { value: userId }, name))),
      () => {}); // no suggestions then: people can type the whole id
    }, SUGGEST_MS);
  });
}
