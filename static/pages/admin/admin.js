// @ts-check
import { currencyOf } from "../../ui/format/money.js";
import { setText } from "../../ui/dom.js";
import { showSection } from "../../ui/sections.js";
import { parseFragment } from "../../ui/session.js";
import { startPage } from "../../ui/shell.js";
import { toast } from "../../ui/toast.js";
import { createAnnounce } from "./announce.js";
import { createCodes } from "./stalls/codes.js";
import { createConnections } from "./connections.js";
import { suggestPeople } from "./find.js";
import { createHeld } from "./today/held.js";
import { createLedger } from "./today/ledger.js";
import { createOrders } from "./orders.js";
import { createOverview } from "./today/overview.js";
import { createPayouts } from "./payouts.js";
import { createPeople } from "./people.js";
import { createStalls } from "./stalls/stalls.js";
import { createTopUp } from "./today/top-up.js";

const VIEWS = ["today", "orders", "payouts", "people", "stalls", "announce"];

/** @type {() => void} */
let navigate = () => {};

/** @param {import("../../sdk/types.js").Me} me @param {import("../../sdk/festival-push.js").Client} client
 * @returns {import("../../sdk/wire/stream.js").Handlers} */
function start(me, client) {
  const currency = currencyOf(me);
  const [overview, ledger, held] = [createOverview(client, currency), createLedger(client, currency), createHeld(client)];
  const [orders, payouts, stalls] = [createOrders(client, currency), createPayouts(client, currency), createStalls(client, currency)];
  const [people, connections] = [createPeople(client, currency, stalls.vendors), createConnections(client)];
  createTopUp(client, currency);
  createCodes(client);
  const announce = createAnnounce(client, currency);
  suggestPeople(client);
  setText("top-up-currency", `in ${currency.currency}`);

  /** By section: reads it again when somebody opens it. @type {Record<string, () => void>} */
  const open = {
    today: overview.open,
    orders: orders.open,
    payouts: payouts.open,
    stalls: () => void stalls.load(),
    announce: announce.open,
    people() {
      connections.open();
      void stalls.load().then(people.open);
    },
  };
  let view = "today";
  const show = () => {
    const asked = parseFragment(location.hash).get("view") ?? "";
    view = VIEWS.includes(asked) ? asked : "today";
    showSection(VIEWS, view);
  };
  navigate = () => {
    show();
    open[view]?.();
  };
  show();

  return {
    connected({ resumed }) {
      if (resumed) return; // the events that were missed follow
      void ledger.load();
      void held.load();
      open[view]?.();
    },
    "new-transaction"(transaction) {
      ledger.add(transaction);
      overview.changed();
      orders.changed();
      if ([transaction.debit, transaction.credit].includes("held")) void held.load();
      if (transaction.kind === "payout") payouts.changed();
    },
    "new-notification"({ message, type, title }) {
      toast(message, type, title);
      if (type === "announcement") announce.changed();
      overview.changed();
      void held.load(); // admins are told of money without an owner in this way
    },
    "announcement-changed": announce.changed, // those to everyone; what other organisers do for guests alone shows on opening
    "announcement-withdrawn": announce.changed,
    "session-expiring": () => toast("You will soon be signed out. Sign in again to keep watching.", "warning"),
  };
}

startPage({ role: "admin", start, navigate: () => navigate() });
