"""Shared memory in which the workers behind one port exchange their metrics.

    supervisor ── makes the memory, gives each worker a slot in it ──► worker 0   worker 1   …
    a worker   ── writes its reading every few seconds, and before it answers a scrape
    a scrape   ── reaches any one of them: its own values, and the last readings that the others have written

A worker that replaces a dead one takes over its slot, and adds to the counters written there. Every value is written
before it is shown: so no counter goes back.

The memory is a file without a name (memfd_create): it is gone with the last process that has it, however they end.
A slot has two halves, which are written in turn: a worker that is killed during a write leaves the other half whole.
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
from festival_push.settings.variables import SHARE_VARIABLE

KEEP_EVERY_S: Final = 2.0
STALE_S: Final = 10.0  # a worker that has not written for so long is dead or blocked: its gauges are no longer true

_HALF_BYTES: Final = 1 << 20  # at most; pages that are never written take no memory. A reading has some 10 KiB
_HEAD: Final = struct.Struct("<QII")  # the number of the write, from 1 on; the body's length in bytes; a checksum
_TRIES: Final = 3  # reads of a slot, as both halves may be written during one

_log = logging.getLogger(__name__)


class _Kept(msgspec.Struct, frozen=True):
    at_s: float  # on the machine's monotonic clock, which all its processes share
    reading: Reading


class MetricsMemory:
    """The shared memory. It can be pickled only as an argument of a process that is being spawned."""

    def __init__(self) -> None:
        self._file = os.memfd_create("festival-push-metrics")

    def __getstate__(self) -> Any:
        return DupFd(self._file)

    def __setstate__(self, sent: Any) -> None:
        self._file = sent.detach()

    def name_slot(self, slot: int, slots: int) -> str:
        """Return the value of SHARE_VARIABLE for the process that has this slot.

        Args:
            slot: From 0 on.
            slots: How many there are.
        """
        return f"{self._file} {slot} {slots}"

    def give_slot(self, slot: int, slots: int) -> None:
        """Give this slot to the calling process: set SHARE_VARIABLE for `Share.of_environment`."""
        os.environ[SHARE_VARIABLE] = self.name_slot(slot, slots)

    def close(self) -> None:
        """Close this process' descriptor of the memory."""
        os.close(self._file)


class Share:
    """One worker's slot in the shared memory."""

    def __init__(self, name: str) -> None:
        """Take the slot that `MetricsMemory.name_slot` has named, with the counters left there by a worker before."""
        self._file, self._slot, self._slots = map(int, name.split())
        self._number, body = _newest(self._file, self._slot)
        kept = _decoded(body)
        self._inherited = Reading() if kept is None else kept.reading.lasting()

    @classmethod
    def of_environment(cls) -> "Share | None":
        """Return the slot that the supervisor has given this process; None if the process is alone."""
        name = os.environ.get(SHARE_VARIABLE)
        return cls(name) if name else None

    def keep(self, reading: Reading) -> Reading:
        """Write this process' reading for the other workers, and return it merged with the inherited counters.

        Raises:
            OSError: The memory is full, or the reading is too large for it.
        """
        own = merged((self._inherited, reading))
        body = msgspec.msgpack.encode(_Kept(time.monotonic(), own))
        self._number += 1
        _write(self._file, self._slot, self._number, body)
        return own

    def others(self) -> list[Reading]:
        """Return the last readings of the other slots; of those silent for STALE_S, only counters and histograms."""
        found = []
        for slot in range(self._slots):
            if slot != self._slot and (kept := _decoded(_newest(self._file, slot)[1])) is not None:
                silent = time.monotonic() - kept.at_s > STALE_S
                found.append(kept.reading.lasting() if silent else kept.reading)
        return found


def _write(file: int, slot: int, number: int, body: bytes) -> None:
    """Write into the half that is older. Raises OSError if the memory is full."""
    text = _HEAD.pack(number, len(body), _checksum(number, body)) + body
    if len(text) > _HALF_BYTES or os.pwrite(file, text, _offset(slot, number)) < len(text):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _newest(file: int, slot: int) -> tuple[int, bytes]:
    """Return the number and the body of the newest whole write; 0 and no bytes if there is none."""
    for _ in range(_TRIES):
        found = max(_half(file, slot, number) for number in (0, 1))
        if found[0]:
            return found
    return 0, b""


def _half(file: int, slot: int, number: int) -> tuple[int, bytes]:
    offset = _offset(slot, number)
    head = os.pread(file, _HEAD.size, offset)
    number, length, checksum = _HEAD.unpack(head.ljust(_HEAD.size, b"\0"))
    body = os.pread(file, length, offset + _HEAD.size)
    return (number, body) if _checksum(number, body) == checksum else (0, b"")


def _checksum(number: int, body: bytes) -> int:
    return zlib.crc32(body, zlib.crc32(b"%d" % number))


def _offset(slot: int, number: int) -> int:
    """Return the offset of the write with this number: consecutive writes go to different halves."""
    return (2 * slot + number % 2) * _HALF_BYTES


def _decoded(body: bytes) -> _Kept | None:
    try:
        return msgspec.msgpack.decode(body, type=_Kept) if body else None
    except msgspec.DecodeError as error:
        _log.warning("the metrics of another worker can't be read: %s", error)
        return None
