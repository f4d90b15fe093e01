// @ts-check
/** An SSE id is `<epoch>.<position>`: the log's own name, and the event's position in it. */

/** @typedef {{epoch: string, position: number}} LogPosition */
/** @typedef {ReturnType<typeof createCursor>} Cursor */

const ID = /^([A-Za-z0-9_-]{1,64})\.(\d{1,16})$/;

/** @param {string | null | undefined} id @returns {LogPosition | null} null for anything that isn't an id of ours */
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
  return {
    /** The last id seen, for `?after=`; empty before the first. */
    id: () => id,
    position: () => at?.position ?? 0,
    /** The snapshot on screen is the state at `newId`. @param {string} newId */
    reset(newId) {
      id = newId;
      at = parseCursor(newId);
    },
    /** Return whether this event is new; if so, move on to it. One without an id is not in the log, and always new.
     * @param {string | null} eventId */
    accept(eventId) {
      const next = parseCursor(eventId);
      if (!next || !eventId) return true;
      if (at && at.epoch === next.epoch && next.position <= at.position) return false;
      id = eventId;
      at = next;
      return true;
    },
    /** Return whether another client, which is at `otherId`, has seen more than this one. @param {string} otherId */
    isBehind(otherId) {
      const other = parseCursor(otherId);
      return other !== null && (!at || at.epoch !== other.epoch || at.position < other.position);
    },
  };
}
