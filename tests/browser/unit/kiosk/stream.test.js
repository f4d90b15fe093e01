// @ts-check
/** The board's stream, over a request and a clock that the test holds. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { runScripts } from "./scripts.js";

const { BoardSse, BoardStream } = runScripts(["wire/sse.js", "wire/stream.js"], ["BoardSse", "BoardStream"]);

/** An XMLHttpRequest that says what it is told. */
class FakeRequest {
  headers = /** @type {Record<string, string>} */ ({});
  readyState = 1;
  status = 0;
  responseText = "";
  retryAfter = /** @type {string | null} */ (null);
  isAborted = false;
  onprogress = () => {};
  onreadystatechange = () => {};
  open(/** @type {string} */ _method, /** @type {string} */ url) {
    this.url = url;
  }
  setRequestHeader(/** @type {string} */ name, /** @type {string} */ value) {
    this.headers[name] = value;
  }
  getResponseHeader = () => this.retryAfter;
  send() {}
  abort() {
    this.isAborted = true;
    this.readyState = 4;
    this.onreadystatechange();
  }
  write(/** @type {string} */ text) {
    this.status = 200;
    this.readyState = 3;
    this.responseText += text;
    this.onprogress();
  }
  say(/** @type {string} */ type, /** @type {unknown} */ data, id = "") {
    this.write(`${id && `id: ${id}\n`}event: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
  }
  end(status = 200) {
    this.status = status;
    this.readyState = 4;
    this.onreadystatechange();
  }
}

function following(token = "t") {
  const requests = /** @type {FakeRequest[]} */ ([]);
  const events = /** @type {any[]} */ ([]);
  const links = /** @type {string[]} */ ([]);
  let now = 1_000;
  let timers = /** @type {{id: number, at: number, run: () => void}[]} */ ([]);
  let ids = 0;
  const browser = { online: true };
  const env = {
    createRequest() {
      requests.push(new FakeRequest());
      return requests[requests.length - 1];
    },
    now: () => now,
    setTimeout(/** @type {() => void} */ run, /** @type {number} */ ms) {
      timers.push({ id: (ids += 1), at: now + ms, run });
      return ids;
    },
    clearTimeout: (/** @type {number} */ id) => void (timers = timers.filter((timer) => timer.id !== id)),
    random: () => 0.5,
    isOnline: () => browser.online,
  };
  const advance = (/** @type {number} */ ms) => {
    for (const until = now + ms; ; ) {
      timers.sort((a, b) => a.at - b.at || a.id - b.id);
      const next = timers[0];
      if (!next || next.at > until) {
        now = until;
        return;
      }
      timers.shift();
      now = next.at;
      next.run();
    }
  };
  const stream = BoardStream.follow({ env, url: "/v1/boards/sun/stream", token,
    onEvent(/** @type {string} */ type, /** @type {any} */ data) {
      events.push([type, data.n]);
      if (data.n === "boom") throw new Error("the page's own");
    },
    onLink: (/** @type {string} */ link) => links.push(link) });
  return { requests, events, links, advance, stream, browser, last: () => /** @type {FakeRequest} */ (requests[requests.length - 1]) };
}

test("events are handed over as they come, whatever the pieces in which they come", () => {
  const { last, events, links, requests } = following();
  assert.deepEqual([last().url, last().headers.Authorization, last().headers["Last-Event-ID"]], ["/v1/boards/sun/stream", "Bearer t", undefined]);
  const text = 'id: e.1\nevent: connected\ndata: {"heartbeat":15,"n":0}\n\n: beat\n\nid: e.2\r\nevent: board-updated\r\ndata: {"n":1}\r\n\r\n';
  for (const char of text) last().write(char);
  assert.deepEqual(events, [["connected", 0], ["board-updated", 1]]);
  assert.deepEqual(links, ["reconnecting", "live"]);
  assert.equal(requests.length, 1);
});

test("a public board is asked for without a token", () => {
  assert.equal("Authorization" in following("").last().headers, false);
});

test("after a cut it goes on behind the last event, later and later", () => {
  const { last, links, advance, requests } = following();
  last().say("connected", { heartbeat: 15 }, "e.7");
  last().say("board-updated", { n: 1 }, "e.8");
  last().write('id: e.9\nevent: board-updated\ndata: {"n"'); // half an event
  last().end();
  assert.equal(links.at(-1), "reconnecting");
  advance(501);
  assert.deepEqual([requests.length, last().headers["Last-Event-ID"]], [2, "e.8"]);
  last().end(0);
  advance(1_000);
  assert.equal(requests.length, 2);
  advance(1);
  assert.equal(requests.length, 3);
  for (let tries = 0; tries < 20; tries += 1) {
    last().end(503);
    advance(15_001);
  }
  assert.equal(requests.length, 23, "half of the longest wait, and no longer");
});

test("a long text is exchanged for a new request, and nothing is lost", () => {
  const { last, events, links, advance, requests } = following();
  last().say("connected", { heartbeat: 15 }, "e.0");
  const filler = "x".repeat(1_000);
  let sent = 0;
  for (let round = 0; round < 1_500; round += 1) {
    const request = last();
    if (request.isAborted) {
      advance(1_001);
      const position = Number((last().headers["Last-Event-ID"] ?? "").slice(2));
      last().say("connected", { resumed: true });
      for (let missed = position + 1; missed <= sent; missed += 1) last().say("board-updated", { n: missed, filler }, `e.${missed}`);
    }
    sent += 1;
    last().say("board-updated", { n: sent, filler }, `e.${sent}`);
  }
  const numbers = events.filter(([type]) => type === "board-updated").map(([, n]) => n);
  assert.ok(sent - numbers.length <= 1);
  assert.deepEqual(numbers, numbers.map((_, index) => index + 1));
  assert.ok(requests.length >= 5);
  assert.ok(requests.every((request) => request.responseText.length < BoardStream.TEXT_CHARS_MAX + 3_000));
  assert.deepEqual(links, ["reconnecting", "live"], "nobody sees it");
});

test("silence is the end of a connection, heartbeats are not", () => {
  const { last, links, advance, requests, stream } = following();
  last().say("connected", { heartbeat: 10 }, "e.1");
  for (let beats = 0; beats < 10; beats += 1) {
    advance(10_000);
    last().write(": beat\n\n");
  }
  assert.equal(requests.length, 1);
  assert.equal(stream.heardAt(), 101_000);
  advance(28_000);
  assert.deepEqual([requests.length, requests[0]?.isAborted, links.at(-1)], [2, true, "reconnecting"]);
  assert.equal(stream.heardAt(), 101_000, "a try is no answer");
});

test("a stream that opens silently is given up after ten seconds", () => {
  const { advance, requests } = following();
  advance(12_000);
  assert.equal(requests[0]?.isAborted, true);
  advance(501);
  assert.equal(requests.length, 2);
});

test("a refused screen says so, and asks again for ever, seldom", () => {
  const { last, links, advance, requests } = following();
  last().say("connected", { heartbeat: 15 }, "e.1");
  last().say("error", { code: "display-revoked", message: "x" });
  assert.equal(links.at(-1), "refused");
  last().end();
  advance(29_000);
  assert.equal(requests.length, 1);
  advance(2_000);
  last().end(401);
  assert.equal(links.at(-1), "refused");
  advance(31_100);
  last().say("connected", { heartbeat: 15 }, "e.2");
  assert.equal(links.at(-1), "live");
});

test("a refusal for now is followed when the server asks for it", () => {
  const { last, links, advance, requests } = following();
  last().write("retry: 5000\n\n");
  last().say("error", { code: "capacity", message: "x" });
  last().end();
  advance(5_000);
  assert.equal(requests.length, 1);
  advance(501);
  assert.equal(requests.length, 2);
  last().retryAfter = "20";
  last().end(429);
  advance(20_000);
  assert.equal(requests.length, 2);
  advance(1_001);
  assert.equal(requests.length, 3);
  assert.deepEqual(links, ["reconnecting"]);
});

test("the network comes and goes, and somebody looks at the screen", () => {
  const { last, links, advance, requests, stream, browser } = following();
  last().say("connected", { heartbeat: 15 }, "e.1");
  stream.lose();
  browser.online = false;
  assert.equal(links.at(-1), "offline");
  browser.online = true;
  stream.check(true);
  advance(1);
  assert.equal(requests.length, 2);
  last().say("connected", { heartbeat: 15 }, "e.1");
  assert.equal(links.at(-1), "live");
  stream.check(false);
  advance(1);
  assert.equal(requests.length, 2, "it is not silent");
  advance(19_000);
  stream.check(false);
  advance(1);
  assert.equal(requests.length, 3);
  stream.stop();
  advance(100_000);
  assert.equal(requests.length, 3);
  assert.equal(last().isAborted, true);
});

test("a browser that is wrong about its network doesn't darken the board", () => {
  const { last, links, requests, stream } = following();
  last().say("connected", { heartbeat: 15 }, "e.1");
  stream.lose();
  last().write(": beat\n\n");
  assert.deepEqual(links, ["reconnecting", "live", "offline", "live"]);
  last().say("error", { code: "display-revoked", message: "x" });
  last().write(": beat\n\n");
  assert.deepEqual([links.at(-1), requests.length], ["refused", 1]);
});

test("a page's own fault is told, and costs no event", () => {
  const { last, events, links, advance } = following();
  last().say("connected", { heartbeat: 15, n: "boom" }, "e.1");
  last().say("board-updated", { n: 2 }, "e.2");
  assert.deepEqual([events.length, links.at(-1)], [2, "live"]);
  assert.throws(() => advance(1), /the page's own/);
});

test("what isn't ours is not taken for events", () => {
  const { last, events, links, advance, requests } = following();
  last().write("data: <html>\n\ndata: 1\n\n");
  assert.deepEqual([events, links, last().isAborted], [[], ["reconnecting"], true]);
  advance(501);
  assert.equal(requests.length, 2);
});

test("an event on several lines is one value", () => {
  const { last, events } = following();
  last().write('id: e.1\nevent: connected\ndata: {"heartbeat":15,\ndata: "n":0}\n\nid: e.2\nevent: board-updated\ndata: {"n":\n');
  last().write("data: 1}\n\n");
  assert.deepEqual(events, [["connected", 0], ["board-updated", 1]]);
});

test("comments, unknown fields and empty frames say nothing", () => {
  const frames = /** @type {any[]} */ ([]);
  const parser = BoardSse.createParser((/** @type {any} */ frame) => frames.push(frame));
  parser.feed(":x\n\nfoo: bar\nid: 3\n\nretry: 70\nretry: soon\ndata:a\ndata: b\n\n");
  assert.deepEqual(frames, [{ type: "message", data: "a\nb", id: null }]);
  assert.equal(parser.retryMs(), 70);
});
