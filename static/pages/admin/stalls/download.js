// @ts-check
import { keptToken } from "../../../ui/session.js";
import { toast } from "../../../ui/toast.js";
import { humanWords } from "../../../ui/format/words.js";
import { ProblemError, readProblem } from "../../../sdk/problem.js";

/** Save a file of the server's. A link would do for a cookie, but a tab that has its own token must show it.
 * @param {string} path @param {string} name  of the file */
export async function saveAs(path, name) {
  const token = keptToken("admin");
  try {
    const response = await fetch(path, { headers: token ? { Authorization: `Bearer ${token}` } : {}, cache: "no-store" });
    if (!response.ok) throw await readProblem(response);
    const url = URL.createObjectURL(await response.blob());
    const link = document.createElement("a");
    [link.href, link.download] = [url, name];
    link.click();
    URL.revokeObjectURL(url);
  } catch (error) {
    const isRefused = error instanceof ProblemError && error.status === 409; // there is no such file, and why
    toast(isRefused ? humanWords(error) : "The file can't be fetched right now. Try again in a moment.", "error");
  }
}
