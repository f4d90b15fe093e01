"""Whether all who serve this database are heard: one that is not has another Redis, or none, or can't reach it.

    servers (a table)    who says every ATTEND_EVERY_S that it serves this database
    heartbeats (Redis)   who can be heard

Nothing else would tell: each hears its own heartbeats, so each looks well, counts one process, and hears of the other's
events by reading the log, up to a second late.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from festival_push.domain.signing_in.attendance import ATTEND_EVERY_S
from festival_push.domain.signing_in.rows import Server
from festival_push.domain.values import Instant
from festival_push.push.news.broker import Broker
from festival_push.push.news.redis_broker import RedisBroker
from festival_push.store.errors import Unavailable

LOOK_EVERY_S: Final = 1.5 * ATTEND_EVERY_S
"""Between two looks, whoever lives has said so; half a period is left for a commit that takes its time."""

_log = logging.getLogger(__name__)


class Neighbours:
    """Compares those who serve with those who are heard.

    Args:
        own_id: Ours in `servers`.
        read: Returns the rows of all servers.
        heard: Returns how many others are heard through Redis; None while nobody can be heard.
        why: What may be the cause, for the log.
        every_s: Seconds between two looks.
    """

    def __init__(
        self,
        own_id: str,
        read: Callable[[], Awaitable[Sequence[Server]]],
        heard: Callable[[], int | None],
        *,
        why: str,
        every_s: float = LOOK_EVERY_S,
    ) -> None:
        self._own_id = own_id
        self._read = read
        self._heard = heard
        self._why = why
        self._every_s = every_s
        self._signs: dict[str, Instant] = {}  # the last sign of life of each other server
        self._lacked = 0  # at the last look
        self.unheard = 0  # how many lacked at the last two looks

    async def run(self) -> None:
        """Look until cancelled; a read that fails is left out."""
        while True:
            await asyncio.sleep(self._every_s)
            try:
                await self.look()
            except Unavailable as error:
                _log.info("who else serves this database could not be read: %s", error)

    async def look(self) -> None:
        """Count who has given a sign of life since the last look, and who was heard lately. Raises Unavailable."""
        before, heard = self._signs, self._heard()
        servers = [each for each in await self._read() if each.server_id != self._own_id and each.fingerprints]
        self._signs = {server.server_id: server.at for server in servers}
        # Not "later": another's clock may have been set back.
        alive = sum(server.at != before.get(server.server_id, server.at) for server in servers)
        # One that starts or ends between two looks may be missed on one side: two in a row prove it.
        lacks = 0 if heard is None else max(0, alive - heard)
        unheard, self._lacked = min(lacks, self._lacked), lacks
        if unheard and not self.unheard:
            _log.warning(
                "%d of the servers of this database can't be heard: %s. Events between them and us come up to a second "
                "late, and limits and connections are counted apart",
                unheard,
                self._why,
            )
        elif self.unheard and not unheard:
            _log.info("all servers of this database are heard")
        self.unheard = unheard


def neighbours_by(broker: Broker, own_id: str, read: Callable[[], Awaitable[Sequence[Server]]]) -> Neighbours:
    """Return who compares those who serve with those who are heard by a broker."""
    if not isinstance(broker, RedisBroker):
        return Neighbours(own_id, read, lambda: 0, why="this one has no redis.url")
    why = "they have another redis.url or none, can't reach it, or run another release"
    return Neighbours(own_id, read, lambda: broker.others.count() if broker.healthy else None, why=why)
