// @ts-check
/** One request for JSON. */

/** @typedef {{status: number, data: any, retryAfterS: number}} BoardAnswer  status: 0 if nobody answered; data: null if
 *   the answer is no JSON */

const BoardHttp = (function () {
  "use strict";

  const ANSWER_MS_MAX = 10000;

  /** @param {string} text */
  function parsed(text) {
    try {
      return JSON.parse(text);
    } catch (error) {
      return null;
    }
  }

  /** @param {string} method @param {string} path @param {{token?: string, body?: unknown}} more
   * @param {(answer: BoardAnswer) => void} done  called once */
  function ask(method, path, more, done) {
    const request = new XMLHttpRequest();
    request.open(method, path);
    request.timeout = ANSWER_MS_MAX;
    request.setRequestHeader("Accept", "application/json");
    if (more.token) request.setRequestHeader("Authorization", `Bearer ${more.token}`);
    if (more.body !== undefined) request.setRequestHeader("Content-Type", "application/json");
    request.onreadystatechange = function () {
      if (request.readyState !== 4) return;
      request.onreadystatechange = null;
      const retryAfterS = Number(request.status && request.getResponseHeader("Retry-After")) || 0;
      done({ status: request.status, data: parsed(request.responseText), retryAfterS: retryAfterS });
    };
    request.send(more.body === undefined ? null : JSON.stringify(more.body));
  }

  return { ask };
})();
