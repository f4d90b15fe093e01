"""What the workers behind one port tell each other of their metrics: a file for each, in a folder of the supervisor.

    supervisor ── makes the folder, gives each place a file ──► worker 0   worker 1   …
    a worker   ── writes its reading every few seconds, and before it answers a scrape
    a scrape   ── reaches any one of them: its own values, and what the others have written last

A worker that takes a dead one's place goes on from what that one has written. Nothing was ever shown that had not
been written before: so no counter goes back.
"""

import logging
import os
import time
from pathlib import Path
from typing import Final

import msgspec

from festival_push.ops.readings import Reading, merged

SHARE_VARIABLE: Final = "FESTIVAL_PUSH_SHARE"
"""Names this worker's own file; the others' are beside it."""
KEEP_EVERY_S: Final = 2.0
STALE_S: Final = 10.0  # who has not written for so long is dead or stands still: its gauges are no longer true

_log = logging.getLogger(__name__)


class _Kept(msgspec.Struct, frozen=True):
    at_s: float  # on the machine's monotonic clock, which all its processes share
    reading: Reading


class Share:
    """One worker's place in the folder."""

    def __init__(self, path: Path) -> None:
        self._path = path
        kept = _read(path)
        self._inherited = Reading() if kept is None else kept.reading.lasting()

    @classmethod
    def of_environment(cls) -> "Share | None":
        """The place that the supervisor has given this process; None: it is alone."""
        path = os.environ.get(SHARE_VARIABLE)
        return cls(Path(path)) if path else None

    def keep(self, reading: Reading) -> Reading:
        """Write what this process has read, for the others; returns it with what was inherited. Raises OSError."""
        own = merged((self._inherited, reading))
        fresh = self._path.with_suffix(".new")
        fresh.write_bytes(msgspec.msgpack.encode(_Kept(time.monotonic(), own)))
        fresh.replace(self._path)  # whoever reads finds the old one or the new one, and both whole
        return own

    def others(self) -> list[Reading]:
        """What the other places have written; of those that are silent, only what lasts."""
        found = []
        for path in sorted(self._path.parent.glob(f"*{self._path.suffix}")):
            if path != self._path and (kept := _read(path)) is not None:
                silent = time.monotonic() - kept.at_s > STALE_S
                found.append(kept.reading.lasting() if silent else kept.reading)
        return found


def _read(path: Path) -> _Kept | None:
    try:
        return msgspec.msgpack.decode(path.read_bytes(), type=_Kept)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        _log.warning("the metrics in %s can't be read: %s", path, error)
        return None
