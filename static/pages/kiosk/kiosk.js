// @ts-check
/** The pickup board of one stall. Nobody looks after this screen: it keeps trying for ever, and is set up once. */
import { byId, setText } from "../../ui/dom.js";
import { createClient } from "../../sdk/client.js";
import { showLink } from "../../ui/link-state.js";
import { createBoard } from "./board.js";
import { recallScreen, rememberScreen } from "./screen.js";
import { watchOver } from "./watchdog.js";

const CHECK_MS = 60_000; // a stream can be dead without the browser knowing: a GET of the board shows it

/** @param {import("./screen.js").Screen} screen */
function showBoard({ vendorId, token }) {
  const client = createClient(token ? { token } : {});
  const path = `/v1/boards/${encodeURIComponent(vendorId)}`;
  const board = createBoard();
  let stream = /** @type {{stop: () => void} | null} */ (null);
  let isLive = false;
  const followBoard = () => {
    stream?.stop();
    stream = client.follow({
      url: `${path}/stream`,
      forever: true,
      handlers: {
        connected: ({ snapshot }) => snapshot && board.show(snapshot),
        "board-updated": (whole) => board.show(whole),
      },
      onState(state) {
        isLive = state === "live";
        showLink(state);
        if (state === "signed-out") setText("link", "No access: open this stall's display link again");
      },
    });
  };
  byId("board").hidden = false;
  followBoard();
  watchOver(() => isLive);
  setInterval(() => {
    const shown = board.shown();
    // The stream is dead if the server has other numbers than the screen, and none arrived while we asked.
    client.get(path).then((whole) => {
      if (board.shown() !== shown || board.same(whole)) return;
      board.show(whole);
      followBoard();
    }, () => {}); // the stream shows by itself that the server is away
  }, CHECK_MS);
}

function askWhich() {
  const form = byId("setup");
  form.hidden = false;
  byId("link").hidden = true;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const value = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (byId(id)).value.trim();
    rememberScreen({ vendorId: value("vendor"), token: value("token") });
    history.replaceState(null, "", location.pathname);
    location.reload();
  });
}

function tick() {
  byId("clock").textContent = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" }).format(new Date());
}

addEventListener("hashchange", () => location.reload()); // another board's link, typed into this tab
tick();
setInterval(tick, 1_000);
const screen = recallScreen();
if (screen) showBoard(screen);
else askWhich();
