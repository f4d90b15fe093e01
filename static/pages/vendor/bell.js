// @ts-check
import { createChime } from "../../ui/chime.js";
import { byId, setText } from "../../ui/dom.js";
import { deviceStore } from "../../sdk/storage.js";

const SOUND = "festival-push.stall-sound";
const AGAIN_MS = 6_000;

/** Tells a stall of new orders, by a bell, on the page and in its title. It rings until no order waits to be
 * accepted; another device may have done that.
 * @param {HTMLButtonElement} button  switches the sound; after a reload any tap arms it, as browsers want one first */
export function createBell(button) {
  const chime = createChime();
  let name = document.title;
  let waiting = 0;
  let wanted = deviceStore.get(SOUND) === "on";
  let armed = false;
  let timer = 0;

  const show = () => {
    button.setAttribute("aria-pressed", String(wanted));
    button.textContent = !wanted ? "Sound is off" : armed ? "Sound is on" : "Tap for sound";
    byId("ringing").hidden = waiting === 0;
    setText("ringing", waiting === 0 ? "" : waiting === 1 ? "One order waits to be accepted" : `${waiting} orders wait to be accepted`);
    document.title = waiting ? `(${waiting}) New! · ${name}` : name;
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
    armed = true;
    if (waiting) ring();
    show();
  };
  for (const gesture of ["pointerdown", "keydown"]) addEventListener(gesture, arm, { once: true });
  button.addEventListener("click", () => {
    wanted = !wanted;
    deviceStore.set(SOUND, wanted ? "on" : "off");
    ring();
    show();
  });
  show();

  return {
    ring,
    /** @param {number} orders  that wait to be accepted */
    update(orders) {
      waiting = orders;
      if (!waiting) {
        clearTimeout(timer);
        timer = 0;
      } else if (!timer) {
        timer = setTimeout(again, AGAIN_MS);
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
