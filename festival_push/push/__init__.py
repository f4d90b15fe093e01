"""Events on their way from the log to every open stream.

The tail brings every row of the log into the hub, once and in order. The hub makes a frame of each row, and finds its
audience; the delivery puts the frame into the backlog of each of them, and decides when each is flushed. A feed serves
one client: it subscribes, decides on the cursor, replays from the window or from SQL, then takes the backlog. A stream
owns a feed and adds the frames that are not in the log: `connected`, heartbeats, a last frame. A stream is written
directly to its connection, or by an ASGI iterator; a long poll collects the same events. The registry admits, sweeps
and drains all streams; the broker carries committed rows between processes. Start with `hub/hub.py`.
"""
