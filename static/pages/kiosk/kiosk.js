// @ts-check
/** The pickup board of up to four stalls. Nobody looks after this screen: it keeps trying for ever, and is set up once. */

const BoardPage = (function () {
  "use strict";

  const { byId, setText, place } = BoardDom;
  const TICK_MS = 1000;
  const NOTICES_MS = 60000; // until announcements that could not be read are asked for again
  const RING_MS = 1000; // several numbers that are called at once ring once
  const BUTTON_MS = 15000; // how long a touch shows the button that adds a stall
  const DEAD_MS = 600; // the second touch of a double one must not press it
  /** @type {Record<BoardLink, string>} */
  const WORDS = { live: "Live", reconnecting: "Connecting\u2026", offline: "Offline", refused: "No access: pair this screen with the stall again" };

  /** @type {BoardEnv} */
  const env = {
    createRequest: () => new XMLHttpRequest(),
    now: () => performance.now(),
    setTimeout: (run, ms) => window.setTimeout(run, ms),
    clearTimeout: (timer) => window.clearTimeout(timer),
    random: Math.random,
    isOnline: () => navigator.onLine,
  };

  const stalls = /** @type {ReturnType<typeof BoardStall.create>[]} */ ([]);
  const chime = BoardChime.create((needsTouch) => {
    byId("sound").hidden = !needsTouch;
  });
  const band = BoardBand.create(() => arrange());
  let notices = /** @type {BoardNotice[]} */ ([]);
  let missed = /** @type {((before: BoardNotice[]) => BoardNotice[])[] | null} */ (null); // since they were asked for
  let dueWith = /** @type {string | null} */ (null); // the token to ask with once more
  let rangAt = -Infinity;
  let arranged = "";

  /** @param {BoardNotice[]} stand */
  function showNotices(stand) {
    notices = stand;
    band.show(notices, env.now());
  }

  /** Read all announcements that stand; an event may overtake the answer. @param {string} token */
  function askNotices(token) {
    const mine = /** @type {((before: BoardNotice[]) => BoardNotice[])[]} */ ([]);
    missed = mine;
    dueWith = null;
    BoardHttp.ask("GET", "/v1/announcements", { token: token }, function (answer) {
      if (missed !== mine) return;
      missed = null;
      if (answer.status === 200) showNotices(mine.reduce((before, apply) => apply(before), BoardNotices.listed(answer.data)));
      else if (answer.status === 0 || answer.status === 429 || answer.status >= 500) dueWith = token;
      // Anything else: a server that has none for screens.
    });
  }

  /** @param {string} type @param {any} data */
  function hearNotice(type, data) {
    const apply = (/** @type {BoardNotice[]} */ before) => BoardNotices.heard(before, type, data);
    if (missed) missed.push(apply);
    showNotices(apply(notices));
  }

  /** @param {number[]} numbers  the newest first */
  function call(numbers) {
    setText("spoken", numbers.map((number) => `Number ${number} is ready.`).join(" "));
    if (env.now() - rangAt < RING_MS) return;
    rangAt = env.now();
    chime.ring();
  }

  /** Divide the screen between the stalls. Cheap if nothing has changed. */
  function arrange() {
    const board = byId("board");
    const box = { width: board.clientWidth, height: board.clientHeight };
    const wanted = JSON.stringify([box, stalls.length]);
    if (wanted === arranged) return;
    arranged = wanted;
    BoardLayout.stallsOf(box, stalls.length).forEach(function ({ left, top, width, height }, index) {
      const { root } = /** @type {ReturnType<typeof BoardStall.create>} */ (stalls[index]);
      place(root, { left, top, width, height });
      root.classList.toggle("flat", width > height);
    });
  }

  /** The time of day that stalls tell, because the screen's own clock may be wrong. */
  function wallMs() {
    const known = stalls.map((stall) => stall.serverAheadMs()).filter((ahead) => !isNaN(ahead));
    return Date.now() + (known.length ? /** @type {number} */ (known[0]) : 0);
  }

  /** @param {number} ms */
  const formatTime = (ms) => new Date(ms).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

  /** Say which stalls are connected, and how old the others are. @param {number} now */
  function showLinks(now) {
    const links = stalls.map((stall) => stall.link());
    const worst = ["offline", "refused", "reconnecting", "live"].filter((link) => links.indexOf(/** @type {BoardLink} */ (link)) >= 0)[0];
    const link = /** @type {BoardLink} */ (worst || "reconnecting");
    document.documentElement.setAttribute("data-link", link);
    const refused = stalls.filter((stall) => stall.link() === "refused").map((stall) => stall.name()).filter(Boolean);
    setText("link", link === "refused" && stalls.length > 1 && refused.length ? `${refused.join(", ")}: no access` : WORDS[link]);
    const olds = stalls.map(function (stall) {
      const at = stall.link() === "live" ? NaN : stall.heardAt();
      stall.sayStale(isNaN(at) ? "" : `Last update ${formatTime(wallMs() - now + at)}`);
      return at;
    }).filter((at) => !isNaN(at));
    setText("stale", olds.length ? `Last update ${formatTime(wallMs() - now + Math.min.apply(null, olds))}` : "");
  }

  /** Show what belongs on the screen now. */
  function tick() {
    const now = env.now();
    setText("clock", formatTime(wallMs()));
    if (stalls.length === 1) setText("stall", /** @type {any} */ (stalls[0]).name() || "Pickup");
    if (stalls.length) showLinks(now);
    band.paint(now);
    arrange();
    stalls.forEach((stall) => stall.paint(now));
  }

  /** @param {BoardScreen[]} screens  at least one */
  function showBoard(screens) {
    const board = byId("board");
    board.hidden = false;
    byId("link").hidden = false;
    document.body.setAttribute("data-stalls", String(screens.length));
    screens.forEach(function (screen, index) {
      const stall = BoardStall.create({
        screen,
        index,
        env,
        onCalls: call,
        onChange: tick,
        onEvent: (type, data) => (type === "connected" ? askNotices(screen.token) : hearNotice(type, data)),
      });
      board.appendChild(stall.root);
      stalls.push(stall);
    });
    stalls.forEach((stall) => stall.start());
    BoardWatchdog.watchOver(() => stalls.every((stall) => stall.link() === "live" || stall.link() === "refused"));
    BoardWake.keepAwake();
    setInterval(function () {
      if (dueWith !== null) askNotices(dueWith);
    }, NOTICES_MS);
  }

  function watchBrowser() {
    const button = /** @type {HTMLButtonElement} */ (byId("add-stall"));
    let hides = 0;
    const showButton = function (/** @type {Event} */ event) {
      if (!stalls.length) return;
      if (button.hidden) {
        button.hidden = false;
        button.disabled = true;
        setTimeout(function () {
          button.disabled = false;
          // A remote control presses what has the focus.
          if (event.type === "keydown" && document.activeElement === document.body) button.focus();
        }, DEAD_MS);
      }
      clearTimeout(hides);
      hides = setTimeout(function () {
        button.hidden = true;
      }, BUTTON_MS);
    };
    ["click", "touchend", "keydown"].forEach((type) => document.addEventListener(type, showButton));
    button.addEventListener("click", function () {
      location.hash = "setup";
    });
    window.addEventListener("hashchange", () => location.reload()); // another link, typed into this tab
    window.addEventListener("resize", tick);
    window.addEventListener("online", () => stalls.forEach((stall) => stall.look(true)));
    window.addEventListener("offline", () => stalls.forEach((stall) => stall.lose()));
    document.addEventListener("visibilitychange", function () {
      if (document.visibilityState === "visible") stalls.forEach((stall) => stall.look(false));
    });
  }

  function open() {
    const wantsSetup = /^#setup\b/.test(location.hash);
    const screens = wantsSetup ? [] : BoardScreens.recall();
    watchBrowser();
    if (screens.length) showBoard(screens);
    else BoardSetup.open(() => showBoard(BoardScreens.remembered()));
    tick();
    setInterval(tick, TICK_MS);
  }

  return { open, tick, stalls, hearNotice };
})();

BoardPage.open();
