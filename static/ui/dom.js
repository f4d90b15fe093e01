// @ts-check
/** Elements with text and attributes only: nothing here ever parses markup. */

/** @typedef {string | number | boolean | null | undefined | ((event: any) => void)} Attribute */
/** @typedef {Node | string | number | null | undefined | false} Child */

/** Make an element: `el("button", {class: "primary", onclick: order}, "Order")`. `on…` takes a listener, `true` sets an
 * empty attribute, `false` and null leave it out.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag @param {Record<string, Attribute>} [attributes] @param {...Child} children
 * @returns {HTMLElementTagNameMap[T]} */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.replace(/^on/, ""), value);
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) {
    if (child !== null && child !== undefined && child !== false) element.append(typeof child === "number" ? String(child) : child);
  }
  return element;
}

/** The element of the page with this id. @param {string} id @returns {HTMLElement} */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`#${id} is missing from the page`);
  return element;
}

/** @param {string} id  of a field */
export const input = (id) => /** @type {HTMLInputElement} */ (byId(id));

/** @param {string} id @param {string} text */
export function setText(id, text) {
  const element = byId(id);
  if (element.textContent !== text) element.textContent = text; // so that a live region speaks only when it changed
}

/** @type {WeakMap<Element, Map<string, {version: string, node: HTMLElement}>>} */
const shown = new WeakMap();

/** Show a list, touching only what changed: keeps scroll position, focus and half-finished taps.
 * @template T @param {Element} parent @param {readonly T[]} items @param {(item: T) => string} keyOf
 * @param {(item: T) => HTMLElement} render @param {(item: T) => string} [versionOf]  equal versions look the same */
export function showList(parent, items, keyOf, render, versionOf = JSON.stringify) {
  const before = shown.get(parent) ?? new Map();
  const after = new Map();
  const focused = document.activeElement?.getAttribute("data-focus");
  for (const item of items) {
    const version = versionOf(item);
    const known = before.get(keyOf(item));
    after.set(keyOf(item), known?.version === version ? known : { version, node: render(item) });
  }
  for (const [key, { node }] of before) {
    if (after.get(key)?.node !== node) node.remove();
  }
  let next = parent.firstElementChild;
  for (const { node } of after.values()) {
    if (node === next) next = node.nextElementSibling;
    else parent.insertBefore(node, next);
  }
  shown.set(parent, after);
  if (focused && document.activeElement === document.body) {
    /** @type {HTMLElement | null} */ (parent.querySelector(`[data-focus="${CSS.escape(focused)}"]`))?.focus();
  }
}

/** Run what a button asks for, once at a time, showing that it works. @param {HTMLButtonElement} button
 * @param {() => Promise<void>} work  handles its own errors */
export async function whileBusy(button, work) {
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  button.disabled = true;
  try {
    await work();
  } finally {
    button.removeAttribute("aria-busy");
    button.disabled = false;
  }
}

/** Run what a form asks for, once at a time. @param {string} form @param {string} button  their ids
 * @param {() => Promise<void>} work  handles its own errors */
export function onSubmit(form, button, work) {
  byId(form).addEventListener("submit", (event) => {
    event.preventDefault();
    void whileBusy(/** @type {HTMLButtonElement} */ (byId(button)), work);
  });
}
