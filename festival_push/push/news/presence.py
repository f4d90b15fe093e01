"""Who is connected: this process knows its own streams, and `RedisPresence` those of the others."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Protocol

import msgspec

_COUNTS: Final = 1_000  # streams in one loop turn: a fraction of a millisecond

Who = tuple[str, str]
"""A person's or a display's id, and what they are."""


class Connected(Protocol):
    """An open stream, as far as it says whose it is."""

    @property
    def user_id(self) -> str: ...
    @property
    def user_type(self) -> str: ...


Streams = Callable[[], Sequence[Connected]]
"""Gives the open streams of this process."""


class Present(msgspec.Struct, frozen=True, kw_only=True):
    """Who is connected at this moment."""

    streams: Counter[Who]  # open streams of each
    total: int  # of all streams; more than the sum, where a process has more people than it tells of
    processes: int  # that are counted
    complete: bool  # False: there may be others whose streams are not in it


class Presence(Protocol):
    """Where the streams of all processes are known."""

    async def everywhere(self) -> Present:
        """Who is connected to all processes, as far as they are heard of. Never raises, and hardly waits."""
        ...

    async def run(self) -> None:
        """Tell the other processes, until cancelled."""
        ...

    async def close(self) -> None:
        """Take back what was told, and let go."""
        ...


class LocalPresence:
    """This process alone.

    Args:
        alone: Whether there is no other process.
    """

    def __init__(self, streams: Streams, *, alone: bool) -> None:
        self._streams = streams
        self._alone = alone

    async def everywhere(self) -> Present:
        """As `Presence.everywhere`."""
        streams = await count(self._streams())
        return Present(streams=streams, total=streams.total(), processes=1, complete=self._alone)

    async def run(self) -> None:
        """There is nobody to tell."""
        await asyncio.Event().wait()

    async def close(self) -> None:
        """Nothing was told."""


async def count(streams: Sequence[Connected]) -> Counter[Who]:
    """The open streams of each person and display; lets others work meanwhile."""
    counted: Counter[Who] = Counter()
    for start in range(0, len(streams), _COUNTS):
        counted.update(_names(streams[start : start + _COUNTS]))
        await asyncio.sleep(0)
    return counted


def _names(streams: Iterable[Connected]) -> Iterable[Who]:
    return ((stream.user_id, stream.user_type) for stream in streams)
