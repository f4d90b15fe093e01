// @ts-check
import { setText } from "../js/dom.js";
import { startPage } from "../js/shell.js";
import { toast } from "../js/toast.js";
import { createHeld } from "./held.js";
import { createLedger } from "./ledger.js";
import { createPeople } from "./people.js";
import { createTopUp } from "./top-up.js";

/** @param {import("../js/types.js").Me} me @param {import("../js/festival-push.js").Client} client
 * @returns {import("../js/stream.js").Handlers} */
function start(me, client) {
  const { currency } = me;
  const ledger = createLedger(client, currency);
  const held = createHeld(client);
  createTopUp(client, currency);
  setText("top-up-currency", `in ${currency}`);
  void createPeople(client, currency);
  void ledger.load();
  void held.load();
  return {
    connected({ resumed }) {
      if (resumed) return; // the events that were missed follow
      void ledger.load();
      void held.load();
    },
    "new-transaction"(transaction) {
      ledger.add(transaction);
      if ([transaction.debit, transaction.credit].includes("held")) void held.load();
    },
    "new-notification"({ message, type, title }) {
      toast(message, type, title);
      void held.load(); // admins are told of money without an owner in this way
    },
    "session-expiring": () => toast("You will soon be signed out. Sign in again to keep watching.", "warning"),
  };
}

startPage({ role: "admin", start });
