// What a host writes in TypeScript, as far as its compiler must accept or refuse it. Only compiled, never run.
import * as React from "react";
import { createClient, io, ProblemError, type BoardEvents, type LinkState, type OrderStatus, type Told, type Waiting } from "festival-push/festival-push.js";
import { createHooks } from "festival-push/react-hooks.js";
import { configure, useBalanceUpdates, useNotifications, useSocket } from "festival-push/react.js";

const client = createClient({ baseUrl: "", ticket: async () => "t" });
const states: LinkState[] = [];
const { stop, position } = client.follow({
  userId: "anna",
  handlers: { "balance-updated": ({ newBalance }) => newBalance },
  onState: (state, ended) => states.push(ended ? "signed-out" : state),
});
stop();
const seen: number = position();
export const sent: Promise<boolean> = client.command("/v1/orders", { seen }).then(({ replayed }) => replayed);
export const retryAfter = (error: unknown): number | null => (error instanceof ProblemError ? error.retryAfter : null);
client.outbox({ userId: "sun", onRefused: (step: Waiting, { code }) => [step.orderId, code] }).add({ orderId: "o", status: "ready" });
const outbox = client.outbox({ userId: "sun", onItemSent: ({ itemId, available }) => [itemId, available] });
export const called: Promise<boolean> = outbox.setAvailable({ itemId: "i", available: false }).then(({ key }) => outbox.drop(key));

io("", { auth: { token: "t", userId: "anna" } }).on("connect", () => {}).emit("track-my-orders", {}, (answer) => answer);

const socket = io("", { autoConnect: false });
const statuses: OrderStatus[] = [];
socket.on("order-status-changed", ({ status }) => statuses.push(status)).on("something-newer", (data) => data.whatever);
socket.once("disconnect", (reason) => reason.toUpperCase()).timeout(50).emit("refresh-balance");
client.follow<BoardEvents>({ url: "/v1/boards/sun/stream", handlers: { connected: ({ snapshot }) => snapshot?.ready, "board-updated": ({ called }) => called } });
export const rooms = (told: string[]) => client.follow({ handlers: { connected: ({ snapshot }) => told.push(...(snapshot?.rooms ?? [])) } });

const texts: string[] = [];
client.follow({
  onEvent: (type, data) => {
    if (type === "order-ready") texts.push(data.message);
    if (type === "balance-updated") texts.push(data.newBalance.toFixed(2));
    if (type === "connected") texts.push(data.snapshot?.currency ?? "");
  },
});
client.follow({ onEvent: (type: string) => type.length }).stop();
client.follow({ onEvent: (type) => type.length }).stop();
client.follow({ onEvent: (type: string, data: unknown) => void console.log(type, data) });
export const heard = (...[type, data]: Told): string => (type === "vendor-message" || type === "customer-message" ? data.message : type);
client.follow({ onEvent: heard });
client.follow<BoardEvents>({ onEvent: (type, data) => void (type === "board-updated" && texts.push(...data.called.map(({ calledAt }) => calledAt))) });

configure({ token: (userId) => userId });
export function Wallet() {
  const { isConnected, emitEvent } = useSocket("anna", true);
  useBalanceUpdates("anna", ({ newBalance }) => newBalance);
  useNotifications(null, (eventType: string) => eventType);
  useNotifications("anna", (eventType, data) => {
    if (eventType === "new-notification") texts.push(data.message, data.title ?? "");
    if (eventType === "order-status-changed") statuses.push(data.status);
  });
  emitEvent("refresh-balance", {});
  return isConnected;
}
export const hooks = createHooks(React, { url: "" });

// @ts-expect-error: no such option
createClient({ tokn: "t" });
// @ts-expect-error: no such status
client.outbox({ userId: "sun" }).add({ orderId: "o", status: "done" });
// @ts-expect-error: the outbox belongs to somebody
client.outbox({});
// @ts-expect-error: there is no such event
client.follow({ handlers: { "balance-udpated": () => {} } });
// @ts-expect-error: an amount is no text
client.follow({ handlers: { "balance-updated": ({ amount }) => amount.toUpperCase() } });
// @ts-expect-error: a balance made from a snapshot is of no order
socket.on("balance-updated", ({ orderId }) => orderId.length);
// @ts-expect-error: there is no such event
client.follow({ onEvent: (type) => type === "balance-udpated" });
// @ts-expect-error: a ready order has no balance
client.follow({ onEvent: (type, data) => void (type === "order-ready" && texts.push(data.newBalance)) });
// @ts-expect-error: what is told is known only once its name is
client.follow({ onEvent: (type, data) => void texts.push(type, data.message) });
// @ts-expect-error: a board tells nobody's balance
client.follow<BoardEvents>({ onEvent: (type) => type === "balance-updated" });
// @ts-expect-error: balances are no notifications
useNotifications("anna", (eventType) => eventType === "balance-updated");
// @ts-expect-error: the pickup number is a number
useNotifications("anna", (eventType, data) => void (eventType === "order-ready" && texts.push(data.number)));
// @ts-expect-error: a status change made from a snapshot may have no reason
useNotifications("anna", (eventType, data) => void (eventType === "order-status-changed" && data.reason.length));
