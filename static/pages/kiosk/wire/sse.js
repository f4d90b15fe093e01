// @ts-check
/** Reads Server-Sent Events out of text as it arrives; as the SDK does, whose modules browsers of 2016 can't load. */

/** @typedef {{type: string, data: string, id: string | null}} BoardFrame  id: null where the frame has none of its own */

const BoardSse = (function () {
  "use strict";

  /** @param {(frame: BoardFrame) => void} onFrame */
  function createParser(onFrame) {
    let rest = "";
    let type = "";
    let data = /** @type {string[]} */ ([]);
    let id = /** @type {string | null} */ (null);
    let retryMs = 0;

    function dispatch() {
      const frame = { type: type || "message", data: data.join("\n"), id: id };
      const isWhole = data.length > 0;
      type = "";
      data = [];
      id = null;
      if (isWhole) onFrame(frame);
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
      /** @param {string} text */
      feed(text) {
        const lines = (rest + text).split(/\r\n|\n|\r(?!$)/); // a last \r may be the first half of \r\n
        rest = lines.pop() || "";
        lines.forEach(take);
      },
      /** The time that the server asks to wait before coming back. */
      retryMs: () => retryMs,
    };
  }

  return { createParser };
})();
