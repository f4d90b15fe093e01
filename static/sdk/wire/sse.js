// @ts-check
/** Reads Server-Sent Events out of text as it arrives. EventSource does the same, but hides the status of a refusal and
 * the comments, which are the server's heartbeats. */

/** @typedef {{type: string, data: string, id: string | null}} RawFrame  id: null where the frame has none of its own */

const LINE_CHARS_MAX = 4 * 1024 * 1024; // far above any snapshot: our server never sends more

/** @param {(frame: RawFrame) => void} onFrame */
export function createParser(onFrame) {
  let rest = "";
  let type = "";
  let data = /** @type {string[]} */ ([]);
  let id = /** @type {string | null} */ (null);
  let retryMs = /** @type {number | null} */ (null);

  function dispatch() {
    if (data.length) onFrame({ type: type || "message", data: data.join("\n"), id });
    type = "";
    data = [];
    id = null;
  }

  /** @param {string} line */
  function take(line) {
    if (line === "") return dispatch();
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "event") type = value;
    else if (name === "data") data.push(value);
    else if (name === "id") id = value;
    else if (name === "retry" && /^\d{1,9}$/.test(value)) retryMs = Number(value);
  }

  return {
    /** @param {string} text @throws {RangeError} a line without end */
    feed(text) {
      const lines = (rest + text).split(/\r\n|\n|\r(?!$)/); // a last \r may be the first half of \r\n
      rest = lines.pop() ?? "";
      if (rest.length > LINE_CHARS_MAX) throw new RangeError("A line of the stream is too long.");
      lines.forEach(take);
    },
    /** The time that the server asks to wait before coming back. */
    retryMs: () => retryMs,
  };
}
