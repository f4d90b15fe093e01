// @ts-check
import { currencyOf } from "../../ui/format/money.js";
import { showSection } from "../../ui/sections.js";
import { parseFragment } from "../../ui/session.js";
import { startPage } from "../../ui/shell.js";
import { toast } from "../../ui/toast.js";
import { showAccount } from "../../ui/account/panel.js";
import { byId, setText } from "../../ui/dom.js";
import { noticeWords } from "../../ui/format/notices.js";
import { relationsOf } from "../../ui/state/accounts.js";
import { createAnnounce } from "./announce.js";
import { createClaims } from "./claims.js";
import { createConfirmations } from "./deeds/confirmations.js";
import { createDeeds } from "./deeds/deeds.js";
import { createCodes } from "./stalls/codes.js";
import { createConnections } from "./people/connections.js";
import { suggestPeople } from "./people/find.js";
import { createHeld } from "./today/held.js";
import { createLedger } from "./today/ledger.js";
import { createOrders } from "./orders.js";
import { createOverview } from "./today/overview.js";
import { createPayouts } from "./payouts/payouts.js";
import { createRuns } from "./payouts/runs.js";
import { createPeople } from "./people/people.js";
import { createReports } from "./reports/reports.js";
import { createStalls } from "./stalls/stalls.js";
import { createTopUp } from "./today/top-up.js";
import { createUnread } from "./today/unread.js";

const VIEWS = ["today", "orders", "payouts", "people", "stalls", "reports", "announce", "deeds", "account"];
const SECOND = ["ask-second", "confirm", "refuse"]; // the deeds that change what waits for a second person
const UNREAD = ["book-unread", "dismiss-unread"]; // those that answer a report that could not be read

/** @type {() => void} */
let navigate = () => {};

/** Let the address name the section. @param {readonly string[]} views @param {(view: string) => void} opened */
function followAddress(views, opened) {
  const show = () => {
    const asked = parseFragment(location.hash).get("view") ?? "";
    const view = views.includes(asked) ? asked : (views[0] ?? "account");
    showSection(VIEWS, view);
    return view;
  };
  navigate = () => opened(show());
  show();
}

/** @param {import("../../sdk/types.js").Me} me @param {import("../../sdk/festival-push.js").Client} client
 * @returns {import("../../sdk/wire/stream.js").Handlers} */
function start(me, client) {
  const currency = currencyOf(me);
  createTopUp(client, currency);
  suggestPeople(client);
  setText("top-up-currency", `in ${currency.currency}`);
  showAccount(byId("account"), client, me);
  if (me.secondFactor === "missing") return startPart(["account"]);
  return startOffice(me, client);
}

/** A part of the office: the own account for an organiser without a second factor.
 * @param {readonly string[]} views @returns {import("../../sdk/wire/stream.js").Handlers} */
function startPart(views) {
  for (const element of Array.from(document.querySelectorAll("[data-organiser]"))) element.remove();
  for (const link of Array.from(document.querySelectorAll(".tabs a"))) if (!views.includes(link.getAttribute("data-view") ?? "")) link.remove();
  followAddress(views, () => {});
  return {
    "new-notification": ({ message, type, title }) => void (type === "announcement" && toast(message, type, title)),
    "session-expiring": () => toast("You will soon be signed out. Sign in again to go on.", "warning"),
  };
}

/** @param {import("../../sdk/types.js").Me} me @param {import("../../sdk/festival-push.js").Client} client
 * @returns {import("../../sdk/wire/stream.js").Handlers} */
function startOffice(me, client) {
  const currency = currencyOf(me);
  const [overview, ledger, held] = [createOverview(client, currency), createLedger(client, currency), createHeld(client)];
  const [orders, stalls] = [createOrders(client, currency), createStalls(client, currency)];
  const payouts = createPayouts(client, currency, (payout) => runs.takeOut(payout));
  const runs = createRuns(client, currency, payouts);
  const [people, connections] = [createPeople(client, me, stalls.vendors), createConnections(client)];
  const [deeds, confirmations] = [createDeeds(client, currency), createConfirmations(client, currency, me.userId)];
  const [unread, claims] = [createUnread(client, currency), createClaims(client, currency)];
  const reports = createReports(client, currency, stalls.vendors);
  createCodes(client);
  const announce = createAnnounce(client, currency);

  /** By section: reads it again when somebody opens it. @type {Record<string, () => void>} */
  const open = {
    today: overview.open,
    orders: orders.open,
    payouts() {
      payouts.open();
      runs.open();
      claims.open();
    },
    stalls: () => void stalls.load(),
    reports: () => void stalls.load().then(reports.open),
    announce: announce.open,
    deeds: deeds.open,
    people() {
      connections.open();
      void stalls.load().then(people.open);
    },
  };
  followAddress(VIEWS, (view) => open[view]?.());

  return {
    connected({ resumed }) {
      if (resumed) return; // the events that were missed follow
      void ledger.load();
      void held.load();
      void unread.load();
      confirmations.load();
      navigate();
    },
    "new-transaction"(transaction) {
      ledger.add(transaction);
      overview.changed();
      orders.changed();
      if ([transaction.debit, transaction.credit].includes("held")) void held.load();
      if (transaction.kind === "payout") payouts.changed();
    },
    "new-notification"(notice) {
      const { type, orderId, vendorId } = notice;
      if (orderId || vendorId || type === "payment") return; // the organiser's own orders and wallet, or a stall of theirs
      const { message, title } = noticeWords(notice, currency);
      toast(message, type, title);
      if (type === "announcement") announce.changed();
      overview.changed();
      void held.load(); // admins are told of money without an owner in this way
      void unread.load();
      if (!byId("view-payouts").hidden) claims.open();
    },
    "payout-run-updated"() {
      runs.changed();
      payouts.changed();
    },
    "new-deed"(deed) {
      deeds.add(deed);
      if (SECOND.includes(deed.act)) confirmations.load();
      if (UNREAD.includes(deed.act)) void unread.load();
    },
    "announcement-changed": announce.changed, // those to everyone; what other organisers do for guests alone shows on opening
    "announcement-withdrawn": announce.changed,
    "session-expiring": () => toast("You will soon be signed out. Sign in again to keep watching.", "warning"),
  };
}

/** A cashier works at the desk, and has nothing else of the office; pure. @param {import("../../sdk/types.js").Me} me */
const insteadOf = (me) => (relationsOf(me).includes("cashier") && !relationsOf(me).includes("admin") ? "desk" : null);

startPage({ role: "admin", instead: insteadOf, start, navigate: () => navigate() });
