"""A subscriber: one open stream as the hub sees it, with the frames that wait for it."""

from typing import Final, Protocol

from festival_push.domain.values import Topic, UserId
from festival_push.push.frames import Frame


class Sink(Protocol):
    """What takes a subscriber's frames to the client. Called by the hub; must not block, wait or raise."""

    def flush(self) -> None:
        """Frames are waiting: `take` them now or soon. Called at most once a loop turn for whatever came in it."""

    def cut(self) -> None:
        """Too much was waiting. Nothing will come any more and what waited is gone: end the connection; the client
        comes back with its cursor."""


class _Nobody:
    """The sink of a subscriber that is closed."""

    def flush(self) -> None:
        """There is nothing to take."""

    def cut(self) -> None:
        """It is."""


_NOBODY: Final = _Nobody()
_NO_ROOMS: Final[frozenset[Topic]] = frozenset()  # one for all: each empty set takes 216 bytes


class Subscriber:
    """Topics, and the frames pushed since.

    Attributes:
        since: Every event of the topics after this position is pushed; earlier ones are in the window and the log.
        backlog_bytes: Size of the frames that were pushed and not yet taken.
        closed: Cut off or unsubscribed; nothing is pushed any more.
        owner: Whose rooms it follows beside its own topics; None: nobody's.
        rooms: Topics of those rooms, as of `rooms_at`: the position of the change that the hub has followed last.
    """

    __slots__ = (
        "backlog_bytes",
        "backlog_bytes_max",
        "closed",
        "in_crowd",
        "in_few",
        "own",
        "owner",
        "pending",
        "rooms",
        "rooms_at",
        "since",
        "sink",
        "topics",
    )

    def __init__(
        self,
        topics: frozenset[Topic],
        sink: Sink,
        *,
        since: int,
        backlog_bytes_max: int,
        owner: UserId | None = None,
        rooms: frozenset[Topic] = frozenset(),
    ) -> None:
        self.own = topics
        self.owner = owner
        self.rooms = rooms or _NO_ROOMS
        self.rooms_at = 0
        self.topics = topics | rooms if rooms else topics  # the union of two would be a new set for each stream
        self.sink: Sink = sink
        self.since = since
        self.backlog_bytes = 0
        self.backlog_bytes_max = backlog_bytes_max
        self.pending: list[Frame] = []
        self.in_few = False  # waits in one of the hub's lists to be flushed
        self.in_crowd = False
        self.closed = False

    def push(self, frame: Frame) -> bool:
        """Append one frame; False when that is more than may wait. The hub's part."""
        self.backlog_bytes += len(frame.data)
        if self.backlog_bytes > self.backlog_bytes_max:
            return False
        self.pending.append(frame)
        return True

    def take(self) -> list[Frame]:
        """All frames that wait, in log order. The sink's part."""
        taken, self.pending = self.pending, []
        self.backlog_bytes = 0
        return taken

    def close(self) -> None:
        """Forget what waits; nothing is pushed any more. It also lets go of its sink: the two know each other, and
        the garbage collector, which would find that, hardly ever looks at what has lived as long as a stream."""
        self.closed = True
        self.sink = _NOBODY
        self.pending.clear()
        self.backlog_bytes = 0
