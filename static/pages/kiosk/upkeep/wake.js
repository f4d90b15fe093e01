// @ts-check
/** Keeps the screen awake, where the browser can do that. */

const BoardWake = (function () {
  "use strict";

  const AGAIN_MS = 60000; // the system may take the lock away, when the battery is low for example

  function keepAwake() {
    if (!("wakeLock" in navigator)) return;
    let isHeld = false;
    const hold = function () {
      if (isHeld || document.visibilityState !== "visible") return;
      isHeld = true;
      navigator.wakeLock.request("screen").then(
        function (lock) {
          lock.addEventListener("release", function () {
            isHeld = false;
          });
        },
        function () {
          isHeld = false;
        }
      );
    };
    document.addEventListener("visibilitychange", hold);
    setInterval(hold, AGAIN_MS);
    hold();
  }

  return { keepAwake };
})();
