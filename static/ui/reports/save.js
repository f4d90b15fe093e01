// @ts-check
import { ProblemError, readProblem } from "../../sdk/problem.js";
import { humanWords } from "../format/words.js";
import { keptToken } from "../session.js";
import { toast } from "../toast.js";

/** Save a file of the server's under the name that it says. A link would do for a cookie, but a tab that has its own
 * token must show it.
 * @param {Parameters<typeof keptToken>[0]} role  of the page @param {string} path */
export async function saveFile(role, path) {
  const token = keptToken(role);
  try {
    const response = await fetch(path, { headers: token ? { Authorization: `Bearer ${token}` } : {}, cache: "no-store" });
    if (!response.ok) throw await readProblem(response);
    const url = URL.createObjectURL(await response.blob());
    const link = document.createElement("a");
    [link.href, link.download] = [url, fileName(response.headers.get("Content-Disposition"))];
    link.click();
    URL.revokeObjectURL(url);
  } catch (error) {
    const isRefused = error instanceof ProblemError && error.status === 409; // there is no such file, and why
    toast(isRefused ? humanWords(error) : "The file can't be fetched right now. Try again in a moment.", "error");
  }
}

/** @param {string | null} disposition @returns the name that the server gives a file; pure */
export const fileName = (disposition) => /filename="([^"]+)"/.exec(disposition ?? "")?.[1] ?? "festival.csv";
