// @ts-check
/** The cash desk: find a guest, take and give money, answer for one's drawer. */
import { currencyOf } from "../../ui/format/money.js";
import { showSection } from "../../ui/sections.js";
import { parseFragment } from "../../ui/session.js";
import { startPage } from "../../ui/shell.js";
import { toast } from "../../ui/toast.js";
import { showAccount } from "../../ui/account/panel.js";
import { createAnnouncements } from "../../ui/announcements.js";
import { byId, setText, whileBusy } from "../../ui/dom.js";
import { noticeWords } from "../../ui/format/notices.js";
import { relationsOf } from "../../ui/state/accounts.js";
import { createBookings } from "./drawer/bookings.js";
import { createDrawer } from "./drawer/drawer.js";
import { createFind } from "./find/find.js";
import { followKeys } from "./find/keys.js";
import { createScan } from "./find/scan.js";
import { createCard } from "./guest/card.js";
import { createLost } from "./guest/lost.js";
import { createMoney } from "./guest/money.js";
import { createTickets } from "./guest/tickets.js";
import { undo } from "./undo.js";

/** @typedef {import("./undo.js").Booking} Booking */

const VIEWS = ["start", "guest", "drawer", "account"];
const AGE_MS = 15_000; // how often the time that is left to take something back is said anew
const LOOK_AGAIN_MS = 20_000; // at a card that stays open: the guest may be paying meanwhile

/** @type {() => void} */
let navigate = () => {};

/** @param {string} view @param {string} [guest]  their id */
const go = (view, guest = "") => {
  const hash = guest ? `#guest=${encodeURIComponent(guest)}` : `#view=${view}`;
  if (location.hash === hash) navigate();
  else location.hash = hash;
};

/** What the address asks for; pure. @param {string} hash @returns {{view: string, guest: string}} */
export function askedFor(hash) {
  const fields = parseFragment(hash);
  const [guest, view] = [fields.get("guest") ?? "", fields.get("view") ?? ""];
  return guest ? { view: "guest", guest } : { view: VIEWS.includes(view) && view !== "guest" ? view : "start", guest: "" };
}

/** @param {import("../../sdk/types.js").Me} me @param {import("../../sdk/festival-push.js").Client} client
 * @returns {import("../../sdk/wire/stream.js").Handlers} */
function start(me, client) {
  showAccount(byId("account"), client, me);
  const announcements = createAnnouncements(client, me.userId);
  const handlers = me.secondFactor === "missing" ? startAccount() : startDesk(me, client);
  const ofAnnouncements = (/** @type {string} */ type) => (/** @type {any} */ data) => announcements.apply(type, data);
  return {
    ...handlers,
    connected(/** @type {any} */ told) {
      if (!told.resumed) void announcements.load();
      handlers.connected?.(told);
    },
    "new-notification"(notice) {
      if (notice.type === "announcement") return announcements.apply("new-notification", notice);
      const { message, title } = noticeWords(notice, currencyOf(me));
      if (!notice.orderId && !notice.vendorId && notice.type !== "payment") toast(message, notice.type, title);
    },
    "announcement-changed": ofAnnouncements("announcement-changed"),
    "announcement-withdrawn": ofAnnouncements("announcement-withdrawn"),
    "session-expiring": () => toast("You will soon be signed out. Sign in again to go on.", "warning"),
  };
}

/** All that an organiser without a second factor has here. @returns {import("../../sdk/wire/stream.js").Handlers} */
function startAccount() {
  byId("find").closest(".find-pane")?.remove();
  for (const tab of Array.from(document.querySelectorAll(".tabs a:not([data-view=account])"))) tab.remove();
  showSection(VIEWS, "account");
  return {};
}

/** @param {import("../../sdk/types.js").Me} me @param {import("../../sdk/festival-push.js").Client} client
 * @returns {import("../../sdk/wire/stream.js").Handlers} */
