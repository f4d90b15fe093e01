// @ts-check
import { setText } from "../../../ui/dom.js";
import { createConversation, SIDES } from "../../../ui/conversation.js";
import { applyOrderEvent, isOpen, mergeOrder } from "../../../ui/state/order-list.js";
import { toast } from "../../../ui/toast.js";
import { currencyOf } from "../../../ui/format/money.js";
import { commandWords } from "../../../ui/format/words.js";
import { ageOf, graceOf, graceWords, limitsOf } from "./ages.js";
import { createDone } from "./done.js";
import { createLanes } from "./lanes.js";
import { createSheet } from "./sheet.js";
import { createStepping, DONE_WORDS } from "./stepping.js";
import { withClosed, withSteps } from "./steps.js";
import { createClear } from "../selling/clear.js";
import { createGiving } from "../selling/giving.js";
import { ticketOf } from "./ticket.js";
import { createTicks } from "./ticks.js";

/** @typedef {import("../../../sdk/types.js").Order} Order */
/** @typedef {import("../../../sdk/types.js").OrderStatus} OrderStatus */
/** @typedef {import("./ticket.js").Standing} Standing */

const TICK_MS = 15_000;
const SECOND_MS = 1_000;

/** @typedef {object} Parts  of the page that the kitchen works with
 * @property {import("../../../sdk/outbox.js").Outbox} outbox
 * @property {ReturnType<typeof import("../taps/guard.js").createGuard>} guard
 * @property {ReturnType<typeof import("../taps/undo.js").createUndo>} undo
 * @property {ReturnType<typeof import("./bell.js").createBell>} bell
 * @property {ReturnType<typeof import("../menu/menu.js").createMenu>} menu
 * @property {(orders: Standing[], isMade: (order: Order, line: number) => boolean) => void} worked  what the kitchen
 *   works on has changed
 * @property {(order: Order) => void} givenBack  money of an order went back, that may be none of the open ones */

/** The kitchen's open orders. Steps go through the outbox, so that a kitchen can work without a connection; commands that
 * move money or send a message wait for their answer.
 * @param {import("../../../sdk/festival-push.js").Client} client @param {import("../../../sdk/types.js").Me} me
 * @param {string} vendorId @param {Parts} parts */
