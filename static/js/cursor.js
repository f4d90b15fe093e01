// @ts-check
/** An SSE id is `<epoch>.<position>`: the log's own name, and the event's place in it. */

/** @typedef {{epoch: string, position: number}} Cursor */

const ID = /^([A-Za-z0-9_-]{1,64})\.(\d{1,16})$/;

/** @param {string | null | undefined} id @returns {Cursor | null} null for anything that isn't an id of ours */
export function parseCursor(id) {
  const match = ID.exec(id ?? "");
  if (!match) return null;
  const position = Number(match[2]);
  return Number.isSafeInteger(position) ? { epoch: /** @type {string} */ (match[1]), position } : null;
}

/** Remembers how far one client has seen, and tells a new event from one it has had before.
 * @param {string} [start]  id to begin behind
 */
export function createCursor(start) {
  let id = start ?? "";
  let at = parseCursor(start);
  let lastFrame = "";
  return {
    /** The last id seen, for `?after=`; empty before the first. */
    id: () => id,
    position: () => at?.position ?? 0,
    /** The snapshot on screen is the state at `newId`. @param {string} newId */
    reset(newId) {
      id = newId;
      at = parseCursor(newId);
      lastFrame = "";
    },
    /** Whether this event is new; if so, the cursor moves on to it.
     * EventSource repeats the last id for frames that carry none, so an equal id with other content is a frame
     * without an id, and an equal id with equal content is the same event once more.
     * @param {string} eventId @param {string} frame  type and data
     */
    accept(eventId, frame) {
      const next = parseCursor(eventId);
      if (!next) return true;
      if (at && at.epoch === next.epoch) {
        if (next.position < at.position) return false;
        if (next.position === at.position && (frame === lastFrame || lastFrame === "")) return false;
      }
      id = eventId;
      at = next;
      lastFrame = frame;
      return true;
    },
  };
}
