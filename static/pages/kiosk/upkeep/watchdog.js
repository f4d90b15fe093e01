// @ts-check
/** Reloads the page when its boards have not been live for long, because that mends whatever went wrong in it. */

const BoardWatchdog = (function () {
  "use strict";

  const EVERY_MS = 30000;
  const STALE_MS_MAX = 3 * 60000;
  const RELOAD_MS_MIN = 10 * 60000;
  const NAME = "festival-push.reloaded-at";

  function reloadedAt() {
    try {
      return Number(sessionStorage.getItem(NAME));
    } catch (error) {
      return Date.now(); // can't be remembered: rather never reload than all the time
    }
  }

  function reload() {
    try {
      sessionStorage.setItem(NAME, String(Date.now()));
      location.reload();
    } catch (error) {
      // As above.
    }
  }

  /** It waits until the server answers: otherwise the browser's error page would be on the screen, and never reload
   * itself. @param {() => boolean} isLive */
  function watchOver(isLive) {
    let liveAt = performance.now();
    setInterval(function () {
      if (isLive()) liveAt = performance.now();
      const sinceMs = Date.now() - reloadedAt();
      // A clock that was set back would make the last reload lie in the future.
      if (performance.now() - liveAt < STALE_MS_MAX || (sinceMs >= 0 && sinceMs < RELOAD_MS_MIN)) return;
      BoardHttp.ask("GET", "/healthz", {}, function (answer) {
        if (answer.status === 200) reload();
      });
    }, EVERY_MS);
  }

  return { watchOver };
})();
