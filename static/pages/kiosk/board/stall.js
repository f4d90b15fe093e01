// @ts-check
/** One stall's board: its two lanes, its stream, and what it says of its connection. */

/** @typedef {object} BoardStallOptions
 * @property {BoardScreen} screen
 * @property {number} index  of the stall on this screen, from 0
 * @property {BoardEnv} env
 * @property {(numbers: number[]) => void} onCalls  numbers were called, the newest first
 * @property {(type: string, data: any) => void} onEvent  everything but boards
 * @property {() => void} onChange  something on the screen is out of date now
 */

const BoardStall = (function () {
  "use strict";

  const { el, add, say } = BoardDom;
  const CHECK_MS = 60000; // a stream can be dead without the browser knowing: a GET of the board shows it
  const OVERTAKEN_MS = 5000; // the answer of a GET may be quicker than the event that tells the same

  /** @param {BoardShown | null} shown @param {BoardTold} told */
  const isSame = (shown, told) => shown !== null
    && JSON.stringify([shown.preparing, shown.calls.map((call) => call.number).sort()]) === JSON.stringify([told.preparing, told.ready.slice().sort()]);

  /** @param {BoardStallOptions} options */
  function create(options) {
    const { screen, env, onCalls, onEvent, onChange } = options;
    const path = `/v1/boards/${encodeURIComponent(screen.vendorId)}`;
    const suffix = options.index ? `-${options.index + 1}` : "";
    const root = el("section", "stall");
    const head = el("div", "stall-head");
    const name = el("h2", "", "Pickup");
    const stale = el("span", "stale");
    const lanes = el("div", "lanes");
    const preparing = BoardLane.create("preparing", "Preparing", `preparing${suffix}`);
    const ready = BoardLane.create("ready", "Ready for pickup", `ready${suffix}`);
    name.dir = "auto"; // names are of any language
    add(head, [name, stale]);
    add(lanes, [preparing.root, ready.root]);
    add(root, [head, lanes]);

    let shown = /** @type {BoardShown | null} */ (null);
    let link = /** @type {BoardLink} */ ("reconnecting");
    let stream = /** @type {ReturnType<typeof BoardStream.follow> | null} */ (null);
    let readAt = NaN; // when a whole board was read
    let serverAheadMs = NaN; // of the screen's own clock, which may be wrong

    /** @param {number} now */
    function paint(now) {
      const numbers = BoardState.numbersOf(shown || BoardState.EMPTY, now);
      preparing.paint(numbers.preparing, null, now);
      ready.paint(numbers.ready, numbers.newest, now);
    }

    /** Take over a board. @param {BoardTold} told @param {number} now @param {boolean} isFresh  the server has written
     *   it just now, and doesn't tell it again */
    function take(told, now, isFresh) {
      const before = shown;
      shown = BoardState.take(before, told, now, isFresh);
      if (isFresh) readAt = now;
      if (isFresh && told.timestamp) serverAheadMs = Date.parse(told.timestamp) - Date.now();
      if (shown.vendorName) say(name, shown.vendorName);
      const calls = BoardState.newCalls(before, shown);
      if (calls.length) {
        ready.call(now);
        onCalls(calls);
      }
      onChange();
    }

    function follow() {
      if (stream) stream.stop();
      stream = BoardStream.follow({
        env: env,
        url: `${path}/stream`,
        token: screen.token,
        onEvent(type, data) {
          if (type === "connected" && data.snapshot) take(data.snapshot, env.now(), true);
          else if (type === "board-updated") take(data, env.now(), false);
          if (type !== "board-updated") onEvent(type, data);
        },
        onLink(said) {
          link = said;
          root.setAttribute("data-link", said);
          onChange();
        },
      });
    }

    function check() {
      const before = shown;
      BoardHttp.ask("GET", path, { token: screen.token }, function (answer) {
        // The stream is dead if the server has other numbers than the screen, and the stream doesn't tell them either.
        if (answer.status !== 200 || !answer.data || shown !== before) return;
        const isOther = !isSame(shown, answer.data);
        take(answer.data, env.now(), true);
        const read = shown;
        if (!isOther) return;
        env.setTimeout(function () {
          if (shown === read) follow();
        }, OVERTAKEN_MS);
      });
    }

    return {
      root,
      take,
      paint,
      start() {
        follow();
        setInterval(check, CHECK_MS);
      },
      link: () => link,
      name: () => (shown ? shown.vendorName : ""),
      serverAheadMs: () => serverAheadMs,
      /** When the server was last heard, in ms of `now`; NaN: never. */
      heardAt() {
        const at = stream && shown ? stream.heardAt() : NaN;
        return at > readAt || isNaN(readAt) ? at : readAt;
      },
      /** @param {string} text  empty: it is not stale */
      sayStale: (text) => say(stale, text),
      /** @param {boolean} isDoubtful */
      look(isDoubtful) {
        if (stream) stream.check(isDoubtful);
      },
      lose() {
        if (stream) stream.lose();
      },
    };
  }

  return { create };
})();
