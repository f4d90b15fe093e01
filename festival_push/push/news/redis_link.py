"""A link: one connection to Redis for messages, which its owner handles as they come, without a task or a wait between.

redis-py opens it, because it knows URLs, TLS, passwords and Sentinels; from then on what arrives comes straight to
`Link.data_received`. For each message of a subscription redis-py itself takes as long as the hub does for ten events.
"""

import asyncio
import logging
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, Self

import hiredis
from redis._parsers.base import BaseParser
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import InvalidResponse

from festival_push.push.news.redis_client import REDIS_FAILURES, Placed

Reply = Any
"""What Redis says, as hiredis reads it: bytes, int, None, a list of these, or an exception that it answers with."""

Command = tuple[bytes | str | int, ...]

_NOTHING_YET: Final = object()
_pack: Final[Callable[[Command], bytes]] = hiredis.pack_command  # type: ignore[assignment] # its stub knows pairs of one

logger = logging.getLogger(__name__)


class Link(asyncio.Protocol):
    """A connection of our own. Use it as a context manager, which opens and closes it.

    Args:
        client: Makes the connection; its pool must be this link's alone.
        hear: Called for each reply and message, in order. What it raises ends the link.
        within_s: How long it may take to connect.

    Attributes:
        ended: Done when the connection is lost; its exception is one of REDIS_FAILURES, or what `hear` has raised.
    """

    def __init__(self, client: Redis, hear: Callable[[Reply], None], *, within_s: float) -> None:
        self._client = client
        self._hear = hear
        self._within_s = within_s
        self._reader = hiredis.Reader(
            protocolError=InvalidResponse, replyError=BaseParser.parse_error, notEnoughData=_NOTHING_YET
        )
        self._connection: Placed | None = None
        self._transport: asyncio.Transport | None = None
        self._before: asyncio.Protocol | None = None  # redis-py's, which had the connection before
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()

    @property
    def open(self) -> bool:
        """Whether it is connected."""
        return self._transport is not None and not self.ended.done() and not self._transport.is_closing()

    @property
    def was_open(self) -> bool:
        """Whether it is connected, or was: then it can't be connected again."""
        return self._transport is not None

    async def connect(self) -> None:
        """Connect; what failed may be tried again. Raises REDIS_FAILURES."""
        pool: Any = self._client.connection_pool
        async with asyncio.timeout(self._within_s):
            connection = await pool.get_connection()
        transport = connection._writer.transport
        # All that was asked is answered, so nothing is left in redis-py's own buffer.
        self._connection, self._transport, self._before = connection, transport, transport.get_protocol()
        transport.set_protocol(self)

    def leave(self) -> None:
        """Give the connection back to redis-py, which closes it with its client."""
        if self._transport is not None and self._before is not None and not self.ended.done():
            self._transport.set_protocol(self._before)
        self.ended.cancel()

    def send(self, command: Command) -> None:
        """Write a command. Raises REDIS_FAILURES if the connection is lost."""
        if self._transport is None or not self.open:
            raise RedisConnectionError("the connection is lost")
        self._transport.write(_pack(command))

    def leads_elsewhere(self) -> bool:
        """Return whether the client would connect to another server now. Never blocks: it is the last look that says
        so."""
        return self._connection is not None and self._connection.leads_elsewhere()

    def give_up(self, error: Exception) -> None:
        """End the link with an error."""
        self._end(error)
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Hand on each reply that is whole."""
        reader, hear = self._reader, self._hear
        try:
            reader.feed(data)
            while (reply := reader.gets()) is not _NOTHING_YET:
                hear(reply)
        except Exception as error:
            logger.debug("a connection to Redis is given up", exc_info=True)
            self.give_up(error)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the owner, and redis-py."""
        if self._before is not None:
            self._before.connection_lost(exc)
        self._end(exc if isinstance(exc, REDIS_FAILURES) else RedisConnectionError("closed by the other side"))

    def _end(self, error: Exception) -> None:
        if not self.ended.done():
            self.ended.set_exception(error)
            self.ended.exception()  # nobody need look at it
