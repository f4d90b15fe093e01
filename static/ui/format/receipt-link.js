// @ts-check
/** The way to a receipt. A tab that has a token of its own stays the same person there. */
import { el } from "../dom.js";
import { carryToken } from "../session.js";

/** The address of a receipt; pure. @param {{orderId?: string | null, transactionId?: string}} of  an order, or a top-up */
export const receiptPath = ({ orderId, transactionId = "" }) =>
  `/receipt/?${orderId ? "order" : "transaction"}=${encodeURIComponent(orderId || transactionId)}`;

/** @param {{orderId?: string | null, transactionId?: string}} of @param {string} here  the page's folder
 * @param {Record<string, any>} [attributes] */
export const receiptLink = (of, here, attributes = {}) =>
  el("a", { class: "button receipt-button", ...attributes, href: receiptPath(of), onclick: () => carryToken(here, "receipt") }, "Receipt");
