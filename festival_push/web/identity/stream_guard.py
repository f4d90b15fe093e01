"""End the open streams of callers whose rights have changed: signed out, suspended, revoked; appointed, dismissed."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from festival_push.domain.events import DisplayRevoked, SessionEnded, UserChanged
from festival_push.domain.log import LogRow
from festival_push.domain.people.relations import Act, Person, may
from festival_push.domain.topics import ORGANISERS, board_topic, own_topics
from festival_push.domain.values import UserId, VendorId
from festival_push.push.hub.unlogged import StreamError
from festival_push.push.streams.endings import UNAVAILABLE
from festival_push.push.streams.registry import StreamRegistry
from festival_push.push.streams.request import StreamOwner
from festival_push.push.streams.stream import Stream
from festival_push.store.errors import Unavailable
from festival_push.web.identity.principal import words_of

SCREEN_TYPE: Final = "display"
"""The `userType` of a display's stream."""

AGAIN_S: Final = 1.0
"""Seconds until the second look, for streams that were being opened during the first, on rights of before."""

_SUSPENDED: Final = StreamError(code="suspended", message="This account is suspended.")
_OLD_PIN: Final = StreamError(code="session-ended", message="The PIN was changed: sign in with the new one.")
_OTHER_RIGHTS: Final = StreamError(code="role-changed", message="What you may do has changed. Reconnecting.")

_BOARD: Final = board_topic(VendorId(""))

_log = logging.getLogger(__name__)


class StreamGuard:
    """Ends streams as the log's topic `system` requires: told by `Rights`.

    Args:
        again_s: Seconds from the first look, which is at once, to the second.
    """

    def __init__(
        self,
        streams: StreamRegistry,
        read_person: Callable[[UserId], Awaitable[Person | None]],
        *,
        again_s: float = AGAIN_S,
    ) -> None:
        self._streams = streams
        self._read_person = read_person
        self._looks_s = (0.0, again_s)
        self._tasks: set[asyncio.Task[None]] = set()  # the loop itself keeps no task alive

    def hear(self, row: LogRow) -> None:
        """Start to end the streams that the row says must end; never blocks."""
        match row.type:
            case SessionEnded.TYPE:
                self._start(self._end_session(msgspec.json.decode(row.data, type=SessionEnded).jti))
            case DisplayRevoked.TYPE:
                self._start(self._end_display(msgspec.json.decode(row.data, type=DisplayRevoked).display_id))
            case UserChanged.TYPE:
                self._start(self._look_at(msgspec.json.decode(row.data, type=UserChanged).user_id))

    def withdraw(self, keys: frozenset[str]) -> None:
        """End the streams of sessions that hang on these keys of the identity provider, given their fingerprints."""
        self._start(self._end_keys(keys))

    def _start(self, ending: Awaitable[None]) -> None:
        task = asyncio.ensure_future(ending)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("a stream may be open that must not be", exc_info=error)

    async def _end_session(self, jti: str) -> None:
        for look_s in self._looks_s:
            await asyncio.sleep(look_s)
            self._streams.end_where(
                lambda owner: owner.token_id == jti, "session-ended", "This session was signed out."
            )

    async def _end_keys(self, keys: frozenset[str]) -> None:
        for look_s in self._looks_s:
            await asyncio.sleep(look_s)
            self._streams.end_where(
                lambda owner: owner.key in keys, "session-ended", "Sign in again at your identity provider."
            )

    async def _end_display(self, display_id: str) -> None:
        fault = StreamError(code="display-revoked", message="This display may not be used any more.")
        for look_s in self._looks_s:
            await asyncio.sleep(look_s)
            for stream in self._streams.streams_of(display_id):
                if stream.owner.user_type == SCREEN_TYPE:
                    stream.end(fault)

    async def _look_at(self, user_id: UserId) -> None:
        for look_s in self._looks_s:
            await asyncio.sleep(look_s)
            if self._of_person(user_id):
                await self._end_unfit(user_id)

    async def _end_unfit(self, user_id: UserId) -> None:
        try:
            person = await self._read_person(user_id)
        except Unavailable:  # the clients reconnect, and are checked then
            for stream in self._of_person(user_id):
                stream.end(UNAVAILABLE)
            return
        for stream in self._of_person(user_id):  # not those of before the read: some may have come and gone
            if (fault := _fault_of(stream.owner, person)) is not None:
                stream.end(fault)

    def _of_person(self, user_id: UserId) -> list[Stream]:
        return [stream for stream in self._streams.streams_of(user_id) if stream.owner.user_type != SCREEN_TYPE]


def _fault_of(owner: StreamOwner, person: Person | None) -> StreamError | None:
    """Return why a person's stream must end, as the person is now; None if it may stay."""
    if person is None or person.user.suspended:
        return _SUSPENDED
    if not _is_admitted(owner, person):
        return _OLD_PIN
    return None if _fits(owner, person) else _OTHER_RIGHTS


def _is_admitted(owner: StreamOwner, person: Person) -> bool:
    version = owner.session_version
    return version is None or person.user.admits(version=version, session=owner.token_id or "")


def _fits(owner: StreamOwner, person: Person) -> bool:
    """Return whether the person would get just this stream now. A reconnect for a public board is admitted again."""
    stalls = [topic.removeprefix(_BOARD) for topic in owner.topics if topic.startswith(_BOARD)]
    if stalls:
        return all(may(person, Act.SEE_STALL_ORDERS, vendor_id=VendorId(stall)) for stall in stalls)
    return owner.rights == rights_of(person) and _follows_their_own(owner, person)


def _follows_their_own(owner: StreamOwner, person: Person) -> bool:
    """Return whether a stream follows the person's own topics. An organiser who lacks a second factor may follow less,
    and no longer once they have one."""
    topics, wanted = set(owner.topics), set(own_topics(person))
    return topics == wanted or (person.user.factors == 0 and topics == wanted - {ORGANISERS})


def rights_of(person: Person) -> str:
    """Return in one text what a person is, and of which stalls. It changes with every right: so no stream goes on with
    what somebody was."""
    return " ".join((*words_of(person), *(f"{part}:{stall}" for stall, part in sorted(person.stalls.items()))))
