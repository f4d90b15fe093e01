// @ts-check
const REST_MS = 600; // a double tap is over by then

const timers = /** @type {WeakMap<Element, number>} */ (new WeakMap());

/** Let a part of the page take no taps for a moment, because something else is under the finger by now. Keys still count.
 * @param {Element} part */
export function rest(part) {
  clearTimeout(timers.get(part));
  part.setAttribute("data-resting", "");
  timers.set(part, setTimeout(() => part.removeAttribute("data-resting"), REST_MS));
}
