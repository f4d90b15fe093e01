// A program of somebody else, with the client that openapi-typescript makes of our document: it buys one thing.
import createClient from "openapi-fetch";
import type { paths } from "./api.js";

declare const process: { argv: string[] };
const [baseUrl = "", token = "", vendorId = "", itemId = ""] = process.argv.slice(2);
const client = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${token}` } });

const me = await client.GET("/v1/me");
const wish = { vendorId, items: [{ itemId, quantity: 2 }] }; // no notes: they may be left out
const bought = await client.POST("/v1/orders", { params: { header: { "Idempotency-Key": "one" } }, body: wish });
const missing = await client.GET("/v1/orders/{orderId}", { params: { path: { orderId: "none" } } });
const orders = await client.GET("/v1/orders");
const { error } = missing;
console.log(
  JSON.stringify({
    before: me.data?.balance,
    total: bought.data?.order.total ?? bought.error,
    listed: orders.data?.items.length,
    refused: error && "code" in error ? error.code : undefined,
  }),
);
// @ts-expect-error: there is no such route
export const astray = () => client.GET("/v1/mine");
// @ts-expect-error: a line has a quantity
export const incomplete: paths["/v1/orders"]["post"]["requestBody"]["content"]["application/json"] = { vendorId, items: [{ itemId }] };
