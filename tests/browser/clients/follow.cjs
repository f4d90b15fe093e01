// @ts-check
/** Follows a stream with libraries that others have written, each as its manual says, and prints what they tell: a line
 * of JSON `[library, event, id]` for each event.
 *
 *   node follow.cjs URL TOKEN LIBRARY...
 */
"use strict";

const [url = "", token = "", ...libraries] = process.argv.slice(2);
const headers = { Authorization: `Bearer ${token}` };
const EVENTS = ["connected", "balance-updated", "payment-completed", "new-notification"];

/** @param {string} library @param {string} event @param {string} id @param {string} data */
function tell(library, event, id, data) {
  JSON.parse(data); // several lines are one value
  process.stdout.write(`${JSON.stringify([library, event, id, event === "connected" && JSON.parse(data).resumed])}\n`);
}

/** @param {string} library @param {any} source  an EventSource, or what takes its place */
function listen(library, source) {
  for (const name of EVENTS) {
    source.addEventListener(name, (/** @type {any} */ event) => tell(library, name, event.lastEventId, event.data));
  }
}

/** EventSource of the standard can set no header; this is the way of its library to do it.
 * @param {any} address @param {any} init */
const fetchAsAnna = (address, init) => fetch(address, { ...init, headers: { ...init.headers, ...headers } });

/** @type {Record<string, () => void>} */
const FOLLOWERS = {
  "eventsource"() {
    const { EventSource } = require("eventsource");
    listen("eventsource", new EventSource(url, { fetch: fetchAsAnna }));
  },
  "event-source-polyfill"() {
    const { EventSourcePolyfill } = require("event-source-polyfill");
    listen("event-source-polyfill", new EventSourcePolyfill(url, { headers }));
  },
  "reconnecting-eventsource"() {
    const { EventSource } = require("eventsource");
    const { default: Reconnecting } = require("reconnecting-eventsource");
    listen("reconnecting-eventsource", new Reconnecting(url, { eventSourceClass: EventSource, fetch: fetchAsAnna }));
  },
  "@microsoft/fetch-event-source"() {
    Object.assign(globalThis, { window: globalThis });
    const { fetchEventSource } = require("@microsoft/fetch-event-source");
    fetchEventSource(url, {
      headers, fetch, openWhenHidden: true,
      onmessage({ event, id, data }) {
        if (EVENTS.includes(event)) tell("@microsoft/fetch-event-source", event, id, data);
      },
      onclose() { // it takes an end for the last one, unless it is told so
        throw new Error("again");
      },
      onerror: () => 100,
    });
  },
  "launchdarkly-eventsource"() {
    const { EventSource } = require("launchdarkly-eventsource");
    const source = new EventSource(url, { headers, initialRetryDelayMillis: 100 });
    listen("launchdarkly-eventsource", source);
    source.onerror = () => {}; // it retries by itself
  },
};

for (const library of libraries) /** @type {() => void} */ (FOLLOWERS[library])();
