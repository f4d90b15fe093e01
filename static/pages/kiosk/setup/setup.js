// @ts-check
/** Sets this screen up: by a code that a stall shows, or by a link that is typed in. */

const BoardSetup = (function () {
  "use strict";

  const { byId, setText, el, add } = BoardDom;
  const ASK = "Ask the stall for a code for a screen, and type it here.";
  const IDLE_MS = 60000; // nobody looks after this screen: a setup that somebody has left must not stay on it
  const FULL = `This screen shows ${BoardScreens.STALLS_MAX} stalls already. Remove one first.`;

  /** Ask for stalls, until somebody wants the board. @param {() => void} onDone  the screen knows its stalls */
  function open(onDone) {
    let code = "";
    let pairing = /** @type {{stop: () => void} | null} */ (null);
    let isOpen = true;
    let idle = 0;

    const isFull = () => BoardScreens.remembered().length >= BoardScreens.STALLS_MAX;

    /** @param {string} words */
    function showKeys(words) {
      if (pairing) pairing.stop();
      pairing = null;
      code = "";
      showCode();
      setText("pair-words", isFull() ? FULL : words);
      keys.allow(!isFull());
      byId("pair-cancel").hidden = true;
    }

    function showCode() {
      setText("code", (code + "______").slice(0, BoardPairing.CODE_CHARS).split("").join(" "));
    }

    function send() {
      keys.allow(false);
      byId("pair-cancel").hidden = false;
      setText("pair-words", "Looking for the stall\u2026");
      pairing = BoardPairing.start(code, {
        onWaiting: (stall) => setText("pair-words", `Waiting for ${stall} to confirm\u2026`),
        onAway: () => setText("pair-words", "No connection to the server. Trying again\u2026"),
        onRefused: showKeys,
        onPaired(screen) {
          BoardScreens.remember(BoardScreens.withScreen(BoardScreens.remembered(), screen));
          done();
        },
      });
    }

    function done() {
      if (pairing) pairing.stop();
      isOpen = false;
      clearTimeout(idle);
      byId("setup").hidden = true;
      history.replaceState(null, "", location.pathname + location.search);
      onDone();
    }

    /** Go back to the board when nobody has touched anything for a while. */
    function waitForTouch() {
      clearTimeout(idle);
      if (!isOpen) return;
      idle = setTimeout(function () {
        if (!pairing && BoardScreens.remembered().length) done();
        else waitForTouch();
      }, IDLE_MS);
    }

    /** The stalls of this screen, with a way to remove each and to put it back. */
    function showPaired() {
      const screens = BoardScreens.remembered();
      const removed = /** @type {Set<BoardScreen>} */ (new Set());
      const list = byId("paired-list");
      byId("paired").hidden = !screens.length;
      screens.forEach(function (screen) {
        const item = el("li");
        const name = el("span", "", screen.vendorId);
        const remove = el("button", "", "Remove");
        remove.type = "button";
        remove.addEventListener("click", function () {
          if (!removed.delete(screen)) removed.add(screen);
          remove.textContent = removed.has(screen) ? "Put back" : "Remove";
          item.classList.toggle("removed", removed.has(screen));
          BoardScreens.remember(screens.filter((one) => !removed.has(one)));
          byId("to-board").hidden = removed.size === screens.length;
          if (!pairing || isFull()) showKeys(ASK);
        });
        add(item, [name, remove]);
        add(list, [item]);
        BoardHttp.ask("GET", `/v1/boards/${encodeURIComponent(screen.vendorId)}`, { token: screen.token }, function (answer) {
          if (answer.status === 200 && answer.data && answer.data.vendorName) name.textContent = answer.data.vendorName;
        });
      });
    }

    /** @param {string} id */
    const valueOf = (id) => /** @type {HTMLInputElement} */ (byId(id)).value.trim();

    function takeByHand() {
      const typed = valueOf("vendor");
      const linked = BoardScreens.parse(typed); // somebody may type the whole link
      const screens = linked.length ? linked : [{ vendorId: typed, token: valueOf("token") }];
      const all = screens.reduce(BoardScreens.withScreen, BoardScreens.remembered());
      if (all.length > BoardScreens.STALLS_MAX) return setText("by-hand-words", FULL);
      BoardScreens.remember(all);
      done();
    }

    const keys = BoardKeys.create({
      onChar(char) {
        if (pairing || isFull()) return;
        code += char;
        showCode();
        if (code.length === BoardPairing.CODE_CHARS) send();
      },
      onDelete() {
        if (pairing) return;
        code = code.slice(0, -1);
        showCode();
      },
    });
    byId("pair-cancel").addEventListener("click", () => showKeys(ASK));
    byId("to-board").addEventListener("click", done);
    byId("by-hand").addEventListener("submit", function (event) {
      event.preventDefault();
      takeByHand();
    });
    ["click", "touchend", "keydown"].forEach((type) => document.addEventListener(type, waitForTouch));
    byId("setup").hidden = false;
    waitForTouch();
    showPaired();
    showKeys(ASK);
  }

  return { open };
})();
