// @ts-check
const STRANGER = "http-"; // the beginning of the codes of answers that are no problem documents

/** An answer that is not a success: RFC 9457 problem details, or no answer at all (status 0, code `network`; `offline`:
 * nothing was sent). */
export class ProblemError extends Error {
  /** @param {{status: number, code: string, title: string, detail?: string,
   *   errors?: {field?: string, message?: string}[],
   *   retryAfter?: number | null, params?: Record<string, any>}} problem  retryAfter in seconds */
  constructor({ status, code, title, detail = "", errors = [], retryAfter = null, params = {} }) {
    super(detail || title);
    this.name = "ProblemError";
    this.status = status;
    this.code = code;
    this.title = title;
    this.detail = detail;
    this.errors = errors;
    this.retryAfter = retryAfter;
    /** Every member of the problem document, such as `balance` of `insufficient-funds`. */
    this.params = params;
  }
}

/** @returns {ProblemError} nobody answered, or what answered was not our server */
export const networkProblem = () =>
  new ProblemError({ status: 0, code: "network", title: "The server can't be reached right now." });

/** @returns {ProblemError} the device is known to have no network, so nothing was sent */
export const offlineProblem = () =>
  new ProblemError({ status: 0, code: "offline", title: "You are offline. Nothing was sent." });

/** Return whether nothing was sent, because the device is offline. @param {unknown} error */
export const isUnsent = (error) => error instanceof ProblemError && error.code === "offline";

/** Somebody else is signed in by this browser's cookie. */
export const otherUser = () => new ProblemError({ status: 403, code: "other-user", title: "Somebody else is signed in here." });

/** Return whether the problem comes from our server, and not from a proxy or a network's sign-in page.
 * @param {ProblemError} problem */
export const isOurs = ({ code }) => !["network", "offline"].includes(code) && !code.startsWith(STRANGER);

/** Return whether only a new sign-in can help. @param {ProblemError} problem */
export const isSignedOut = (problem) =>
  isOurs(problem) && (problem.status === 401 || (problem.status === 403 && problem.code !== "role-changed"));

/** @param {Response} response @returns {Promise<ProblemError>} */
export async function readProblem(response) {
  /** @type {Record<string, any>} */
  let body = {};
  try {
    const parsed = await response.json();
    if (parsed && typeof parsed === "object" && !Array.isArray(parsed)) body = parsed;
  } catch {
    // A proxy's HTML page, or a body cut short: the status alone must do.
  }
  const after = Number(response.headers.get("Retry-After") ?? body.retryAfter ?? Number.NaN);
  return new ProblemError({
    status: response.status,
    code: typeof body.code === "string" ? body.code : `${STRANGER}${response.status}`,
    title: typeof body.title === "string" ? body.title : `The server answered ${response.status}.`,
    detail: typeof body.detail === "string" ? body.detail : "",
    errors: Array.isArray(body.errors) ? body.errors : [],
    retryAfter: Number.isFinite(after) && after >= 0 ? after : null,
    params: body,
  });
}
