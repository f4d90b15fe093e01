// @ts-check
/**
 * The client of Festival Push: commands by POST, everything else by one stream.
 *
 *     const client = createClient({ token });               // without a token: the session cookie
 *     const me = await client.get("/v1/me");
 *     const handlers = { "balance-updated": (event) => show(event.newBalance) };
 *     client.follow({ userId: me.userId, handlers, onState: showLink });
 *     await client.command("/v1/orders", { vendorId, items, expectedTotal });
 */
export { accountOf } from "./account.js";
export { createClient } from "./client.js";
export { ProblemError } from "./problem.js";
export { io } from "../compat/socket.js";

/** @typedef {import("./client.js").Client} Client */
