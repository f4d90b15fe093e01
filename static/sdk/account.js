// @ts-check
/** Whose money something is about. A person has a wallet, a stall has a till; one stream may bring news of several. */

/** Events, transactions and payouts name their account. userId: of a till it is the stall's id; vendorId: of a till.
 * @typedef {{account?: "wallet" | "till" | string, userId?: string | null, vendorId?: string | null}} OfAccount */

/** @param {string} userId */
export const walletOf = (userId) => `user:${userId}`;

/** @param {string} vendorId */
export const tillOf = (vendorId) => `till:${vendorId}`;

/** Name the account that something is about: `user:<userId>` for a wallet, `till:<vendorId>` for a till; pure. A server
 * that doesn't say `account` tells them apart by `userId` alone.
 * @param {OfAccount} about @param {readonly string[]} [vendorIds]  stalls whose id such a server gives as `userId`
 * @returns {string} */
export function accountOf({ account, userId, vendorId }, vendorIds = []) {
  const isTill = account === undefined ? vendorIds.includes(userId ?? "") : account === "till";
  return isTill ? tillOf(vendorId ?? userId ?? "") : walletOf(userId ?? "");
}
