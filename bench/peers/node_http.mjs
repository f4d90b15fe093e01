// What one writes by hand in Node: the frame made once, one `write` a client.
import { createServer } from "node:http";
import { listenAndPublish } from "./publishing.mjs";

const clients = [];
const http = createServer((request, response) => {
  if (request.method !== "GET") return;
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
  response.write(": hello\n\n");
  response.on("close", () => clients.splice(clients.indexOf(response), 1));
  clients.push(response);
});
let position = 0;
const frame = (data) => `id: 5072d5a9.${++position}\nevent: new-notification\ndata: ${JSON.stringify(data)}\n\n`;
listenAndPublish(http, {
  toAll: (data) => {
    const bytes = Buffer.from(frame(data));
    for (const client of clients) client.write(bytes);
  },
  toOne: (number, data) => clients[number % clients.length].write(frame(data)),
});
