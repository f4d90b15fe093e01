// uWebSockets.js: server-sent events by hand, the frame made once, one corked `write` a client and event. Its authors
// publish on GitHub alone; this is the one build of a registry that runs here. What it would load where its binary does
// not run is a slow copy in JavaScript, so the binary is asked for by name.
import { createRequire } from "node:module";
import { ANSWER, publishing } from "./publishing.mjs";

const { arch, platform, versions } = process;
const binary = `@trufflesuite/uws-js-unofficial/binaries/uws_${platform}_${arch}_${versions.modules}.node`;
const uws = createRequire(import.meta.url)(binary);

const clients = [];
let position = 0;
const frame = (data) => `id: 5072d5a9.${++position}\nevent: new-notification\ndata: ${JSON.stringify(data)}\n\n`;
const push = (client, bytes) => client.cork(() => client.write(bytes));
const publish = publishing({
  toAll: (data) => {
    const bytes = Buffer.from(frame(data));
    for (const client of clients) push(client, bytes);
  },
  toOne: (number, data) => push(clients[number % clients.length], frame(data)),
});

const app = uws.App();
app.get("/stream", (response) => {
  response.onAborted(() => clients.splice(clients.indexOf(response), 1));
  response.writeStatus("200 OK").writeHeader("Content-Type", "text/event-stream");
  response.writeHeader("Cache-Control", "no-store").write(": hello\n\n");
  clients.push(response);
});
app.post("/*", (response, request) => {
  const times = Number(request.getQuery("n"));
  const chunks = [];
  response.onAborted(() => {});
  response.onData((chunk, last) => {
    chunks.push(Buffer.from(chunk.slice(0)));
    if (!last) return;
    response.cork(() => response.writeHeader("Content-Type", "application/json").end(ANSWER));
    // Only one socket is corked at a time, and while its handler runs it is this one: three system calls a write then.
    setImmediate(publish, times, Buffer.concat(chunks).toString());
  });
});
app.listen("127.0.0.1", 0, (socket) => console.log(`http://127.0.0.1:${uws.us_socket_local_port(socket)}`));
