// @ts-check
/** Guards places, not buttons: a second tap of a wet finger must not meet what has moved under it. */

export const STEP_REST_MS = 500; // a double tap is over by then
export const PLACE_REST_MS = 600;

/** @typedef {{x: number, y: number}} Point */
/** @typedef {{left: number, top: number, right: number, bottom: number}} Place  in pixels of the window */

/** @param {Place} place @param {Point} point */
const holds = ({ left, top, right, bottom }, { x, y }) => x >= left && x <= right && y >= top && y <= bottom;

/** Remember which places take no tap, and until when no step is taken anywhere.
 * @param {() => number} now  milliseconds, of a clock that nobody sets */
export function createDeadPlaces(now) {
  let places = /** @type {{place: Place, until: number}[]} */ ([]);
  let restUntil = 0;
  const resting = /** @type {Map<string, number>} */ (new Map()); // things that rest alone

  return {
    /** Take no step anywhere for a while. @param {number} [ms] */
    rest(ms = STEP_REST_MS) {
      restUntil = Math.max(restUntil, now() + ms);
    },
    isResting: () => now() < restUntil,
    /** Return whether this one thing may be done now; if so, it alone rests: others may follow at once.
     * @param {string} thing */
    once(thing) {
      if (now() < restUntil || now() < (resting.get(thing) ?? 0)) return false;
      for (const [other, until] of resting) if (until <= now()) resting.delete(other);
      resting.set(thing, now() + STEP_REST_MS);
      return true;
    },
    /** What stands here has just come: no tap that was meant for what stood here before may reach it.
     * @param {Place} place @param {number} [ms] */
    mark(place, ms = PLACE_REST_MS) {
      places = [...places.filter(({ until }) => until > now()), { place, until: now() + ms }];
    },
    /** @param {Point} point */
    isDead: (point) => places.some(({ place, until }) => until > now() && holds(place, point)),
  };
}

/** Where a click happened; one by the keyboard or a screen reader happens in the middle of its button.
 * @param {{detail: number, clientX: number, clientY: number}} click @param {Place} place  of the button
 * @returns {Point} */
export const pointOf = ({ detail, clientX, clientY }, { left, top, right, bottom }) =>
  detail === 0 ? { x: (left + right) / 2, y: (top + bottom) / 2 } : { x: clientX, y: clientY };
