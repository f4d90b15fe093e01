// @ts-check
const SWIPE_PX = 60;
const CLICK_WITHIN_MS = 100; // of the finger's end
const DOWN_MS_MAX = 5_000; // a finger whose end was never told

/** Knows whether a finger is on an area: then nothing there may move. Tells swipes to the left and right.
 * @param {HTMLElement} area @param {() => void} lifted  nothing touches it any more, and something waits to be shown
 * @param {(node: Node, by: 1 | -1) => void} swiped  by 1: to the next page */
export function watchFingers(area, lifted, swiped) {
  let down = /** @type {{x: number, y: number, node: Node, at: number} | null} */ (null);
  let isLate = false;
  let swallowUntil = 0;

  const isDown = () => down !== null && performance.now() - down.at < DOWN_MS_MAX;

  const up = () => {
    down = null;
    // The click comes behind: it must still meet what was touched.
    setTimeout(() => {
      if (!isLate || isDown()) return;
      isLate = false;
      lifted();
    }, CLICK_WITHIN_MS);
  };

  area.addEventListener("pointerdown", ({ clientX, clientY, target }) => {
    if (target instanceof Node) down = { x: clientX, y: clientY, node: target, at: performance.now() };
  });
  area.addEventListener("click", (event) => performance.now() < swallowUntil && event.stopPropagation(), { capture: true });
  addEventListener("pointercancel", up);
  addEventListener("blur", up);
  addEventListener("pointerup", ({ clientX, clientY }) => {
    const from = down;
    up();
    if (!from) return;
    const [dx, dy] = [clientX - from.x, clientY - from.y];
    if (Math.abs(dx) < SWIPE_PX || Math.abs(dx) < 2 * Math.abs(dy)) return;
    swallowUntil = performance.now() + CLICK_WITHIN_MS; // a mouse that was dragged over a ticket would press it, too
    setTimeout(() => swiped(from.node, dx < 0 ? 1 : -1));
  });

  return {
    isDown,
    /** Show it when the finger is lifted. */
    later() {
      if (!isLate) setTimeout(up, DOWN_MS_MAX);
      isLate = true;
    },
  };
}
