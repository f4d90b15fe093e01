"""Who is connected: this process knows its own streams, and `RedisPresence` those of the others."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Protocol

import msgspec

_COUNTS: Final = 1_000  # streams in one loop turn: a fraction of a millisecond

Who = tuple[str, str]
"""A person's or a display's id, and their user type."""


class Connected(Protocol):
    """An open stream, reduced to its owner."""

    @property
    def user_id(self) -> str: ...
    @property
    def user_type(self) -> str: ...


Streams = Callable[[], Sequence[Connected]]
"""Returns the open streams of this process."""


class Present(msgspec.Struct, frozen=True, kw_only=True):
    """Who is connected at this moment."""

    streams: Counter[Who]  # open streams of each person and display
    total: int  # all streams; more than the sum of `streams` if a process has more people than its summary names
    processes: int  # how many are counted
    complete: bool  # False if streams may be missing


class Presence(Protocol):
    """Knows the open streams of all processes."""

    async def everywhere(self) -> Present:
        """Return who is connected to any process, as far as known here. Never raises, and hardly waits."""
        ...

    async def run(self) -> None:
        """Tell the other processes of this one's streams, until cancelled."""
        ...

    async def close(self) -> None:
        """Withdraw what the other processes were told, and close the connections."""
        ...


class LocalPresence:
    """Counts the streams of this process alone.

    Args:
        streams: Returns the open streams of this process.
        alone: True if there is no other process, so that the count is complete.
    """

    def __init__(self, streams: Streams, *, alone: bool) -> None:
        self._streams = streams
        self._alone = alone

    async def everywhere(self) -> Present:
        """As `Presence.everywhere`."""
        streams = await count(self._streams())
        return Present(streams=streams, total=streams.total(), processes=1, complete=self._alone)

    async def run(self) -> None:
        """Do nothing until cancelled: other processes are not told."""
        await asyncio.Event().wait()

    async def close(self) -> None:
        """Do nothing: there is nothing to withdraw."""


async def count(streams: Sequence[Connected]) -> Counter[Who]:
    """Count the open streams of each person and display; other tasks run in between."""
    counted: Counter[Who] = Counter()
    for start in range(0, len(streams), _COUNTS):
        counted.update(_names(streams[start : start + _COUNTS]))
        await asyncio.sleep(0)
    return counted


def _names(streams: Iterable[Connected]) -> Iterable[Who]:
    return ((stream.user_id, stream.user_type) for stream in streams)
