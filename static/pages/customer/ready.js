// @ts-check
import { byId, el, showList } from "../../ui/dom.js";
import { createChime } from "../../ui/chime.js";
import { callOf } from "../../ui/state/order-list.js";
import { rest } from "../../ui/touch/rest.js";
import { deviceStore } from "../../sdk/storage.js";

/** @typedef {import("../../sdk/types.js").Order} Order */

const SEEN = "festival-push.ready-seen";
const SEEN_MAX = 50;
const NAMED_MAX = 3; // lines of the panel, which must not cover the page
const REMIND_MS = 15_000;
const REMINDERS_MAX = 4; // then the panel and the title must do: a bell that never stops is switched off with the phone

/** @returns {string[]} the calls that were answered on this device */
function readSeen() {
  try {
    const kept = JSON.parse(deviceStore.get(SEEN) ?? "[]");
    return Array.isArray(kept) ? kept : [];
  } catch {
    return [];
  }
}

/** Calls the customer to ready food: by a panel, the page's title, a bell and a buzz, until they tap that they come.
 * @param {(orders: Order[]) => void} coming  they come for these */
export function createReady(coming) {
  const title = document.title;
  const chime = createChime();
  let calling = /** @type {Order[]} */ ([]);
  let ready = /** @type {Order[]} */ ([]);
  let reminders = 0;
  let timer = 0;
  // Browsers differ in which of these may start a sound.
  for (const gesture of ["pointerdown", "pointerup", "touchend", "keydown"]) addEventListener(gesture, () => chime.arm());

  const call = () => {
    chime.ring();
    // Before a first tap, browsers refuse to vibrate and log that.
    if (navigator.userActivation?.hasBeenActive !== false) navigator.vibrate?.([300, 150, 300, 150, 300]);
    clearTimeout(timer);
    reminders -= 1;
    if (reminders > 0) timer = setTimeout(call, REMIND_MS);
  };

  const show = () => {
    byId("ready").hidden = calling.length === 0;
    const numbers = calling.map(({ number }) => number).join(", ");
    showList(byId("ready-list"), calling.slice(0, NAMED_MAX), ({ orderId }) => orderId, (order) =>
      el("li", {}, el("span", { class: "ready-number" }, order.number), el("span", { class: "ready-stall" }, order.vendorName)));
    byId("ready-list").toggleAttribute("data-more", calling.length > NAMED_MAX);
    document.title = calling.length ? `${numbers} ready! · ${title}` : title;
    if (!calling.length) clearTimeout(timer);
  };

  byId("ready-seen").addEventListener("click", () => {
    const calls = ready.map(callOf);
    deviceStore.set(SEEN, JSON.stringify([...readSeen().filter((call) => !calls.includes(call)), ...calls].slice(-SEEN_MAX)));
    const called = calling;
    calling = [];
    rest(byId("app")); // what stood behind the panel is under the finger now
    show();
    coming(called);
  });

  /** @param {Order[]} orders  all that we know of */
  function update(orders) {
    const waiting = orders.filter(({ status }) => status === "ready");
    const seen = readSeen();
    const before = calling.map(callOf);
    ready = waiting;
    calling = waiting.filter((order) => !order.comingAt && !seen.includes(callOf(order))); // else answered, here or elsewhere
    if (calling.some((order) => !before.includes(callOf(order)))) {
      rest(byId("ready")); // what it covers now was under the finger
      reminders = REMINDERS_MAX;
      call();
    }
    show();
  }

  addEventListener("storage", ({ key }) => key === SEEN && update(ready)); // answered in another tab

  return {
    update,
    /** @param {string | null | undefined} orderId */
    isCalling: (orderId) => calling.some((order) => order.orderId === orderId),
  };
}
