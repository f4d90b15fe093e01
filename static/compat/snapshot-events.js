// @ts-check
/** Turns a snapshot into the events that were missed, because code written for the old server knows events only. */
import { accountOf, tillOf, walletOf } from "../sdk/account.js";

/** @typedef {[type: string, data: any]} Told */

/** Which balance code of the old server means: a stall's page its till, everybody else their wallet; pure.
 * @param {string} userId  as the code calls its person: a person's id, or a stall's @param {string} userType
 * @param {any} snapshot @returns {{account: "wallet" | "till", userId: string, vendorId?: string, balance: number}} */
export function ownBalance(userId, userType, { balance, wallet, stalls = [] }) {
  const stall = userType === "vendor" ? (stalls.find((/** @type {any} */ one) => one.vendorId === userId) ?? stalls[0]) : undefined;
  if (stall) return { account: "till", userId: stall.vendorId, vendorId: stall.vendorId, balance: stall.balance };
  return { account: "wallet", userId, balance: wallet?.balance ?? balance };
}

/** @param {string} userId  whose socket it is */
export function createSnapshotEvents(userId) {
  let balance = /** @type {number | null} */ (null);
  let account = walletOf(userId);
  const statuses = /** @type {Map<string, string>} */ (new Map());
  // A server that doesn't say `account` has one for each id.
  const isOwn = (/** @type {any} */ data) => (data.account === undefined ? [walletOf(data.userId), tillOf(data.userId)].includes(account) : accountOf(data) === account);

  return {
    /** Return whether a `balance-updated` is about the balance that this socket's code shows; a stream may bring news of
     * other accounts. @param {any} data */
    isOwn,
    /** Remember what an event says. @param {string} type @param {any} data */
    hear(type, data) {
      if (type === "connected" && data.snapshot) account = accountOf(ownBalance(userId, data.userType, data.snapshot));
      if (type === "balance-updated" && isOwn(data)) balance = data.newBalance;
      if (type === "order-status-changed") statuses.set(data.orderId, data.status);
    },
    /** @param {string} userType @param {any} snapshot @returns {Told[]} */
    eventsOf(userType, snapshot) {
      /** @type {Told[]} */
      const told = [];
      const { balance: newBalance, ...own } = ownBalance(userId, userType, snapshot);
      if (newBalance !== balance) {
        const oldBalance = balance ?? newBalance;
        const about = snapshot.wallet ? own : { userId }; // a server that doesn't say `account` in events doesn't here
        told.push(["balance-updated", { ...about, newBalance, oldBalance, amount: newBalance - oldBalance, reason: "snapshot" }]);
      }
      for (const { orderId, status, estimatedTime, items, number, vendorId } of snapshot.orders) {
        const known = statuses.get(orderId);
        statuses.set(orderId, status);
        if (known === undefined || known === status) continue;
        const itemName = items.map((/** @type {any} */ { quantity, name }) => `${quantity} × ${name}`).join(", ");
        told.push(["order-status-changed", { orderId, status, estimatedTime, itemName, number, vendorId }]);
        if (status === "ready") told.push(["order-ready", { orderId, itemName, vendorId, number, message: `Order ${number} is ready for pickup.` }]);
      }
      balance = newBalance;
      return told;
    },
  };
}
