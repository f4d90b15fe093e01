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
    """Two or more frames that wait for a subscriber, in log order; immutable. Streams that wait for the same frames
    share one backlog: a broadcast makes one for all of them, and the bytes they write are joined once.

    Attributes:
        earlier: What waited before the newest frame came.
        newest: The newest frame.
        position: Its position.
        first: Position of the oldest frame.
        size: Of all frames, in bytes.
    """

    __slots__ = ("_chunk", "earlier", "first", "newest", "position", "size")

    def __init__(self, earlier: "Waiting", newest: Frame) -> None:
        self.earlier = earlier
        self.newest = newest
        self.position: int = newest.position
        self.first: int = earlier.first
        self.size: int = earlier.size + len(newest.chunk)
        self._chunk: bytes | None = None
        if isinstance(earlier, Backlog):
            earlier._chunk = None  # drop the shorter backlog's bytes: keeping them for every length is quadratic

    @property
    def frames(self) -> list[Frame]:
        """All frames, the oldest first."""
        found = [self.newest]
        earlier = self.earlier
        while isinstance(earlier, Backlog):
            found.append(earlier.newest)
            earlier = earlier.earlier
        found.append(earlier)
        found.reverse()
        return found

    @property
    def chunk(self) -> bytes:
        """All frames as chunks of an HTTP body; made at the first call and kept."""
        if self._chunk is None:
            self._chunk = b"".join([frame.chunk for frame in self.frames])
        return self._chunk

    def after(self, position: int) -> "Waiting | None":
        """Return what is left without the frames up to a log position; None if that is nothing."""
        rest: Waiting | None = None
        for frame in self.frames:
            if frame.position > position:
                rest = frame if rest is None else Backlog(rest, frame)
        return rest


Waiting = Frame | Backlog
"""What waits for a subscriber: one frame, as almost always, or several."""


class Subscriber:
    """One open stream's topics, and the frames that were pushed to it and not yet taken.

    Attributes:
        since: Every event of the topics after this position is pushed; earlier ones are in the window and the log.
        backlog: What was pushed and not yet taken; None if nothing was.
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
        self.backlog: Waiting | None = None
        self.backlog_bytes_max = backlog_bytes_max
        self.in_few = False  # waits in the hub's short list to be flushed
        self.closed = False

    def enter(self, rooms: tuple[Topic, ...], *, at: int) -> None:
        """Replace the followed rooms by these; `at` is the log position of that change. Only the hub calls it."""
        self.rooms = rooms
        self.rooms_at = at
        self.topics = tuple(dict.fromkeys((*self.own, *rooms))) if rooms else self.own

    def take(self) -> Waiting | None:
        """Return the backlog and clear it; None if nothing waits. Only the sink's side calls it."""
        taken, self.backlog = self.backlog, None
        return taken

    def close(self) -> None:
        """Drop the backlog and accept no more frames. Also drop the sink: the two refer to each other, and the garbage
        collector, which would free such a cycle, hardly ever visits objects that have lived as long as a stream."""
        self.closed = True
        self.sink = _NOBODY
        self.backlog = None
