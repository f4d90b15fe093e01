// @ts-check
import { createChime } from "../../../ui/chime.js";
import { byId, setText } from "../../../ui/dom.js";
import { showBadge } from "../../../ui/sections.js";
import { deviceStore } from "../../../sdk/storage.js";

const SOUND = "festival-push.stall-sound";
const AGAIN_MS = 6_000;
const BLINK_MS = 1_000;
const FIRST_TOUCH_MS = 1_000; // the click of the first touch comes behind it

/** @param {{pending: number, unseen: number}} orders  pending: to be accepted; unseen: the others that are new
 * @returns {string} what is said while it rings; pure */
export function ringWords({ pending, unseen }) {
  if (pending) return pending === 1 ? "One order waits to be accepted" : `${pending} orders wait to be accepted`;
  return unseen === 0 ? "" : unseen === 1 ? "New order" : `${unseen} new orders`;
}

/** Tells a stall of new orders, by a bell, on the page and in its title: until somebody has looked, and for orders that
 * wait to be accepted, until they are; another device may have done that. The sound is on unless somebody has switched
 * it off. Browsers want a touch before it: any will do.
 * @param {HTMLButtonElement} button  switches the sound */
export function createBell(button) {
  const chime = createChime();
  let name = document.title;
  let orders = { pending: 0, unseen: 0 };
  let wanted = deviceStore.get(SOUND) !== "off";
  let armedAt = 0;
  let timer = 0;
  let blink = 0;

  /** The title of a tab that nobody looks at blinks. @param {boolean} isLit */
  const showTitle = (isLit) => {
    const count = orders.pending + orders.unseen;
    document.title = count ? `${isLit ? "● " : ""}(${count}) new · ${name}` : name;
    clearTimeout(blink);
    if (count) blink = setTimeout(() => showTitle(!isLit), BLINK_MS);
  };

  const show = () => {
    const count = orders.pending + orders.unseen;
    button.setAttribute("aria-pressed", String(wanted));
    button.textContent = !wanted ? "Sound is off" : armedAt ? "Sound is on" : "Tap for sound";
    byId("ringing").hidden = count === 0;
    setText("ringing", ringWords(orders));
    showBadge("orders-badge", count);
    document.documentElement.toggleAttribute("data-ringing", count > 0);
    showTitle(true);
  };

  const ring = () => {
    if (wanted) chime.ring();
  };

  const again = () => {
    ring();
    timer = setTimeout(again, AGAIN_MS);
  };

  const arm = () => {
    chime.arm();
    if (armedAt) return;
    armedAt = performance.now();
    if (orders.pending) ring();
    show();
  };
  // Browsers differ in which of these may start a sound.
  for (const gesture of ["pointerdown", "pointerup", "touchend", "keydown"]) addEventListener(gesture, arm);
  button.addEventListener("click", () => {
    const isFirst = performance.now() - armedAt < FIRST_TOUCH_MS; // it asked for sound, and got it
    if (!isFirst || !wanted) wanted = !wanted;
    deviceStore.set(SOUND, wanted ? "on" : "off");
    ring();
    show();
  });
  show();

  return {
    ring,
    /** @param {{pending: number, unseen: number}} now */
    update(now) {
      const isMore = now.pending > orders.pending || now.unseen > orders.unseen;
      orders = now;
      if (isMore) ring();
      if (orders.pending + orders.unseen === 0) {
        clearTimeout(timer);
        timer = 0;
      } else {
        timer ||= setTimeout(again, AGAIN_MS);
      }
      show();
    },
    /** @param {string} title  of the page while nothing rings */
    rename(title) {
      name = title;
      show();
    },
  };
}
