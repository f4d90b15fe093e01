// @ts-check
/** Elements with text and attributes only, by what browsers could do in 2016. */

const BoardDom = (function () {
  "use strict";

  /** @template {keyof HTMLElementTagNameMap} T @param {T} tag @param {string} [className] @param {string} [text]
   * @returns {HTMLElementTagNameMap[T]} */
  function el(tag, className, text) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text) element.textContent = text;
    return element;
  }

  /** @param {Element} parent @param {Element[]} children */
  function add(parent, children) {
    children.forEach((child) => parent.appendChild(child));
  }

  /** The element of the page with this id. @param {string} id @returns {HTMLElement} */
  function byId(id) {
    const element = document.getElementById(id);
    if (!element) throw new Error("#" + id + " is missing from the page");
    return element;
  }

  /** @param {Element} element @param {string} text */
  function say(element, text) {
    if (element.textContent !== text) element.textContent = text; // so that a live region speaks only when it changed
  }

  /** @param {string} id @param {string} text */
  const setText = (id, text) => say(byId(id), text);

  /** Set computed lengths, in px. The content security policy allows this way of setting them, and no other.
   * @param {HTMLElement} element @param {Record<string, number>} lengths  by property of the style sheet */
  function place(element, lengths) {
    Object.keys(lengths).forEach((name) => element.style.setProperty(name, `${lengths[name]}px`));
  }

  return { el, add, byId, say, setText, place };
})();
