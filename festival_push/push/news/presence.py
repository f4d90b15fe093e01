"""Who is connected: this process knows its own streams, and `RedisPresence` those of the others."""

import asyncio
from collections import Counter
from typing import Protocol

import msgspec

from festival_push.push.headcount import Headcount, Who


class Present(msgspec.Struct, frozen=True, kw_only=True):
    """Who is connected at this moment."""

    streams: Counter[Who]  # open streams of each person and display
    total: int  # all streams; more than the sum of `streams` if not everybody is named
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
        here: The open streams of this process.
        alone: True if there is no other process, so that the count is complete.
    """

    def __init__(self, here: Headcount, *, alone: bool) -> None:
        self._here = here
        self._alone = alone

    async def everywhere(self) -> Present:
        """As `Presence.everywhere`."""
        return Present(streams=self._here.streams(), total=self._here.total, processes=1, complete=self._alone)

    async def run(self) -> None:
        """Do nothing until cancelled: other processes are not told."""
        await asyncio.Event().wait()

    async def close(self) -> None:
        """Do nothing: there is nothing to withdraw."""
