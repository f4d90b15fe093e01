// @ts-check
/** One lane of numbers on the screen: measured, filled, and turned. */

const BoardLane = (function () {
  "use strict";

  const { el, add, say, place } = BoardDom;
  const FLOOR = 0.06; // of the screen's shorter side: digits below are not read from afar
  const MEASURED_PX = 100;

  const ratios = /** @type {Map<number, number>} */ (new Map());

  /** The width of the widest number of so many digits, by the size of its digits, as this screen draws it.
   * @param {number} digits */
  function measure(digits) {
    const ruler = el("div", "numbers ruler");
    let widest = 0;
    document.body.appendChild(ruler);
    for (let digit = 0; digit <= 9; digit += 1) {
      ruler.textContent = String(digit).repeat(digits);
      widest = Math.max(widest, ruler.getBoundingClientRect().width);
    }
    document.body.removeChild(ruler);
    return widest / MEASURED_PX;
  }

  /** @param {number[]} numbers  at least one */
  function ratioOf(numbers) {
    const digits = Math.max.apply(null, numbers.map((number) => String(number).length));
    const ratio = ratios.get(digits) || measure(digits);
    ratios.set(digits, ratio);
    return ratio;
  }

  /** @param {"preparing" | "ready"} name @param {string} title @param {string} id  of its list */
  function create(name, title, id) {
    const root = el("section", `lane ${name}`);
    const head = el("div", "lane-head");
    const heading = el("h3", "", title);
    const turn = el("span", "turn");
    const count = el("span", "turn-count");
    const clock = el("progress", "turn-clock");
    const list = el("ul", "numbers");
    heading.id = `${id}-title`;
    list.id = id;
    turn.hidden = true;
    clock.setAttribute("aria-hidden", "true"); // the count says it
    root.setAttribute("aria-labelledby", heading.id);
    add(turn, [count, clock]);
    add(head, [heading, turn]);
    add(root, [head, list]);

    const items = /** @type {Map<number, HTMLLIElement>} */ (new Map());
    let pager = BoardPager.started(0);
    let drawn = "";

    /** @param {number[]} numbers @param {number | null} newest @param {{index: number, place: BoardPlace}[]} places */
    function draw(numbers, newest, places) {
      const wanted = places.map((at) => /** @type {number} */ (numbers[at.index]));
      items.forEach(function (item, number) {
        if (wanted.indexOf(number) >= 0) return;
        items.delete(number);
        list.removeChild(item);
      });
      places.forEach(function (at, index) {
        const number = /** @type {number} */ (wanted[index]);
        const { left, top, width, height, size } = at.place;
        const item = items.get(number) || el("li", "", String(number));
        items.set(number, item);
        item.className = number === newest ? "newest" : "";
        place(item, { left, top, width, height, "line-height": height, "font-size": size });
        const there = list.children[index] || null;
        if (there !== item) list.insertBefore(item, there); // an item that is moved flashes again
      });
    }

    /** Show what belongs on the screen at `now`. Cheap if that is on it already.
     * @param {number[]} numbers  the newest first @param {number | null} newest  the first of them, if it was called
     *   just now @param {number} now */
    function paint(numbers, newest, now) {
      const box = { width: list.clientWidth, height: list.clientHeight };
      const floor = Math.ceil(FLOOR * Math.min(window.innerWidth, window.innerHeight));
      const hasFirst = newest !== null;
      const plan = numbers.length && box.width && box.height
        ? BoardLayout.planOf(box, numbers.length, ratioOf(numbers), floor, hasFirst)
        : null;
      const pages = plan ? plan.pages : 1;
      pager = BoardPager.turned(pager, pages, now);
      turn.hidden = pages === 1;
      say(count, `${pager.page + 1}/${pages}`);
      clock.value = BoardPager.partOver(pager, now);
      const wanted = JSON.stringify([numbers, newest, pager.page, box, floor]);
      if (wanted === drawn) return;
      drawn = wanted;
      draw(numbers, newest, plan ? BoardLayout.placesOf(plan, pager.page, numbers.length) : []);
    }

    return {
      root,
      paint,
      /** A number was called. @param {number} now */
      call(now) {
        pager = BoardPager.called(pager, now);
      },
    };
  }

  return { create };
})();