function startDesk(me, client) {
  const currency = currencyOf(me);
  const isOrganiser = relationsOf(me).includes("admin");
  let byKey = false; // whether hands are on a keyboard: then the cursor goes where the next key belongs
  let done = /** @type {Booking | null} */ (null); // what was booked last, of the card on screen

  const say = (/** @type {string} */ words) => {
    byId("done").hidden = !words;
    setText("done-words", words);
  };
  const drawer = createDrawer(client, me, currency, { isOrganiser, changed() {
    money.show();
    bookings.load();
  } });
  const card = createCard(client, currency, () => {
    money.show();
    lost.show();
  });
  const moved = (/** @type {string} */ userId, /** @type {Partial<import("./guest/words.js").Card>} */ told) => {
    card.amend(userId, told);
    card.again();
    drawer.load();
    find.again();
  };
  const takeBack = async (/** @type {Booking} */ booking) => {
    const taken = await undo(client, booking, currency);
    if (taken && booking.transactionId === done?.transactionId) say("");
    moved(booking.userId ?? "", {});
  };
  const bookings = createBookings(client, currency, { drawerId: () => drawer.current()?.drawerId ?? null, isOrganiser, undo: takeBack, open: (userId) => go("guest", userId) });
  const money = createMoney(client, currency, { card: card.current, drawer: drawer.current, mayWithout: isOrganiser, booked(booking, words, told) {
    done = booking;
    say(words);
    moved(booking.userId ?? "", told);
    if (byKey) byId("done-next").focus();
    byId("done").scrollIntoView({ block: "nearest" });
  } });
  const find = createFind(client, currency, {
    pick(found, isKey) {
      byKey = isKey;
      if (lost.isMoving()) void lost.moveTo(found);
      else go("guest", found.userId);
    },
    changed: (isEmpty) => byId("panes").classList.toggle("searching", !isEmpty),
  });
  const lost = createLost(client, currency, {
    card: card.current,
    isOrganiser,
    changed: moved,
    moving(from) {
      if (!from) return;
      find.clear();
      go("start");
      find.focus();
    },
    open(userId) {
      find.clear();
      go("guest", userId);
    },
  });
  createTickets(client, currency, { card: card.current, isOrganiser, changed: moved });
  const toFind = () => {
    showSection(VIEWS, "start"); // at once: a key that was pressed is typed into the field
    find.focus();
    go("start");
  };
  createScan((text) => void find.look(text));
  followKeys(toFind);

  const next = (/** @type {MouseEvent} */ event) => {
    event.preventDefault();
    find.clear();
    toFind();
  };
  for (const id of ["guest-next", "done-next"]) byId(id).addEventListener("click", next);
  byId("done-undo").addEventListener("click", () => void (done && whileBusy(/** @type {HTMLButtonElement} */ (byId("done-undo")), () => takeBack(/** @type {Booking} */ (done)))));

  let shown = "";
  navigate = () => {
    const { view, guest } = askedFor(location.hash);
    const isNew = view === "guest" && guest !== shown;
    if (view === "guest" || view === "start") shown = guest;
    showSection(VIEWS, view, view === "guest" ? "start" : view);
    find.mark(guest);
    if (view === "drawer") drawer.open();
    if (view !== "guest") return;
    if (isNew) {
      [done] = [null];
      say("");
      money.turn();
    }
    void card.open(guest).then(() => isNew && byKey && guest === card.current()?.userId && money.focus());
  };
  setInterval(bookings.age, AGE_MS);
  const lookAgain = () => {
    if (document.visibilityState === "visible" && !byId("app").hidden && !byId("view-guest").hidden) card.again();
  };
  setInterval(lookAgain, LOOK_AGAIN_MS);
  document.addEventListener("visibilitychange", lookAgain);
  return {
    connected({ resumed }) {
      if (resumed) return; // what was not answered meanwhile is read again by itself
      drawer.load();
      navigate();
    },
  };
}

startPage({ role: "desk", start, navigate: () => navigate() });
