// @ts-check
import { byId, el, input, onSubmit, setText, showList } from "./dom.js";
import { formatWhen } from "./format/time.js";
import { whenBack } from "./link-state.js";
import { commandWords, listWords } from "./format/words.js";

/** @typedef {import("../sdk/types.js").Order} Order */
/** @typedef {{sender: "customer" | "vendor", orderId: string, message: string, timestamp: string}} Message */

/** @param {Message} message */
const keyOf = ({ sender, timestamp, message }) => `${sender} ${timestamp} ${message}`;

/** @param {Message[]} old @param {Message[]} more @returns {Message[]} each once, the oldest first */
export function mergeMessages(old, more) {
  const byKey = new Map([...old, ...more].map((message) => [keyOf(message), message]));
  return Array.from(byKey.values()).sort((a, b) => (a.timestamp < b.timestamp ? -1 : a.timestamp > b.timestamp ? 1 : 0));
}

/** Who reads here, and how the other side is called. @typedef {object} Side
 * @property {"customer" | "vendor"} own
 * @property {(order: Order) => string} other
 * @property {string} invitation  while nobody has written */

/** @type {Record<Side["own"], Side>} */
export const SIDES = {
  customer: { own: "customer", other: ({ vendorName }) => vendorName ?? "The stall", invitation: "No messages yet. Ask the stall about your order." },
  vendor: { own: "vendor", other: ({ customerName }) => customerName ?? "The customer", invitation: "No messages yet." },
};

/** The dialog in which customer and stall write to each other about one order.
 * @param {import("../sdk/festival-push.js").Client} client @param {Side} side
 * @param {() => void} changed  how many are unread */
export function createConversation(client, side, changed) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("conversation"));
  const text = input("conversation-text");
  let current = /** @type {Order | null} */ (null);
  let messages = /** @type {Message[]} */ ([]);
  const waiting = /** @type {Map<string, number>} */ (new Map()); // by order: unread messages of the other side
  const followed = /** @type {Set<string>} */ (new Set());

  /** @param {string} state */
  const show = (state) => {
    setText("conversation-state", messages.length ? "" : state);
    showList(byId("conversation-list"), messages, keyOf, ({ sender, message, timestamp }) =>
      el("li", { "data-own": String(sender === side.own) }, el("p", {}, message),
        el("p", { class: "muted" }, `${sender === side.own ? "You" : current ? side.other(current) : ""} · ${formatWhen(timestamp)}`)));
    byId("conversation-list").lastElementChild?.scrollIntoView({ block: "nearest" });
  };

  const load = async () => {
    const asked = current?.orderId ?? "";
    try {
      const { items } = await client.get(`/v1/orders/${encodeURIComponent(asked)}/messages`);
      if (asked !== current?.orderId) return; // another one was opened meanwhile
      // Messages never change: what came meanwhile is simply one more.
      messages = mergeMessages(messages, items);
      show(side.invitation);
    } catch (error) {
      if (asked === current?.orderId) show(listWords(error));
      whenBack(restart);
    }
  };
  const restart = () => void (dialog.open && load());

  /** Let the streams of all the person's devices follow the order, so that they show what was written on this one.
   * @param {string} orderId */
  const followOnAllDevices = async (orderId) => {
    if (followed.has(orderId)) return;
    followed.add(orderId);
    await client.post("/v1/orders/track", { orderIds: [orderId] }).catch(() => followed.delete(orderId));
  };

  const send = async () => {
    const message = text.value.trim();
    if (!current || !message) return text.focus();
    const { orderId } = current;
    setText("conversation-problem", "");
    try {
      const { data } = await client.command(`/v1/orders/${encodeURIComponent(orderId)}/messages`, { message });
      await followOnAllDevices(orderId); // before the next one is written
      if (text.value.trim() === message) text.value = ""; // else the next one is being written already
      receive(side.own, data);
      text.focus();
    } catch (error) {
      setText("conversation-problem", commandWords(error));
    }
  };
  onSubmit("conversation-form", "conversation-send", send);
  byId("conversation-close").addEventListener("click", () => dialog.close());
  /** @param {string | null | undefined} orderId  asked of the dialog itself: its `close` event comes later */
  const isOpen = (orderId) => dialog.open && current?.orderId === orderId;

  /** @param {"customer" | "vendor"} sender @param {any} data  an event, or the answer to a command */
  const receive = (sender, { orderId, message, timestamp }) => {
    if (isOpen(orderId)) {
      messages = mergeMessages(messages, [{ sender, orderId, message, timestamp }]);
      show("");
    } else if (sender !== side.own) {
      waiting.set(orderId, (waiting.get(orderId) ?? 0) + 1);
      changed();
    }
  };

  return {
    receive,
    isOpen,
    /** Read the messages again: those written meanwhile may not come as events any more. */
    restart,
    /** How many messages nobody has looked at here. @param {string} orderId */
    waiting: (orderId) => waiting.get(orderId) ?? 0,
    /** @param {Order} order */
    open(order) {
      [current, messages] = [order, []];
      waiting.delete(order.orderId);
      text.value = "";
      setText("conversation-title", `${side.other(order)}, order ${order.number}`);
      setText("conversation-problem", "");
      show("Loading…");
      dialog.showModal();
      changed();
      void load();
    },
  };
}
