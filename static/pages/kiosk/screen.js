// @ts-check
import { parseFragment } from "../../ui/session.js";
import { deviceStore } from "../../sdk/storage.js";

/** @typedef {{vendorId: string, token: string}} Screen  token: empty for a public board */

const NAME = "festival-push.screen";

/** @param {Screen} screen */
export const rememberScreen = (screen) => deviceStore.set(NAME, JSON.stringify(screen));

/** Which board this screen shows: from its link, `#vendor=…&token=…`, else as before the power cut.
 * `#setup` asks again. The link is kept on the device and leaves the address bar: a screen in public shows no token.
 * @returns {Screen | null} */
export function recallScreen() {
  const fields = parseFragment(location.hash);
  const vendorId = fields.get("vendor");
  if (fields.has("setup")) return null;
  if (vendorId) {
    rememberScreen({ vendorId, token: fields.get("token") ?? "" });
    history.replaceState(null, "", location.pathname + location.search);
  }
  try {
    const { vendorId: kept, token } = JSON.parse(deviceStore.get(NAME) ?? "{}");
    return kept ? { vendorId: String(kept), token: String(token ?? "") } : null;
  } catch {
    return null;
  }
}
