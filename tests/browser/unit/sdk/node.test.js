// @ts-check
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import * as React from "react";
import { renderToString } from "react-dom/server";
import { createHooks } from "../../../../static/compat/react-hooks.js";
import { createClient, io } from "../../../../static/sdk/festival-push.js";

/** @param {(url: string) => Promise<void>} use  gets a server that knows who one is and tells one event */
async function withServer(use) {
  const server = createServer((request, response) => {
    if (request.headers.authorization !== "Bearer t") return void response.writeHead(401).end();
    if (request.url?.startsWith("/v1/stream")) {
      response.writeHead(200, { "Content-Type": "text/event-stream" });
      const hello = { userId: "anna", userType: "customer", heartbeat: 15, resumed: false, snapshot: { balance: 5, currency: "EUR", orders: [], unread: 0, rooms: [] } };
      response.write(`retry: 3000\n\nid: ab.1\nevent: connected\ndata: ${JSON.stringify(hello)}\n\n`);
      return void response.write('id: ab.2\nevent: order-ready\ndata: {"orderId":"o1"}\n\n');
    }
    response.writeHead(200, { "Content-Type": "application/json" }).end('{"userId":"anna","balance":5}');
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  try {
    await use(`http://127.0.0.1:${port}`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

test("in Node, without a window, a client asks and follows", async () => {
  assert.equal(typeof globalThis.window, "undefined");
  await withServer(async (url) => {
    const client = createClient({ baseUrl: url, token: "t" });
    assert.equal((await client.get("/v1/me")).balance, 5);
    const heard = /** @type {string[]} */ ([]);
    await new Promise((resolve) => {
      const stream = client.follow({
        userId: "anna",
        onEvent: (/** @type {string} */ type) => {
          heard.push(type);
          if (heard.length === 2) {
            stream.stop();
            resolve(undefined);
          }
        },
      });
    });
    assert.deepEqual(heard, ["connected", "order-ready"]);
  });
});

test("in Node a socket connects, too", async () => {
  await withServer(async (url) => {
    const socket = io(url, { auth: { token: "t", userId: "anna" } });
    const data = await new Promise((resolve) => socket.on("order-ready", resolve));
    assert.deepEqual(data, { orderId: "o1" });
    socket.close();
  });
});

test("a server renders a page that uses the hooks, and opens no stream for it", () => {
  const { useBalanceUpdates, useNotifications, useSocket } = createHooks(React, { url: "http://127.0.0.1:9", token: "t" });
  function Wallet() {
    const { isConnected } = useSocket("anna", true);
    useBalanceUpdates("anna", () => assert.fail("nobody looks at it yet"));
    useNotifications("anna", () => assert.fail("nobody looks at it yet"));
    return React.createElement("p", {}, isConnected ? "connected" : "not connected");
  }
  assert.equal(renderToString(React.createElement(Wallet)), "<p>not connected</p>");
});
