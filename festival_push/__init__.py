"""Festival Push: cashless payment and real-time push for a festival.

`app` puts the packages together; only `cli` imports it. Commands come in through `web`, are decided by the pure rules
of `domain`, and are written by `store`, in one transaction with the events that report them. `push` brings those events
to everybody's stream, and `serving` holds the connections. `ops` watches, audits and backs up. `settings` reads and
checks `config.toml` and the environment. `simulate` is a client that checks the promises from outside. Start with
`domain/orders/orders.py`, then with `store/writing/committer.py`.
"""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("festival-push")
except PackageNotFoundError:  # imported from a source tree that nobody has installed
    __version__ = "unknown"
