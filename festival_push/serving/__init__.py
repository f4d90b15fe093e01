"""The HTTP server, on uvicorn. It knows nothing of the application that it serves.

`server.py` serves, in one process or under the `supervisor`, which replaces processes that hang; `listening.py` opens
the sockets. `process.py` is one such process: uvicorn with our settings and an orderly end. `protocol.py` bounds how
much a connection may send and how long it may take, `reading.py` reads its requests, `crowd.py` bounds what all
connections take together; `refusals.py` has the answers that are given below the application. `handover.py` takes a
stream's connection from uvicorn after the head of its answer. Start with `server.py`.
"""
