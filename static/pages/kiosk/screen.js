// @ts-check
/** Which stalls this screen shows: from its link, else as before the power cut. */

/** @typedef {{vendorId: string, token: string}} BoardScreen  token: empty for a public board */

const BoardScreens = (function () {
  "use strict";

  const NAME = "festival-push.screen";
  const STALLS_MAX = 4; // a stream each; over HTTP/1.1 a browser opens six connections, and requests need some

  /** @param {string} text */
  function decoded(text) {
    try {
      return decodeURIComponent(text.replace(/\+/g, " "));
    } catch (error) {
      return text;
    }
  }

  /** Whether a token may be a display's. A person's in a link would stay on a screen that nobody looks after, and does
   * more than show a board. What can't be read is for the server to refuse. @param {string} token */
  function mayBeDisplays(token) {
    try {
      const claims = JSON.parse(atob(String(token.split(".")[1]).replace(/-/g, "+").replace(/_/g, "/")));
      return typeof claims.aud !== "string" || /:display$/.test(claims.aud);
    } catch (error) {
      return true;
    }
  }

  /** The stalls in a link's fragment: `#vendor=…&token=…`, up to four pairs. A token belongs to the stall before it, or
   * to the first.
   * @param {string} hash @returns {BoardScreen[]} */
  function parse(hash) {
    let screens = /** @type {BoardScreen[]} */ ([]);
    let pair = { vendorId: "", token: "" };
    hash.replace(/^[^#]*#/, "").split("&").forEach(function (field) {
      const value = decoded(field.replace(/^[^=]*=?/, ""));
      const name = field.split("=")[0];
      if (name === "vendor" && value) {
        pair = { vendorId: value, token: pair.vendorId ? "" : pair.token };
        screens = withScreen(screens, pair);
      }
      if (name === "token" && mayBeDisplays(value)) pair.token = value;
    });
    return screens.slice(0, STALLS_MAX);
  }

  /** Add a stall, or give it a new token. @param {BoardScreen[]} screens @param {BoardScreen} screen
   * @returns {BoardScreen[]} */
  const withScreen = (screens, screen) => without(screens, screen.vendorId).concat([screen]);

  /** @param {BoardScreen[]} screens @param {string} vendorId @returns {BoardScreen[]} */
  const without = (screens, vendorId) => screens.filter((one) => one.vendorId !== vendorId);

  /** What an earlier page has kept; versions before kept one stall. @param {string | null} kept
   * @returns {BoardScreen[]} */
  function parseKept(kept) {
    try {
      const found = JSON.parse(kept || "[]");
      const all = Array.isArray(found) ? found : [found];
      const screens = all.filter((one) => one && one.vendorId).map((one) => ({ vendorId: String(one.vendorId), token: String(one.token || "") }));
      return screens.slice(0, STALLS_MAX);
    } catch (error) {
      return [];
    }
  }

  let memory = /** @type {string | null} */ (null); // where the browser keeps nothing

  /** @param {BoardScreen[]} screens */
  function remember(screens) {
    memory = JSON.stringify(screens);
    try {
      localStorage.setItem(NAME, memory);
    } catch (error) {
      // A private window, or a full disk: the screen works until it is switched off.
    }
  }

  /** @returns {BoardScreen[]} */
  function remembered() {
    if (memory !== null) return parseKept(memory);
    try {
      return parseKept(localStorage.getItem(NAME));
    } catch (error) {
      return [];
    }
  }

  /** The stalls of the link that opened this page, else the remembered ones. The link is kept on the device and leaves
   * the address bar: a screen in public shows no token. @returns {BoardScreen[]} */
  function recall() {
    const screens = parse(location.hash);
    if (screens.length) {
      remember(screens);
      history.replaceState(null, "", location.pathname + location.search);
    }
    return remembered();
  }

  return { STALLS_MAX, parse, parseKept, withScreen, without, remember, remembered, recall };
})();
