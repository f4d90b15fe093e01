// @ts-check
/** Turns a snapshot into the events that were missed, because code written for the old server knows events only. */

/** @typedef {[type: string, data: any]} Told */

export function createSnapshotEvents() {
  let balance = /** @type {number | null} */ (null);
  const statuses = /** @type {Map<string, string>} */ (new Map());

  return {
    /** Remember what an event says. @param {string} type @param {any} data */
    hear(type, data) {
      if (type === "balance-updated") balance = data.newBalance;
      if (type === "order-status-changed") statuses.set(data.orderId, data.status);
    },
    /** @param {string} userId @param {any} snapshot @returns {Told[]} */
    eventsOf(userId, snapshot) {
      /** @type {Told[]} */
      const told = [];
      if (snapshot.balance !== balance) {
        const oldBalance = balance ?? snapshot.balance;
        told.push(["balance-updated", { userId, newBalance: snapshot.balance, oldBalance, amount: snapshot.balance - oldBalance, reason: "snapshot" }]);
      }
      for (const { orderId, status, estimatedTime, items, number, vendorId } of snapshot.orders) {
        const known = statuses.get(orderId);
        statuses.set(orderId, status);
        if (known === undefined || known === status) continue;
        const itemName = items.map((/** @type {any} */ { quantity, name }) => `${quantity} × ${name}`).join(", ");
        told.push(["order-status-changed", { orderId, status, estimatedTime, itemName, number, vendorId }]);
        if (status === "ready") told.push(["order-ready", { orderId, itemName, vendorId, number, message: `Order ${number} is ready for pickup.` }]);
      }
      balance = snapshot.balance;
      return told;
    },
  };
}
