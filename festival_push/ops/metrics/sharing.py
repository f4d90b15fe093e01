"""What the workers behind one port tell each other of their metrics, in memory that they share.

    supervisor ── makes the memory, gives each worker a place in it ──► worker 0   worker 1   …
    a worker   ── writes its reading every few seconds, and before it answers a scrape
    a scrape   ── reaches any one of them: its own values, and what the others have written last

A worker that takes a dead one's place goes on from what that one has written. Nothing was ever shown that had not
been written before: so no counter goes back.

The memory is a file without a name (memfd_create): it is gone with the last process that has it, however they end.
A place has two halves, which are written in turn: whoever is killed meanwhile leaves the other one whole.
"""

import errno
import logging
import os
import struct
import time
import zlib
from multiprocessing.reduction import DupFd
from typing import Any, Final

import msgspec

from festival_push.ops.metrics.readings import Reading, merged

SHARE_VARIABLE: Final = "FESTIVAL_PUSH_SHARE"
"""A worker's place: the descriptor of the memory, the number of the place, how many there are."""
KEEP_EVERY_S: Final = 2.0
STALE_S: Final = 10.0  # who has not written for so long is dead or stands still: its gauges are no longer true

_HALF_BYTES: Final = 1 << 20  # at most; what is never written takes no memory. A reading has some 10 KiB
_HEAD: Final = struct.Struct("<QII")  # the number of the writing, from 1 on; the body's length; a checksum
_TRIES: Final = 3  # both halves may be written while they are being read

_log = logging.getLogger(__name__)


class _Kept(msgspec.Struct, frozen=True):
    at_s: float  # on the machine's monotonic clock, which all its processes share
    reading: Reading


class MetricsMemory:
    """The memory itself. It can be an argument of a process that is being spawned, and of nothing else."""

    def __init__(self) -> None:
        self._file = os.memfd_create("festival-push-metrics")

    def __getstate__(self) -> Any:
        return DupFd(self._file)

    def __setstate__(self, sent: Any) -> None:
        self._file = sent.detach()

    def name_place(self, place: int, places: int) -> str:
        """What SHARE_VARIABLE is to be in the process that has this place, from 0 on."""
        return f"{self._file} {place} {places}"

    def give_place(self, place: int, places: int) -> None:
        """Give this place to the process that calls it, for `Share.of_environment`."""
        os.environ[SHARE_VARIABLE] = self.name_place(place, places)

    def close(self) -> None:
        """Let go of it."""
        os.close(self._file)


class Share:
    """One worker's place."""

    def __init__(self, name: str) -> None:
        """Take the place that `MetricsMemory.name_place` has named."""
        self._file, self._place, self._places = map(int, name.split())
        self._number, body = _newest(self._file, self._place)
        kept = _decoded(body)
        self._inherited = Reading() if kept is None else kept.reading.lasting()

    @classmethod
    def of_environment(cls) -> "Share | None":
        """The place that the supervisor has given this process; None: it is alone."""
        name = os.environ.get(SHARE_VARIABLE)
        return cls(name) if name else None

    def keep(self, reading: Reading) -> Reading:
        """Write what this process has read, for the others; returns it with what was inherited. Raises OSError."""
        own = merged((self._inherited, reading))
        body = msgspec.msgpack.encode(_Kept(time.monotonic(), own))
        self._number += 1
        _write(self._file, self._place, self._number, body)
        return own

    def others(self) -> list[Reading]:
        """What the other places have written; of those that are silent, only what lasts."""
        found = []
        for place in range(self._places):
            if place != self._place and (kept := _decoded(_newest(self._file, place)[1])) is not None:
                silent = time.monotonic() - kept.at_s > STALE_S
                found.append(kept.reading.lasting() if silent else kept.reading)
        return found


def _write(file: int, place: int, number: int, body: bytes) -> None:
    """Write into the half that is not the newest. Raises OSError."""
    text = _HEAD.pack(number, len(body), _checksum(number, body)) + body
    if len(text) > _HALF_BYTES or os.pwrite(file, text, _offset(place, number)) < len(text):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _newest(file: int, place: int) -> tuple[int, bytes]:
    """The newest writing that is whole, with its number; 0 and nothing where there is none."""
    for _ in range(_TRIES):
        found = max(_half(file, place, number) for number in (0, 1))
        if found[0]:
            return found
    return 0, b""


def _half(file: int, place: int, number: int) -> tuple[int, bytes]:
    offset = _offset(place, number)
    head = os.pread(file, _HEAD.size, offset)
    number, length, checksum = _HEAD.unpack(head.ljust(_HEAD.size, b"\0"))
    body = os.pread(file, length, offset + _HEAD.size)
    return (number, body) if _checksum(number, body) == checksum else (0, b"")


def _checksum(number: int, body: bytes) -> int:
    return zlib.crc32(body, zlib.crc32(b"%d" % number))


def _offset(place: int, number: int) -> int:
    """Where the writing of this number is: two that follow each other are in different halves."""
    return (2 * place + number % 2) * _HALF_BYTES


def _decoded(body: bytes) -> _Kept | None:
    try:
        return msgspec.msgpack.decode(body, type=_Kept) if body else None
    except msgspec.DecodeError as error:
        _log.warning("the metrics of another worker can't be read: %s", error)
        return None