export function createQueue(client, me, vendorId, { outbox, guard, undo, bell, menu, worked, givenBack }) {
  const { userId, orders: first, rules } = me;
  const currency = currencyOf(me);
  const limits = limitsOf(rules);
  const now = client.serverNow; // the device's clock may be wrong by hours
  const ticks = createTicks(userId);
  let orders = /** @type {Order[]} */ ([]); // also closed ones, for the way back
  let timer = 0;
  const fresh = /** @type {Set<string>} */ (new Set()); // nobody has looked since they came
  const seenAt = /** @type {Map<string, number>} */ (new Map());
  const cancelling = /** @type {Set<string>} */ (new Set()); // by us
  const adopted = /** @type {Set<string>} */ (new Set());
  const arriving = /** @type {Map<string, Order>} */ (new Map()); // their status comes in the event behind
  const conversation = createConversation(client, SIDES.vendor, () => show());

  const standing = () => withSteps(orders, outbox.pending());
  /** @param {Order} order */
  const graceLeft = (order) => graceOf(order, seenAt.get(order.orderId) ?? now(), now(), limits);

  /** @param {Standing} order @param {{rows: number[], isFlat: boolean, cells: number, shown: number}} [size] @returns {import("./ticket.js").View} */
  const viewOf = (order, size = { rows: [], isFlat: false, cells: 1, shown: 0 }) => {
    const { age, words } = ageOf(order, now(), limits);
    const graceMs = graceLeft(order);
    return { order, age, ageWords: words, grace: graceMs ? graceWords(graceMs) : "", ticks: ticks.of(order.orderId), ...size,
      unread: conversation.waiting(order.orderId), isNew: fresh.has(order.orderId) };
  };

  const stepping = createStepping({ outbox, guard, undo }, () => show());
  /** @param {Standing} order @param {OrderStatus} status */
  const step = (order, status) => {
    if (!stepping.step(order, status)) return false;
    fresh.delete(order.orderId);
    lanes.hold();
    return true;
  };

  /** A command that waits for its answer. @param {Order} order @param {string} path @param {Record<string, unknown>} body
   * @returns {Promise<string>} what went wrong, in words */
  const send = async ({ orderId }, path, body) => {
    fresh.delete(orderId);
    try {
      const { data } = await client.command(`/v1/orders/${encodeURIComponent(orderId)}/${path}`, body);
      if (data.order) merge(data.order);
      else toast("Another organiser has to confirm this first.", "warning");
      if (data.order) givenBack(data.order);
      return "";
    } catch (error) {
      void refresh(orderId);
      return commandWords(error, currency);
    }
  };

  const tick = (/** @type {Order} */ { orderId }, /** @type {number} */ line) => {
    if (!guard.once(`${orderId} ${line}`)) return;
    ticks.flip(orderId, line);
    show();
  };
  const sheet = createSheet(guard, currency, {
    step,
    tick,
    // A time for a new order is also a yes.
    time: (order, minutes) => send(order, "status", { status: order.status === "pending" ? "preparing" : order.status, estimatedTime: minutes, from: order.status }),
    cancel(order, reason) {
      cancelling.add(order.orderId);
      return send(order, "cancel", { reason });
    },
    talk: (order) => conversation.open(order),
    giveBack: (order) => giving.open(order),
    item: menu.item,
    flip: menu.flip,
    view(orderId) {
      const order = standing().find((one) => one.orderId === orderId);
      return order ? viewOf(order) : null;
    },
  });
  const giving = createGiving(guard, currency, (order, lines, reason) => {
    cancelling.add(order.orderId); // the last lines cancel it
    return send(order, "refund", { lines, reason });
  });
  const clear = createClear(client, vendorId, { guard, undo, outbox }, () => standing());
  const lanes = createLanes(guard, {
    viewOf,
    ticket: (view) => ticketOf(view, currency, { step, tick, more: ({ orderId }) => sheet.open(orderId) }),
    wordsOf(orderId) {
      const order = withSteps(orders, outbox.pending(), () => true).find((one) => one.orderId === orderId);
      return order ? DONE_WORDS[order.status] : "gone";
    },
  });
  const done = createDone(client, guard, limits, {
    known: () => withSteps(orders, outbox.pending(), () => true).filter(({ status, unsent }) => status !== "completed" || !unsent),
    recall(order) {
      orders = mergeOrder(orders, order);
      stepping.recall(order);
    },
  });

  const show = () => {
    const open = standing();
    for (const { orderId } of open) if (!seenAt.has(orderId)) seenAt.set(orderId, now());
    const started = open.filter((order) => graceLeft(order) === 0);
    const isPending = (/** @type {Order} */ { status }) => status === "pending";
    bell.update({ pending: started.filter(isPending).length, unseen: started.filter((order) => fresh.has(order.orderId) && !isPending(order)).length });
    worked(started, (order, line) => ticks.has(order.orderId, line));
    lanes.show(open);
    sheet.show();
    done.show();
    clear.show();
    clearTimeout(timer);
    timer = setTimeout(show, Math.min(TICK_MS, started.length < open.length ? SECOND_MS : TICK_MS, Math.max(20, lanes.dueIn())));
  };

  /** Somebody has touched the page: what is shown as new has been seen. */
  const looked = () => {
    const seen = standing().filter((order) => fresh.has(order.orderId) && graceLeft(order) === 0);
    for (const { orderId } of seen) fresh.delete(orderId);
    if (seen.length) show();
  };
  for (const gesture of ["pointerdown", "keydown"]) addEventListener(gesture, looked);

  /** Take an answer's version of an order that is in the list. It adds no order: a newer event may have removed it.
   * @param {Order} order */
  const merge = (order) => {
    if (!orders.some(({ orderId }) => orderId === order.orderId)) return;
    orders = withClosed(mergeOrder(orders, order));
    show();
  };
  /** @param {string} orderId */
  const refresh = (orderId) => client.get(`/v1/orders/${encodeURIComponent(orderId)}`).then(merge, () => {});
  /** An order that another keeper or the office has called back: it is not in the list. Its later events are answered in
   * the same way, so the newest answer counts. @param {any} event */
  const adopt = (event) => {
    const { orderId } = event;
    if (!isOpen(event) && !adopted.has(orderId)) return; // such as an amount that was paid
    adopted.add(orderId);
    client.get(`/v1/orders/${encodeURIComponent(orderId)}`).then((order) => {
      orders = withClosed(mergeOrder(orders, order));
      show();
    }, () => {});
  };

  /** @param {Order[]} list  all open ones */
  const replace = (list) => {
    const known = new Set(orders.map(({ orderId }) => orderId));
    const isLater = orders.length > 0 || first !== list;
    for (const order of list) if (isLater && isOpen(order) && !known.has(order.orderId)) fresh.add(order.orderId);
    orders = withClosed(list.reduce(mergeOrder, orders.filter((order) => !isOpen(order))));
    show();
  };
  replace(first);

  return {
    replace,
    refresh,
    show,
    conversation,
    /** Give lines of an order back, also of one that was handed over at once. @param {Order} order */
    giveBack: (order) => giving.open(order),
    /** An order's step was sent. @type {NonNullable<import("../../../sdk/outbox.js").OutboxOptions["onSent"]>} */
    sent: (_, order) => merge(order),
    /** The server refused a step. @type {NonNullable<import("../../../sdk/outbox.js").OutboxOptions["onRefused"]>} */
    refused({ orderId }, problem) {
      const order = orders.find((one) => one.orderId === orderId);
      undo.forget(orderId);
      toast(`Order ${order?.number ?? ""}: ${commandWords(problem, currency)}`, "error");
      void refresh(orderId).then(show);
    },
    /** @param {string} orderId  of a waiting step */
    numberOf: (orderId) => orders.find((order) => order.orderId === orderId)?.number ?? "",
    /** Take a `new-order`. It is shown when the `order-status-changed` right behind it says whether it is accepted.
     * @param {any} data */
    arrive(data) {
      if (data.queuePosition === null) return; // handed over when it was paid: nothing is to be made
      fresh.add(data.orderId);
      arriving.set(data.orderId, { ...data, createdAt: data.timestamp, updatedAt: data.timestamp });
    },
    /** A `customer-coming`. @param {any} data */
    coming(data) {
      orders = applyOrderEvent(orders, "customer-coming", data);
      show();
    },
    /** @param {string} type @param {any} data */
    apply(type, data) {
      const arrived = arriving.get(data.orderId);
      if (arrived && type === "order-status-changed") {
        arriving.delete(data.orderId);
        orders = mergeOrder(orders, arrived);
        setText("announce", `New order ${arrived.number}`);
      } else {
        fresh.delete(data.orderId); // somebody has looked at it, perhaps at another device
      }
      const known = orders.find(({ orderId }) => orderId === data.orderId);
      if (!known) return adopt(data);
      const isOurs = cancelling.has(data.orderId);
      if (isOpen(known) && data.status === "cancelled" && !isOurs && !graceLeft(known)) toast(`Order ${known.number} was cancelled.`, "warning");
      orders = withClosed(applyOrderEvent(orders, type, data));
      show();
    },
  };
}
