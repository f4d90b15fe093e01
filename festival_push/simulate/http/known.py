"""What many streams get alike is read and kept once."""

from typing import Final, NamedTuple

from festival_push.simulate.facts import Fact
from festival_push.simulate.http.wire import Told

_KEPT: Final = 512


class Read(NamedTuple):
    """The data of an event, as text, as read, and as a fact."""

    name: str
    data: str
    told: Told
    fact: Fact | None


class Known:
    """The latest events that any stream has got, by their data."""

    def __init__(self) -> None:
        self._reads: dict[str, Read] = {}

    def get(self, name: str, data: str) -> Read | None:
        """Return what was read of this data before, if that was lately."""
        read = self._reads.get(data)
        return read if read is not None and read.name == name else None

    def keep(self, read: Read) -> Read:
        """Keep what was read, and forget the oldest."""
        self._reads[read.data] = read
        if len(self._reads) > _KEPT:
            del self._reads[next(iter(self._reads))]
        return read
