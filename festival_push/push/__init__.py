"""Events on their way from the log to every open stream.

The tail brings every row of the log into the hub, once and in order. The hub makes it a frame, and puts it into the
backlog of every subscriber of its topics. A feed is one client's way: subscribe, decide on the cursor, replay from the
window or from SQL, then take the backlog. A stream owns a feed and adds what is not in the log: `connected`,
heartbeats, last words; it is written directly to its connection, by an ASGI iterator, or collected by a long poll. The
registry admits, sweeps and drains all streams; the broker carries news between processes. Start with `hub/hub.py`.
"""
