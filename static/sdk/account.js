// @ts-check
/** Whose money something is about. A person has a wallet, and perhaps an allowance; a stall has a till. One stream may
 * bring news of several. */

/** Events, transactions and payouts name their account. userId: of a till it is the stall's id; vendorId: of a till.
 * @typedef {{account?: "wallet" | "till" | "allowance" | string, userId?: string | null, vendorId?: string | null}} OfAccount */

/** @param {string} userId */
export const walletOf = (userId) => `user:${userId}`;

/** @param {string} vendorId */
export const tillOf = (vendorId) => `till:${vendorId}`;

/** @param {string} userId */
export const allowanceOf = (userId) => `allowance:${userId}`;

/** Name the account that something is about: `user:<userId>` for a wallet, `till:<vendorId>` for a till,
 * `allowance:<userId>` for what buys at stalls and is never paid out; pure. A server that doesn't say `account` tells them apart by `userId` alone.
 * @param {OfAccount} about @param {readonly string[]} [vendorIds]  stalls whose id such a server gives as `userId`
 * @returns {string} */
export function accountOf({ account, userId, vendorId }, vendorIds = []) {
  if (account === "allowance") return allowanceOf(userId ?? "");
  const isTill = account === undefined ? vendorIds.includes(userId ?? "") : account === "till";
  return isTill ? tillOf(vendorId ?? userId ?? "") : walletOf(userId ?? "");
}
