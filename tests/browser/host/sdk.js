// Somebody else's page: follows a stream and keeps what it is told where a test can see it.
import { createClient } from "/static/sdk/festival-push.js";

const fields = new URLSearchParams(location.hash.slice(1));
const token = fields.get("token");
window.seen = [];
window.states = [];
window.client = createClient(token ? { token } : {});
window.stream = window.client.follow({
  userId: fields.get("user"),
  onEvent: (type, data) => window.seen.push([type, data]),
  onState: (state) => window.states.push(state),
});
window.restored = 0;
addEventListener("pageshow", ({ persisted }) => (window.restored += persisted ? 1 : 0));
