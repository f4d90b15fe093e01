// @ts-check
/** Handlers by event name, as socket.io-client has them. */
export class Emitter {
  /** @type {Map<string, {heard: (...told: any[]) => void, handler: (...told: any[]) => void}[]>} */
  #handlers = new Map();

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

  /** A handler's fault is told as such, and costs the others nothing. @param {string} event @param {any[]} told */
  tell(event, ...told) {
    for (const { heard } of this.#handlers.get(event) ?? []) {
      try {
        heard(...told);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
