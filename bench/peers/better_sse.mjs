// better-sse: one channel for all, a session each.
import { createServer } from "node:http";
import { createChannel, createSession } from "better-sse";
import { listenAndPublish } from "./publishing.mjs";

const channel = createChannel();
const sessions = [];
const http = createServer(async (request, response) => {
  if (request.method !== "GET") return;
  const session = await createSession(request, response, { keepAlive: 15000 });
  channel.register(session);
  session.once("disconnected", () => sessions.splice(sessions.indexOf(session), 1));
  sessions.push(session);
});
listenAndPublish(http, {
  toAll: (data) => channel.broadcast(data, "new-notification"),
  toOne: (number, data) => sessions[number % sessions.length].push(data, "new-notification"),
});
