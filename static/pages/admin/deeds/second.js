// @ts-check
/** Commands of the office that move money: some wait for a second organiser, some want the PIN once more. */
import { withPin } from "../../../ui/account/ask-pin.js";

/** What is said of a command that a second organiser has to confirm. @param {string} what */
export const waitsWords = (what) => `${what}: this waits for a second organiser, who finds it under Deeds. Nothing has moved yet.`;

/** Send one. @param {import("../../../sdk/festival-push.js").Client} client @param {string} path @param {Record<string, unknown>} body
 * @returns {Promise<{data: any, replayed: boolean, isWaiting: boolean} | null>} isWaiting: for a second organiser; null:
 *   the PIN was not given, and nothing has happened @throws {import("../../../sdk/problem.js").ProblemError} */
export async function sendMoney(client, path, body) {
  const answer = await withPin((secret) => client.command(path, body, secret));
  return answer && { data: answer.data, replayed: answer.replayed, isWaiting: answer.status === 202 };
}
