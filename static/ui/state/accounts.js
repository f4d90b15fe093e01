// @ts-check
/** The balances that a person may see: their own wallet and allowance, and the tills of the stalls that they keep. Each is kept by its
 * account, so a page shows only the one that it is about. */
import { accountOf, allowanceOf, tillOf, walletOf } from "../../sdk/account.js";
import { createReading } from "./reading.js";

/** @typedef {import("../../sdk/types.js").Me} Me */
/** @typedef {import("../../sdk/types.js").Snapshot} Snapshot */

/** The stalls that somebody keeps, first the one they have kept longest; pure. A server that names no relations knows
 * one stall of a vendor. @param {Me} me @returns {import("../../sdk/types.js").KeptStall[]} */
export function stallsOf(me) {
  if (me.stalls) return me.stalls;
  return me.userType === "vendor" ? [{ vendorId: me.vendorId ?? me.userId, name: me.name, part: "owner", balance: me.balance }] : [];
}

/** What somebody is, besides a guest; pure. @param {Me} me @returns {string[]} */
export const relationsOf = (me) => me.is ?? [me.userType === "vendor" ? "keeper" : me.userType];

/** Name one side of somebody, as commands and questions do: their own, or a stall's; pure. A server that knows no sides is
 * told none. @param {Me} me @param {string} [vendorId] @returns {Record<string, string>} */
export const sideOf = (me, vendorId) => (!me.wallet ? {} : vendorId === undefined ? { account: "wallet" } : { account: "till", vendorId });

/** The same for an address that has a query already; pure. @param {Record<string, string>} side */
export const queryOf = (side) => Object.entries(side).map(([name, value]) => `&${name}=${encodeURIComponent(value)}`).join("");

/** Return the balances that `GET /v1/me` or a snapshot tells, by account; pure.
 * @param {Pick<Me, "userId" | "userType" | "vendorId">} me @param {Me | Snapshot} told @returns {Map<string, number>} */
export function balancesOf(me, told) {
  if (told.wallet) {
    return new Map([[walletOf(me.userId), told.wallet.balance], [allowanceOf(me.userId), told.wallet.allowance ?? 0],
      ...(told.stalls ?? []).map(({ vendorId, balance }) => /** @type {[string, number]} */ ([tillOf(vendorId), balance]))]);
  }
  return new Map([[me.userType === "vendor" ? tillOf(me.vendorId ?? me.userId) : walletOf(me.userId), told.balance]]);
}

/** The open orders that somebody has placed themself, as `GET /v1/me` or a snapshot tells them; pure.
 * @param {Me | Snapshot} told */
export const ownOrdersOf = ({ ownOrders, orders }) => ownOrders ?? orders;

/** The open orders of a stall that they keep; pure. @param {Me | Snapshot} told @param {string} vendorId */
export const stallOrdersOf = ({ stalls, orders }, vendorId) =>
  (stalls?.find((stall) => stall.vendorId === vendorId)?.orders ?? orders).filter((order) => order.vendorId === vendorId);

/** Keep them. @param {Me} me @param {() => void} show  called after every change */
export function createAccounts(me, show) {
  const balances = balancesOf(me, me);
  const vendorIds = stallsOf(me).map(({ vendorId }) => vendorId);
  const reading = createReading(show);
  /** @param {string} account @param {number} amount */
  const put = (account, amount) => void balances.set(account, amount);

  return {
    /** @param {string} account @returns {number} minor units; 0 of an account that this person may not see */
    balance: (account) => balances.get(account) ?? 0,
    /** What somebody can buy for: the wallet, and the allowance before it. @param {string} userId */
    spendable: (userId) => (balances.get(walletOf(userId)) ?? 0) + (balances.get(allowanceOf(userId)) ?? 0),
    /** Take a `balance-updated`. @param {any} data @returns {string} whose balance it was */
    apply(data) {
      const account = accountOf(data, vendorIds);
      if (balances.has(account)) reading.change(() => put(account, data.newBalance)); // else somebody else's
      return account;
    },
    /** Take all that a snapshot tells. @param {Snapshot} snapshot */
    restore: (snapshot) => reading.change(() => balancesOf(me, snapshot).forEach((amount, account) => put(account, amount))),
    /** Take what the answer to a command tells. @param {string} account @param {number} amount */
    set: (account, amount) => reading.change(() => put(account, amount)),
    /** Read one balance from the server. @param {string} account @param {() => Promise<{balance: number}>} ask
     * @returns {Promise<unknown>} fails as `ask` does */
    read: (account, ask) => reading.read(ask, ({ balance }) => put(account, balance)),
  };
}
