// @ts-check
/** The events that the Socket.IO front end sent, as the commands that they are now. */

/** @typedef {{client: import("../sdk/client.js").Client, outbox: () => import("../sdk/outbox.js").Outbox}} Means */

const id = encodeURIComponent;

/** @type {Record<string, (means: Means, data: any) => Promise<any>>} */
export const SEED_COMMANDS = {
  "join-user-room": ({ client }, { userId }) => client.post("/v1/rooms/join", { room: `user-${userId}` }),
  "leave-user-room": ({ client }, { userId }) => client.post("/v1/rooms/leave", { room: `user-${userId}` }),
  "join-order-room": ({ client }, { orderId }) => client.post("/v1/rooms/join", { room: `order-${orderId}` }),
  "leave-order-room": ({ client }, { orderId }) => client.post("/v1/rooms/leave", { room: `order-${orderId}` }),
  "refresh-balance": ({ client }) => client.post("/v1/balance/refresh"),
  "track-my-orders": ({ client }, { orderIds } = {}) => client.post("/v1/orders/track", orderIds ? { orderIds } : {}),
  "order-created": createOrder,
  "update-order-status": updateStatus,
};

/** Pay for an order and place it. The client's own `orderId` is the idempotency key; the server's id is in the answer.
 * @param {Means} means
 * @param {any} data  `items`, or one `item` by its id or its name on the menu; `price`: what the person saw */
async function createOrder({ client }, { orderId, vendorId, items, item, quantity = 1, price }) {
  const lines = items ?? [{ itemId: await findItem(client, vendorId, item), quantity }];
  const body = { vendorId, items: lines, ...(price !== undefined && { expectedTotal: price }) };
  const answer = await client.command("/v1/orders", body, orderId === undefined ? {} : { key: `order-created.${orderId}` });
  return answer.data;
}

/** @param {import("../sdk/client.js").Client} client @param {string} vendorId @param {string} item
 * @returns {Promise<string>} its id */
async function findItem(client, vendorId, item) {
  const menu = await client.get(`/v1/vendors/${id(vendorId)}/menu`);
  const found = menu.items.find((/** @type {any} */ one) => one.itemId === item || one.name === item);
  return found?.itemId ?? item; // unknown: let the server say so
}

/** A step of a stall waits in the outbox while the server is away; a cancellation pays money back, so it does not.
 * @param {Means} means @param {any} data */
async function updateStatus({ client, outbox }, { orderId, status, estimatedTime, reason, from }) {
  if (status !== "cancelled") return outbox().add({ orderId, status, estimatedTime, from });
  return (await client.command(`/v1/orders/${id(orderId)}/cancel`, reason === undefined ? {} : { reason })).data;
}
