// @ts-check
/** Reads from the server what a scanned address offers to pay. Only ids are taken from the address itself. */

import { depositOf } from "../../ui/format/items.js";

/** @typedef {import("../../sdk/festival-push.js").Client} Client */
/** @typedef {import("../../sdk/types.js").MenuItem} MenuItem */
/** @typedef {{requestId: string} | {vendorId: string, itemId: string} | {orderId: string} | null} Scanned
 *   null: no code of ours */
/** @typedef {{name: string, quantity: number, total: number, notes?: string | null, ageMin?: number | undefined, deposit?: number}} Line */
/** @typedef {object} Offer
 * @property {"open" | "paid" | "expired" | "gone"} status
 * @property {string} vendorId
 * @property {string} vendorName
 * @property {boolean} vendorOpen
 * @property {Line[]} lines
 * @property {number} total  minor units, without the deposit
 * @property {number} deposit  beside it
 * @property {MenuItem} [item]  for sale in any number; otherwise the lines stand as they are
 * @property {string} [expiresAt]
 * @property {string} [orderId]  the order that was paid, shown to the person who paid it
 * @property {{path: string, body: unknown}} wish  the command that pays it
 */

export const QUANTITY_MAX = 99;

/** @param {string} search  of the address @returns {Scanned} */
export function readAddress(search) {
  const fields = new URLSearchParams(search);
  const [requestId, vendorId, itemId, orderId] = ["request", "vendor", "item", "order"].map((name) => fields.get(name));
  if (orderId) return { orderId };
  if (requestId) return { requestId };
  return vendorId && itemId ? { vendorId, itemId } : null;
}

/** One item of a menu, so many times. @param {MenuItem} item @param {{name: string, open?: boolean, attended?: boolean}} vendor
 * @param {number} quantity @returns {Offer} */
export function itemOffer(item, vendor, quantity) {
  const { vendorId, itemId, name, price, available, ageMin, deposit = 0 } = item;
  const total = price * quantity;
  return {
    status: available ? "open" : "gone", vendorId, vendorName: vendor.name, vendorOpen: vendor.open !== false && vendor.attended !== false, item, total, deposit: deposit * quantity,
    lines: [{ name, quantity, total, ageMin, deposit }],
    wish: { path: "/v1/orders", body: { vendorId, items: [{ itemId, quantity }], expectedTotal: total, expectedDeposit: deposit * quantity } },
  };
}

/** @param {any} request  as `GET /v1/payment-requests/{requestId}` tells it @returns {Offer} */
export function requestOffer(request) {
  const { status, vendorId, vendorName, vendorOpen, items, total, expiresAt, orderId, requestId } = request;
  const path = `/v1/payment-requests/${encodeURIComponent(requestId)}/pay`;
  return { status, vendorId, vendorName, vendorOpen, lines: items, total, deposit: depositOf(items), expiresAt, orderId, wish: { path, body: {} } };
}

/** @param {Client} client @param {Exclude<Scanned, {orderId: string} | null>} scanned @param {number} quantity
 * @returns {Promise<Offer | null>}
 *   null if it does not exist (any more) @throws {import("../../sdk/problem.js").ProblemError} */
export async function readOffer(client, scanned, quantity) {
  if ("requestId" in scanned) {
    return requestOffer(await client.get(`/v1/payment-requests/${encodeURIComponent(scanned.requestId)}`));
  }
  const [vendors, menu] = await Promise.all([
    client.get("/v1/vendors"),
    client.get(`/v1/vendors/${encodeURIComponent(scanned.vendorId)}/menu`),
  ]);
  const vendor = vendors.items.find((/** @type {any} */ { vendorId }) => vendorId === scanned.vendorId);
  const item = menu.items.find((/** @type {any} */ { itemId }) => itemId === scanned.itemId);
  return vendor && item ? itemOffer(item, vendor, quantity) : null;
}
