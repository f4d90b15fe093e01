// @ts-check
/** Large keys for a code: for a touch, a remote control with four arrows, and a keyboard. */

const BoardKeys = (function () {
  "use strict";

  const { byId, el, add } = BoardDom;
  const BACKSPACE = 8;
  const ARROWS = /** @type {Record<number, [number, number]>} */ ({ 37: [-1, 0], 38: [0, -1], 39: [1, 0], 40: [0, 1] });
  const ASIDE = 3; // how much worse a step to the side is than one ahead

  /** Return the button that an arrow leads to. @param {HTMLElement[]} buttons @param {DOMRect} from
   * @param {[number, number]} arrow */
  function nextOf(buttons, from, arrow) {
    let best = /** @type {HTMLElement | null} */ (null);
    let least = Infinity;
    buttons.forEach(function (button) {
      const to = button.getBoundingClientRect();
      const right = to.left + to.width / 2 - from.left - from.width / 2;
      const down = to.top + to.height / 2 - from.top - from.height / 2;
      const ahead = right * arrow[0] + down * arrow[1];
      const far = ahead + ASIDE * Math.abs(right * arrow[1] + down * arrow[0]);
      if (ahead > 1 && far < least) [best, least] = [button, far];
    });
    return best;
  }

  /** @param {HTMLElement} root */
  function buttonsIn(root) {
    const all = /** @type {HTMLElement[]} */ (Array.prototype.slice.call(root.querySelectorAll("button:enabled, summary, input")));
    return all.filter((one) => one.offsetWidth > 0);
  }

  /** @param {KeyboardEvent} event @param {{onChar: (char: string) => void, onDelete: () => void}} hooks */
  function press(event, hooks) {
    const focused = document.activeElement;
    const arrow = ARROWS[event.keyCode];
    const isTyping = focused && focused.tagName === "INPUT" && !(arrow && arrow[1]); // left and right are the text's
    if (event.ctrlKey || event.altKey || event.metaKey || isTyping) return;
    const char = BoardPairing.charOf(event.keyCode);
    if (char) hooks.onChar(char);
    else if (event.keyCode === BACKSPACE) hooks.onDelete();
    else if (arrow) {
      const buttons = buttonsIn(byId("setup"));
      const isInside = focused instanceof HTMLElement && buttons.indexOf(focused) >= 0;
      const next = isInside ? nextOf(buttons, focused.getBoundingClientRect(), arrow) : buttons[0];
      if (next) next.focus();
    } else return;
    event.preventDefault();
  }

  /** @param {{onChar: (char: string) => void, onDelete: () => void}} hooks
   * @returns {{allow: (isAllowed: boolean) => void}} allow: the keys stay where they are, so that no other button gets
   *   under a finger */
  function create(hooks) {
    const keys = BoardPairing.ALPHABET.split("").map(function (char) {
      const key = el("button", "key", char);
      key.type = "button";
      key.addEventListener("click", () => hooks.onChar(char));
      return key;
    });
    const erase = el("button", "key", "\u232b");
    erase.type = "button";
    erase.setAttribute("aria-label", "Delete");
    erase.addEventListener("click", hooks.onDelete);
    const all = keys.concat([erase]);
    add(byId("keys"), all);
    document.addEventListener("keydown", function (event) {
      if (!byId("setup").hidden) press(event, hooks);
    });
    return {
      allow(isAllowed) {
        const focused = document.activeElement;
        if (!isAllowed && focused instanceof HTMLElement && byId("keys").contains(focused)) focused.blur();
        all.forEach(function (key) {
          key.disabled = !isAllowed;
        });
      },
    };
  }

  return { create };
})();
