// @ts-check
import { tabStore } from "../../sdk/storage.js";

const EVERY_MS = 30_000;
const STALE_MS_MAX = 3 * 60_000;
const RELOAD_MS_MIN = 10 * 60_000;
const NAME = "festival-push.reloaded-at";

/** Reload the page when the board has not been live for long, because that mends whatever went wrong in it. It waits
 * until the server answers: otherwise the browser's error page would be on the screen, and never reload itself.
 * @param {() => boolean} isLive */
export function watchOver(isLive) {
  let liveAt = Date.now();
  setInterval(async () => {
    if (isLive()) liveAt = Date.now();
    const reloadedAt = Number(tabStore.get(NAME) ?? 0);
    if (Date.now() - liveAt < STALE_MS_MAX || Date.now() - reloadedAt < RELOAD_MS_MIN) return;
    try {
      const answer = await fetch("/healthz", { cache: "no-store" });
      if (!answer.ok) return;
      tabStore.set(NAME, String(Date.now()));
      location.reload();
    } catch {
      // Still away: ask again at the next tick.
    }
  }, EVERY_MS);
}
