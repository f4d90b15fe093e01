"""End the open streams of callers who lost their right to them: signed out, suspended, in another role, revoked."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from festival_push.domain.events import DisplayRevoked, SessionEnded, UserChanged
from festival_push.domain.log import LogRow
from festival_push.domain.rows import User
from festival_push.domain.topics import board_topic, own_topics
from festival_push.domain.values import Role, UserId
from festival_push.push.streams.follower import StreamRequest
from festival_push.push.streams.registry import StreamRegistry
from festival_push.store.errors import Unavailable

SCREEN_TYPE: Final = "display"
"""The `userType` of a display's stream."""

AGAIN_S: Final = 1.0
"""Seconds until the second look, for streams that were being opened during the first, on rights of before."""

_log = logging.getLogger(__name__)


class StreamGuard:
    """Ends streams as the log's topic `system` requires: `hub.on_system(guard.hear)`.

    Args:
        again_s: Seconds from the first look, which is at once, to the second.
    """

    def __init__(
        self,
        streams: StreamRegistry,
        read_user: Callable[[UserId], Awaitable[User | None]],
        *,
        again_s: float = AGAIN_S,
    ) -> None:
        self._streams = streams
        self._read_user = read_user
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
                lambda request: request.token_id == jti, "session-ended", "This session was signed out."
            )

    async def _end_display(self, display_id: str) -> None:
        for look_s in self._looks_s:
            await asyncio.sleep(look_s)
            self._streams.end_where(
                lambda request: request.user_type == SCREEN_TYPE and request.user_id == display_id,
                "display-revoked",
                "This display may not be used any more.",
            )

    async def _look_at(self, user_id: UserId) -> None:
        for look_s in self._looks_s:
            await asyncio.sleep(look_s)
            if any(_is_of(request, user_id) for request in self._streams.requests()):
                await self._end_unfit(user_id)

    async def _end_unfit(self, user_id: UserId) -> None:
        try:
            user = await self._read_user(user_id)
        except Unavailable:  # the clients reconnect, and are checked then
            code, message = "unavailable", "The server can't look you up at the moment."
            self._streams.end_where(lambda request: _is_of(request, user_id), code, message)
            return
        if user is None or user.suspended:
            code, message = "suspended", "This account is suspended."
            self._streams.end_where(lambda request: _is_of(request, user_id), code, message)
            return
        self._streams.end_where(
            lambda request: _is_of(request, user_id) and not _is_admitted(request, user),
            "session-ended",
            "The PIN was changed: sign in with the new one.",
        )
        self._streams.end_where(
            lambda request: _is_of(request, user_id) and not _fits(request, user),
            "role-changed",
            "What you may do has changed. Reconnecting.",
        )


def _fits(request: StreamRequest, user: User) -> bool:
    """Return whether the person may still follow all of it. A reconnect for a public board is admitted again."""
    if request.user_type != user.role.value:
        return False
    topics = own_topics(user) if user.vendor_id is None else (*own_topics(user), board_topic(user.vendor_id))
    return user.role is Role.ADMIN or set(request.topics) <= set(topics)


def _is_admitted(request: StreamRequest, user: User) -> bool:
    version = request.session_version
    return version is None or user.admits(version=version, session=request.token_id or "")


def _is_of(request: StreamRequest, user_id: UserId) -> bool:
    return request.user_id == user_id and request.user_type != SCREEN_TYPE
