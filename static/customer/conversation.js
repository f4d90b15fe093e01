// @ts-check
import { byId, el, input, onSubmit, setText, showList } from "../js/dom.js";
import { formatWhen } from "../js/time.js";
import { commandWords, humanWords } from "../js/words.js";

/** @typedef {import("../js/types.js").Order} Order */
/** @typedef {{sender: "customer" | "vendor", orderId: string, message: string, timestamp: string}} Message */

/** @param {Message} message */
const keyOf = ({ sender, timestamp, message }) => `${sender} ${timestamp} ${message}`;

/** @param {Message[]} old @param {Message[]} more @returns {Message[]} each once, the oldest first */
export function mergeMessages(old, more) {
  const byKey = new Map([...old, ...more].map((message) => [keyOf(message), message]));
  return Array.from(byKey.values()).sort((a, b) => (a.timestamp < b.timestamp ? -1 : a.timestamp > b.timestamp ? 1 : 0));
}

/** What customer and stall write to each other about one order, in a dialog.
 * @param {import("../js/festival-push.js").Client} client @param {() => void} changed  how many are unread */
export function createConversation(client, changed) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("conversation"));
  const text = input("conversation-text");
  let current = /** @type {Order | null} */ (null);
  let messages = /** @type {Message[]} */ ([]);
  const waiting = /** @type {Map<string, number>} */ (new Map()); // replies not looked at, by order
  const followed = /** @type {Set<string>} */ (new Set());

  /** @param {string} state */
  const show = (state) => {
    setText("conversation-state", messages.length ? "" : state);
    showList(byId("conversation-list"), messages, keyOf, ({ sender, message, timestamp }) =>
      el("li", { "data-sender": sender }, el("p", {}, message),
        el("p", { class: "muted" }, `${sender === "customer" ? "You" : (current?.vendorName ?? "The stall")} · ${formatWhen(timestamp)}`)));
    byId("conversation-list").lastElementChild?.scrollIntoView({ block: "nearest" });
  };

  const load = async () => {
    const asked = current?.orderId ?? "";
    try {
      const { items } = await client.get(`/v1/orders/${encodeURIComponent(asked)}/messages`);
      if (asked !== current?.orderId) return; // another one was opened meanwhile
      messages = mergeMessages(messages, items);
      show("No messages yet. Ask the stall about your order.");
    } catch (error) {
      if (asked === current?.orderId) show(humanWords(error));
    }
  };

  /** Whoever has an account open on several devices sees there what was written here: their streams follow the order.
   * @param {string} orderId */
  const followOnAllDevices = (orderId) => {
    if (followed.has(orderId)) return;
    followed.add(orderId);
    client.post("/v1/orders/track", { orderIds: [orderId] }).catch(() => followed.delete(orderId));
  };

  const send = async () => {
    const message = text.value.trim();
    if (!current || !message) return text.focus();
    const { orderId } = current;
    setText("conversation-problem", "");
    try {
      const { data } = await client.command(`/v1/orders/${encodeURIComponent(orderId)}/messages`, { message });
      followOnAllDevices(orderId);
      if (text.value.trim() === message) text.value = ""; // else the next one is being written already
      receive("customer", data);
      text.focus();
    } catch (error) {
      setText("conversation-problem", commandWords(error));
    }
  };
  onSubmit("conversation-form", "conversation-send", send);
  byId("conversation-close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => (current = null));

  /** @param {"customer" | "vendor"} sender @param {any} data  an event, or the answer to a command */
  const receive = (sender, { orderId, message, timestamp }) => {
    if (current?.orderId === orderId) {
      messages = mergeMessages(messages, [{ sender, orderId, message, timestamp }]);
      show("");
    } else if (sender === "vendor") {
      waiting.set(orderId, (waiting.get(orderId) ?? 0) + 1);
      changed();
    }
  };

  return {
    receive,
    /** @param {string | null | undefined} orderId */
    isOpen: (orderId) => current !== null && current.orderId === orderId,
    /** How many replies nobody has looked at here. @param {string} orderId */
    waiting: (orderId) => waiting.get(orderId) ?? 0,
    /** @param {Order} order */
    open(order) {
      [current, messages] = [order, []];
      waiting.delete(order.orderId);
      text.value = "";
      setText("conversation-title", `${order.vendorName ?? "The stall"}, order ${order.number}`);
      setText("conversation-problem", "");
      show("Loading…");
      dialog.showModal();
      changed();
      void load();
    },
  };
}
