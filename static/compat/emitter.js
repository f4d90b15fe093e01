// @ts-check
/** What the socket tells of itself; `onAny` does not hear of it. */
const OWN = new Set(["connect", "connect_error", "disconnect"]);

/** @param {(...told: any[]) => void} heard @param {any[]} told */
function heardSafely(heard, told) {
  try {
    heard(...told);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

/** Handlers by event name, as socket.io-client has them. */
export class Emitter {
  /** @type {Map<string, {heard: (...told: any[]) => void, handler: (...told: any[]) => void}[]>} */
  #handlers = new Map();
  /** @type {((event: string, ...told: any[]) => void)[]} */
  #any = [];

  /** @param {string} event @param {(...told: any[]) => void} handler */
  on(event, handler) {
    this.#handlers.set(event, [...(this.#handlers.get(event) ?? []), { heard: handler, handler }]);
    return this;
  }

  /** @param {string} event @param {(...told: any[]) => void} handler */
  once(event, handler) {
    const heard = (/** @type {any[]} */ ...told) => {
      this.off(event, handler);
      handler(...told);
    };
    this.#handlers.set(event, [...(this.#handlers.get(event) ?? []), { heard, handler }]);
    return this;
  }

  /** Without a handler, all of that event. @param {string} event @param {(...told: any[]) => void} [handler] */
  off(event, handler) {
    const kept = (this.#handlers.get(event) ?? []).filter((one) => handler && one.handler !== handler);
    this.#handlers.set(event, kept);
    return this;
  }

  /** Without an event, all handlers of all events. @param {string} [event] */
  removeAllListeners(event) {
    if (event === undefined) this.#handlers.clear();
    else this.#handlers.delete(event);
    return this;
  }

  /** @param {string} event @returns {((...told: any[]) => void)[]} */
  listeners(event) {
    return (this.#handlers.get(event) ?? []).map(({ handler }) => handler);
  }

  /** @param {string} event */
  hasListeners(event) {
    return this.listeners(event).length > 0;
  }

  /** Hear every event that comes from the server, its name first. @param {(event: string, ...told: any[]) => void} handler */
  onAny(handler) {
    this.#any = [...this.#any, handler];
    return this;
  }

  /** Without a handler, all of them. @param {(event: string, ...told: any[]) => void} [handler] */
  offAny(handler) {
    this.#any = handler ? this.#any.filter((one) => one !== handler) : [];
    return this;
  }

  listenersAny() {
    return [...this.#any];
  }

  /** A handler's fault is told as such, and costs the others nothing. @param {string} event @param {any[]} told */
  tell(event, ...told) {
    if (!OWN.has(event)) this.#any.forEach((heard) => heardSafely(heard, [event, ...told]));
    (this.#handlers.get(event) ?? []).forEach(({ heard }) => heardSafely(heard, told));
  }
}
