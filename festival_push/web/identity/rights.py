"""Hear of every right that changes, and let first the caches and then the open streams keep to it."""

from typing import Protocol

from festival_push.domain.log import LogRow


class Hearing(Protocol):
    """Acts on an event of the log's topic `system`, without waiting."""

    def hear(self, row: LogRow) -> None: ...


class Rights:
    """The hub's listener for changes of rights: `hub.on_system(rights.hear)`.

    Args:
        caches: The `Authenticator`, which remembers callers. It comes first: a client whose stream ends reconnects at
            once, and must meet the present state.
        streams: The `StreamGuard`, which ends streams. It is told also if the caches fail.
    """

    def __init__(self, *, caches: Hearing, streams: Hearing) -> None:
        self._caches = caches
        self._streams = streams

    def hear(self, row: LogRow) -> None:
        """Tell the caches, then the streams. Raises whatever they raise."""
        try:
            self._caches.hear(row)
        finally:
            self._streams.hear(row)
