// @ts-check
import { networkProblem, ProblemError, readProblem } from "../problem.js";
import { createParser } from "./sse.js";

/** Thrown when the connection was silent for longer than the server ever is: it is dead, or a proxy holds it back. */
export class Silence extends Error {}

/** One open stream, from the request to its end. */
export class StreamReader {
  retryMs = /** @type {number | null} */ (null);
  heardAt = 0;
  #abort = new AbortController();
  #isSilent = false;
  #timer = 0;

  /** @param {{env: import("../types.js").Env, open: (signal: AbortSignal) => Promise<Response>,
   *   onFrame: (frame: import("./sse.js").RawFrame) => void}} options */
  constructor(options) {
    this.options = options;
    this.heardAt = options.env.now();
  }

  /** Hand over frames until the stream ends.
   * @param {() => number} patienceMs  how long it may be silent from now on
   * @throws {ProblemError} refused, or the network failed (status 0) @throws {Silence} */
  async run(patienceMs) {
    try {
      await this.#read(patienceMs);
    } catch (error) {
      if (this.#isSilent) throw new Silence();
      throw error instanceof ProblemError ? error : networkProblem();
    } finally {
      this.options.env.clearTimeout(this.#timer);
      this.#abort.abort();
    }
    if (this.#isSilent) throw new Silence();
  }

  /** Let go of the connection; `run` returns. */
  stop() {
    this.#abort.abort();
  }

  /** @param {() => number} patienceMs */
  async #read(patienceMs) {
    const { env, open, onFrame } = this.options;
    this.#listenToSilence(patienceMs());
    const response = await open(this.#abort.signal);
    if (!response.ok) throw await readProblem(response);
    if (!response.body || !(response.headers.get("Content-Type") ?? "").startsWith("text/event-stream")) throw networkProblem();
    const body = response.body.getReader();
    const parser = createParser((frame) => {
      if (!this.#abort.signal.aborted) onFrame(frame);
    });
    const decoder = new TextDecoder();
    this.#abort.signal.addEventListener("abort", () => void body.cancel().catch(() => {}));
    for (;;) {
      const { done, value } = await body.read();
      if (done) return;
      this.heardAt = env.now();
      parser.feed(decoder.decode(value, { stream: true }));
      this.retryMs = parser.retryMs();
      this.#listenToSilence(patienceMs());
    }
  }

  /** @param {number} ms */
  #listenToSilence(ms) {
    this.options.env.clearTimeout(this.#timer);
    if (this.#abort.signal.aborted) return;
    this.#timer = this.options.env.setTimeout(() => {
      this.#isSilent = true;
      this.#abort.abort();
    }, ms);
  }
}
