// @ts-check
/** What a scanned give-back is, and what is said of one that can't be taken. Pure. */

/** @typedef {{giveBackId: string, vendorName: string, items: {name: string, quantity: number, deposit: number}[],
 *   total: number, status: "open" | "claimed" | "expired", claimedByYou: boolean, expiresAt: string}} Offer */

/** Title and text that are shown instead of an offer. @type {Record<string, [string, string]>} */
const OVER = {
  none: ["Nothing to take here", "This address is not a whole QR code. Scan it again."],
  unknown: ["This code is not valid any more", "Ask the stall for a new one."],
  claimed: ["Already taken", "Somebody else has taken this deposit already."],
  expired: ["Too late", "The time to take this deposit is over. Ask the stall for a new code."],
};

/** The id in a scanned address; null: there is none. @param {string} search */
export const readAddress = (search) => new URLSearchParams(search).get("offer") || null;

/** @param {keyof typeof OVER | string} which @returns {[string, string]} */
export const overWords = (which) => /** @type {[string, string]} */ (OVER[which]);

/** What the page shows of an offer: the offer itself, that this person has it, or why they don't.
 * @param {Offer} offer @returns {"offer" | "taken" | "claimed" | "expired"} */
export const shownOf = ({ status, claimedByYou }) => (status === "open" ? "offer" : claimedByYou ? "taken" : status);
