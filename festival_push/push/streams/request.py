"""What somebody asks for who wants to follow the log: whose the stream is, kept for its life, and how it opens."""

from collections.abc import Awaitable, Callable, Sequence

import msgspec

from festival_push.domain.event import Event
from festival_push.domain.values import Instant, Topic, UserId
from festival_push.push.streams.places import Place

ReadSnapshot = Callable[[], Awaitable[tuple[int, object]]]
"""Returns a log position, and the state of what the client follows (JSON-able) as of exactly that position."""


class FollowedRooms(msgspec.Struct, frozen=True):
    """The rooms that a person follows on all their streams, beside their own topics."""

    owner: UserId
    read: Callable[[], Awaitable[tuple[int, Sequence[Topic]]]]
    """Returns a log position, and the rooms' topics as of exactly that position."""


class StreamOwner(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Whose a stream is, and by what right: as the web package has established. Kept for as long as it is open."""

    user_id: str  # a person's or a display's
    user_type: str
    rights: str = ""  # a person's, as the web package writes them: the stream ends when they change
    topics: tuple[Topic, ...]  # those that the owner may follow, never `system`
    place: Place
    expires_at: Instant | None = None  # of the token
    token_id: str | None = None
    session_version: int | None = None  # of a person's session that a new PIN would end
    key: str | None = None  # fingerprint of the identity provider's key that the session hangs on


class StreamRequest(msgspec.Struct, frozen=True, kw_only=True):
    """How a stream opens. Its functions may hold the whole HTTP request in memory, so no stream has it as an attribute:
    it is an argument of what opens the stream. A direct stream's is gone after that; an ASGI server's task holds its
    HTTP request to the end in any case."""

    owner: StreamOwner
    message: str  # of the `connected` event
    cursor: str | None  # as the client sent it, unchecked; None or empty if it has none
    read_snapshot: ReadSnapshot
    repeat_snapshot: Callable[[object], Event] | None = None
    """Makes an event of the snapshot, sent after `connected` to clients that know only that event."""
    rooms: FollowedRooms | None = None  # None to follow no rooms, as on a board
