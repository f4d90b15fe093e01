"""A subscriber: one open stream as the hub sees it, with the frames that wait for it."""

from typing import Final, Protocol

from festival_push.domain.values import Topic, UserId
from festival_push.push.hub.frames import Frame


class Sink(Protocol):
    """Takes a subscriber's frames to the client. The hub calls it; its methods must not block, wait or raise."""

    def flush(self) -> None:
        """`take` the frames that wait, now or soon. Called at most once a loop turn, for all frames of that turn."""

    def cut(self) -> None:
        """End the connection: too much was waiting. The backlog is dropped and no more frames will come; the client
        comes back with its cursor."""


class _Nobody:
    """The sink of a closed subscriber: it does nothing."""

    def flush(self) -> None:
        """Do nothing: a closed subscriber has no frames."""

    def cut(self) -> None:
        """Do nothing: a closed subscriber gets no frames that could be too many."""


_NOBODY: Final = _Nobody()


class Backlog:
    """The frames that wait for a subscriber, in log order; never empty, immutable. Streams that wait for the same
    frames share one backlog: a broadcast makes one for all of them, and the bytes they write are joined once.

    Attributes:
        earlier: The backlog before the newest frame came; None if there was none.
        first: Position of the oldest frame.
        bytes: Size of all frames, in bytes.
    """

    __slots__ = ("_chunks", "bytes", "earlier", "first", "newest")

    def __init__(self, earlier: "Backlog | None", newest: Frame) -> None:
        self.earlier = earlier
        self.newest = newest
        self.first: int = newest.position if earlier is None else earlier.first
        self.bytes: int = newest.size + (0 if earlier is None else earlier.bytes)
        self._chunks: bytes | None = None
        if earlier is not None:
            earlier._chunks = None  # drop the shorter backlog's bytes: keeping them for every length is quadratic

    @property
    def frames(self) -> list[Frame]:
        """All frames, the oldest first."""
        found = [self.newest]
        backlog = self
        while backlog.earlier is not None:
            backlog = backlog.earlier
            found.append(backlog.newest)
        found.reverse()
        return found

    @property
    def chunks(self) -> bytes:
        """All frames as chunks of an HTTP body; made at the first call and kept."""
        if self._chunks is None:
            self._chunks = self.newest.chunk if self.earlier is None else b"".join([f.chunk for f in self.frames])
        return self._chunks

    def after(self, position: int) -> "Backlog | None":
        """Return the backlog of the frames after a log position; None if there are none."""
        rest: Backlog | None = None
        for frame in self.frames:
            if frame.position > position:
                rest = Backlog(rest, frame)
        return rest


class Subscriber:
    """One open stream's topics, and the frames that were pushed to it and not yet taken.

    Attributes:
        since: Every event of the topics after this position is pushed; earlier ones are in the window and the log.
        backlog: The frames that were pushed and not yet taken; None if there are none.
        closed: Cut off or unsubscribed; nothing is pushed any more.
        owner: The person whose rooms it follows beside its own topics; None to follow no rooms.
        rooms: Topics of those rooms.
        rooms_at: Position of the last `RoomsChanged` that the hub has applied to `rooms`; 0 if there was none yet.
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
        """Replace the followed rooms by these; `at` is the log position of that change. Only the hub calls it."""
        self.rooms = rooms
        self.rooms_at = at
        self.topics = tuple(dict.fromkeys((*self.own, *rooms))) if rooms else self.own

    def take(self) -> Backlog | None:
        """Return the backlog and clear it; None if nothing waits. Only the sink's side calls it."""
        taken, self.backlog = self.backlog, None
        return taken

    def close(self) -> None:
        """Drop the backlog and accept no more frames. Also drop the sink: the two refer to each other, and the garbage
        collector, which would free such a cycle, hardly ever visits objects that have lived as long as a stream."""
        self.closed = True
        self.sink = _NOBODY
        self.backlog = None
