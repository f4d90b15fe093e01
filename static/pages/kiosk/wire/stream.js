// @ts-check
/** Follows one board's stream for weeks, by XMLHttpRequest: fetch can't be read piece by piece in all browsers of 2016,
 * and EventSource shows neither the status of a refusal nor the heartbeats, and sends no token. An XMLHttpRequest keeps
 * all text that it was sent, so that it is exchanged for a new one in time. The new one goes on behind the last event
 * (`Last-Event-ID`): the server sends again what this one had not told whole. */

/** @typedef {"live" | "reconnecting" | "offline" | "refused"} BoardLink */

/** What a stream needs of the browser.
 * @typedef {object} BoardEnv
 * @property {() => XMLHttpRequest} createRequest
 * @property {() => number} now  in ms of a clock that nobody sets
 * @property {(run: () => void, ms: number) => number} setTimeout
 * @property {(timer: number) => void} clearTimeout
 * @property {() => number} random
 * @property {() => boolean} isOnline
 */

/** @typedef {object} BoardStreamOptions
 * @property {BoardEnv} env
 * @property {string} url
 * @property {string} token  empty for a public board
 * @property {(type: string, data: any) => void} onEvent
 * @property {(link: BoardLink) => void} onLink
 */

const BoardStream = (function () {
  "use strict";

  const TEXT_CHARS_MAX = 256 * 1024; // of one request: at a call a second, an hour or so
  const EXCHANGE_MS = 1000; // before the next request: costs nothing, and a server that says too much isn't hammered
  const FIRST_MS = 1000; // of waiting after a cut; then twice as long each time
  const MOST_MS = 30000;
  const STEADY_MS = 10000; // a connection that lived this long ends the back-off
  const REFUSED_MS = 30000; // nobody looks after this screen: it asks again, in case the refusal was a mistake
  const OPEN_MS_MAX = 10000; // a good stream speaks at once
  const HEARTBEAT_MS = 15000; // until the server has said its own
  const PATIENCE_BEATS = 2.5; // silence that counts as the end
  const DOUBT_BEATS = 1.2; // silence that is looked into when somebody looks at the screen
  const LOOK_MS = 2000; // between two looks at the silence
  const FINAL = ["unauthorized", "token-expired", "session-ended", "suspended", "display-revoked", "forbidden"];
  const REFUSALS = [401, 403, 404];

  /** Follow a stream until it is stopped. Every event reaches `onEvent`, in the order of the log.
   * @param {BoardStreamOptions} options */
  function follow(options) {
    const { env, onEvent, onLink } = options;
    let request = /** @type {XMLHttpRequest | null} */ (null);
    let timer = 0;
    let link = "";
    let cursor = ""; // the id of the last event
    let readChars = 0; // of the request's text
    let heardAt = NaN;
    let quietSince = env.now(); // for how long this request has been silent
    let liveAt = 0; // 0: this request was not live yet
    let isRefused = false; // by an event of this stream
    let beatMs = HEARTBEAT_MS;
    let attempt = 0;
    let parser = BoardSse.createParser(hear);

    /** @param {BoardLink} said */
    function show(said) {
      if (said === link) return;
      link = said;
      onLink(said);
    }

    const showLost = () => show(isRefused ? "refused" : env.isOnline() ? "reconnecting" : "offline");

    function letGo() {
      env.clearTimeout(timer);
      const old = request;
      request = null; // first: what the old one still says doesn't count
      if (old) old.abort();
    }

    /** @param {number} waitMs */
    function reopen(waitMs) {
      letGo();
      timer = env.setTimeout(open, waitMs);
    }

    function backOff() {
      if (liveAt && env.now() - liveAt > STEADY_MS) attempt = 0;
      const bound = Math.min(MOST_MS, FIRST_MS * Math.pow(2, Math.min(attempt, 30)));
      attempt += 1;
      return 1 + Math.floor(env.random() * bound); // a whole ground must not knock in the same second
    }

    function open() {
      const mine = env.createRequest();
      letGo();
      request = mine;
      readChars = 0;
      liveAt = 0;
      isRefused = false;
      quietSince = env.now();
      parser = BoardSse.createParser(hear);
      mine.open("GET", options.url);
      mine.setRequestHeader("Accept", "text/event-stream");
      if (options.token) mine.setRequestHeader("Authorization", `Bearer ${options.token}`);
      if (cursor) mine.setRequestHeader("Last-Event-ID", cursor);
      mine.onprogress = mine.onreadystatechange = function () {
        if (request === mine && mine.readyState >= 3 && mine.status === 200) read(mine);
        if (request === mine && mine.readyState === 4) ended(mine);
      };
      mine.send();
      timer = env.setTimeout(listenToSilence, LOOK_MS);
    }

    /** @param {XMLHttpRequest} mine */
    function read(mine) {
      const text = mine.responseText;
      if (text.length === readChars) return;
      const news = text.slice(readChars);
      readChars = text.length;
      heardAt = quietSince = env.now();
      if (liveAt && !isRefused) show("live"); // a browser that says that it is offline may be wrong
      parser.feed(news);
      if (request === mine && readChars > TEXT_CHARS_MAX) reopen(EXCHANGE_MS);
    }

    /** @param {string} text @returns {any} undefined if it is no JSON */
    function parsed(text) {
      try {
        return JSON.parse(text);
      } catch (error) {
        return undefined;
      }
    }

    /** @param {BoardFrame} frame */
    function hear(frame) {
      if (!request) return;
      const data = parsed(frame.data);
      if (!data) { // not our server
        showLost();
        return reopen(backOff());
      }
      if (frame.id !== null) cursor = frame.id;
      if (frame.type === "connected") {
        liveAt = env.now();
        if (data.heartbeat > 0) beatMs = data.heartbeat * 1000;
      }
      if (frame.type === "error") {
        isRefused = FINAL.indexOf(data.code) >= 0;
        return showLost(); // the server closes next
      }
      try {
        onEvent(frame.type, data);
      } catch (error) {
        env.setTimeout(function () { // the page's own fault, told as such; it doesn't cost the stream
          throw error;
        }, 0);
      }
      if (frame.type === "connected") show("live");
    }

    /** @param {XMLHttpRequest} mine */
    function ended(mine) {
      isRefused = isRefused || REFUSALS.indexOf(mine.status) >= 0;
      const askedMs = Number(mine.status > 400 && mine.getResponseHeader("Retry-After")) * 1000 || 0;
      showLost();
      reopen(Math.max(parser.retryMs(), askedMs, isRefused ? REFUSED_MS : 0) + backOff());
    }

    function listenToSilence() {
      if (env.now() - quietSince > (liveAt ? PATIENCE_BEATS * beatMs : OPEN_MS_MAX)) {
        showLost();
        return reopen(liveAt ? 0 : backOff());
      }
      timer = env.setTimeout(listenToSilence, LOOK_MS);
    }

    showLost();
    open();
    return {
      stop: letGo,
      /** When the server was last heard, in ms of `now`; NaN: never. */
      heardAt: () => heardAt,
      /** Somebody looks at the screen, or the network has changed. @param {boolean} isDoubtful  the connection may be
       *   dead although nothing says so */
      check(isDoubtful) {
        if (isDoubtful || !request || env.now() - quietSince > DOUBT_BEATS * beatMs) reopen(0);
      },
      /** The browser says that there is no network. */
      lose: () => show("offline"),
    };
  }

  return { TEXT_CHARS_MAX, follow };
})();
