// @ts-check
import { byId } from "../../../ui/dom.js";
import { createDeadPlaces, PLACE_REST_MS, pointOf, STEP_REST_MS } from "./dead.js";

/** Everything here that takes a step: while it rests, it says so to screen readers as well. */
const AREAS = ["lanes", "undo", "chips", "menu", "view-stall", "sheet", "giving", "done-sheet", "waiting-sheet"];

const LATE_MS = 20; // a timer may be early by less

/** Keeps a double tap from being two steps, and a tap from meeting what has just moved under it. */
export function createGuard() {
  const dead = createDeadPlaces(() => performance.now()); // whoever sets the device's clock must not stop the kitchen
  const lanes = byId("lanes");

  const showRest = () => {
    for (const id of AREAS) {
      if (dead.isResting()) byId(id).setAttribute("aria-disabled", "true");
      else byId(id).removeAttribute("aria-disabled");
    }
  };

  const showPlaces = () => {
    for (const ticket of Array.from(lanes.querySelectorAll("li[data-order]"))) {
      const place = ticket.getBoundingClientRect();
      if (dead.isDead({ x: (place.left + place.right) / 2, y: (place.top + place.bottom) / 2 })) ticket.setAttribute("aria-disabled", "true");
      else ticket.removeAttribute("aria-disabled");
    }
  };

  /** @param {number} [ms] */
  const rest = (ms = STEP_REST_MS) => {
    dead.rest(ms);
    showRest();
    setTimeout(showRest, ms + LATE_MS);
  };

  lanes.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (button && dead.isDead(pointOf(event, button.getBoundingClientRect()))) {
      event.stopPropagation();
      event.preventDefault();
    }
  }, { capture: true });
  // A key that is held down presses again and again.
  addEventListener("keydown", (event) => {
    if (event.repeat && (event.key === "Enter" || event.key === " ") && event.target instanceof HTMLButtonElement) event.preventDefault();
  });

  return {
    rest,
    /** Return whether a step may be taken now; if so, no other one for a moment. */
    claim() {
      if (dead.isResting()) return false;
      rest();
      return true;
    },
    once: dead.once,
    /** These tickets have just come to where they stand. @param {Element[]} tickets */
    mark(tickets) {
      for (const ticket of tickets) dead.mark(ticket.getBoundingClientRect());
      showPlaces();
      if (tickets.length) setTimeout(showPlaces, PLACE_REST_MS + LATE_MS);
    },
  };
}
