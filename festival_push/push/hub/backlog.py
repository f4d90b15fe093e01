"""A subscriber: one open stream as the hub sees it, with the frames that wait for it."""

from typing import Final, Protocol

from festival_push.domain.values import Topic, UserId
from festival_push.push.hub.frames import Frame


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


class Backlog:
    """Frames that wait, in log order; never empty, never changed. Streams that wait for the same frames share one: a
    broadcast makes one for all of them, and what is written to their lines is put together once.

    Attributes:
        earlier: What waited before the newest frame came.
        first: Position of the oldest frame.
        bytes: Size of all frames.
    """

    __slots__ = ("_chunks", "bytes", "earlier", "first", "newest")

    def __init__(self, earlier: "Backlog | None", newest: Frame) -> None:
        self.earlier = earlier
        self.newest = newest
        self.first: int = newest.position if earlier is None else earlier.first
        self.bytes: int = len(newest.data) + (0 if earlier is None else earlier.bytes)
        self._chunks: bytes | None = None
        if earlier is not None:
            earlier._chunks = None  # of every length of a backlog that one stream holds, it would be far too much

    @property
    def frames(self) -> list[Frame]:
        """The oldest first."""
        found = [self.newest]
        backlog = self
        while backlog.earlier is not None:
            backlog = backlog.earlier
            found.append(backlog.newest)
        found.reverse()
        return found

    @property
    def chunks(self) -> bytes:
        """All of it as chunks of a body, made when first asked for."""
        if self._chunks is None:
            self._chunks = self.newest.chunk if self.earlier is None else b"".join([f.chunk for f in self.frames])
        return self._chunks

    def after(self, position: int) -> "Backlog | None":
        """The part of it after a position of the log; None: there is none."""
        rest: Backlog | None = None
        for frame in self.frames:
            if frame.position > position:
                rest = Backlog(rest, frame)
        return rest


class Subscriber:
    """Topics, and the frames pushed since.

    Attributes:
        since: Every event of the topics after this position is pushed; earlier ones are in the window and the log.
        backlog: The frames that were pushed and not yet taken; None: none.
        closed: Cut off or unsubscribed; nothing is pushed any more.
        owner: Whose rooms it follows beside its own topics; None: nobody's.
        rooms: Topics of those rooms, as of `rooms_at`: the position of the change that the hub has followed last.
    """

    __slots__ = (
        "backlog",
        "backlog_bytes_max",
        "closed",
        "in_few",
        "own",
        "owner",
        "rooms",
        "rooms_at",
        "since",
        "sink",
        "topics",
    )

    def __init__(
        self,
        topics: tuple[Topic, ...],
        sink: Sink,
        *,
        since: int,
        backlog_bytes_max: int,
        owner: UserId | None = None,
        rooms: tuple[Topic, ...] = (),
    ) -> None:
        self.own = topics
        self.owner = owner
        self.enter(rooms, at=0)
        self.sink: Sink = sink
        self.since = since
        self.backlog: Backlog | None = None
        self.backlog_bytes_max = backlog_bytes_max
        self.in_few = False  # waits in the hub's short list to be flushed
        self.closed = False

    def enter(self, rooms: tuple[Topic, ...], *, at: int) -> None:
        """Follow these rooms and no others; `at` is where the log says so. The hub's part."""
        self.rooms = rooms
        self.rooms_at = at
        self.topics = tuple(dict.fromkeys((*self.own, *rooms))) if rooms else self.own

    def take(self) -> Backlog | None:
        """All that waits. The sink's part."""
        taken, self.backlog = self.backlog, None
        return taken

    def close(self) -> None:
        """Forget what waits; nothing is pushed any more. It also lets go of its sink: the two know each other, and
        the garbage collector, which would find that, hardly ever looks at what has lived as long as a stream."""
        self.closed = True
        self.sink = _NOBODY
        self.backlog = None
