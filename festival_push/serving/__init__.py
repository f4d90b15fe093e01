"""An HTTP server as such, on uvicorn. It knows no festival.

`server.py` opens the listener and serves, in one process or under the `supervisor`, which replaces processes that hang.
`process.py` is one of them: uvicorn with our settings and an orderly end. `protocol.py` bounds what a connection may
send and how long it may take; `refusals.py` has the answers that are given below the application. `handover.py` takes a
stream's connection from uvicorn after the head of its answer. Start with `server.py`.
"""
