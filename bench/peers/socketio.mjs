// Socket.IO as the old system used it: one room a person, one for all; WebSocket only, no compression.
import { createServer } from "node:http";
import { Server } from "socket.io";
import { listenAndPublish } from "./publishing.mjs";

const http = createServer();
const io = new Server(http, { transports: ["websocket"], perMessageDeflate: false });
let people = 0;
io.on("connection", (socket) => socket.join(`user-${people++}`));
listenAndPublish(http, {
  toAll: (data) => io.emit("new-notification", data),
  toOne: (number, data) => io.to(`user-${number % people}`).emit("new-notification", data),
});
