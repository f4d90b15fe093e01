"""How we connect to Redis, for broker, presence and rate limits alike, and what a call to it can raise.

A connection leads to a primary. It is left when it leads to one no more: when the server says that it is a replica now,
or that another one has our keys, when Sentinels name another, and of course when it breaks. Then a new one is made, to
wherever the primary is by then.
"""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any, Final

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.connection import (
    AbstractConnection,
    Connection,
    ConnectionPool,
    SSLConnection,
    UnixDomainSocketConnection,
)
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ClusterDownError, MovedError, ReadOnlyError, ResponseError
from redis.exceptions import ConnectionError as NoConnection
from redis.maint_notifications import MaintNotificationsConfig

from festival_push.push.news.redis.finder import FAILURES, Finder, nodes, sentinels
from festival_push.push.news.redis.url import Address, Login, RedisUrl, read_redis_url

REDIS_FAILURES: Final = FAILURES
_CLOSE_S_MAX: Final = 1.0
ROLE_EVERY_S: Final = 1.0
"""How often a server that is used is asked whether it is a primary, in seconds."""

_log = logging.getLogger(__name__)


def key_name(prefix: str, *parts: str) -> str:
    """Return the name of one of our keys: `{<prefix>}:<part>:<part>`.

    The braces are a cluster's hash tag: all our keys lie in one slot, so that one command may use several of them.
    """
    return ":".join((f"{{{prefix}}}", *parts))


def redis_client(url: str, *, prefix: str, keys: bool = True, connect_s: float | None = None) -> Redis:
    """Return a client that reports every failure instead of retrying by itself.

    RESP2, because with RESP3 redis-py renders every message for its debug log. No `socket_timeout`: it goes through
    `asyncio.wait_for`, which can swallow a cancellation (until Python 3.12), and then we would never end. Callers set
    deadlines themselves; a call that such a deadline cancels closes its connection, so that no later call can get its
    answer.

    Args:
        url: As `redis/url.py` says.
        prefix: Begins the names of our keys.
        keys: Whether keys are used: then it leads to the node of a cluster that has them, else to any.
        connect_s: The longest wait for a connection, in seconds; None where the caller's deadline covers it.
    """
    parsed = read_redis_url(url)
    return Redis.from_pool(_Pool(parsed, _finder(parsed, key_name(prefix, "node"), keys=keys), connect_s))


class _Pool(ConnectionPool):
    def __init__(self, url: RedisUrl, finder: Finder | None, connect_s: float | None) -> None:
        kind, where = _kind_and_place(url)
        self._finder = finder
        options = _options(url, url.login) | {"db": url.db, "socket_connect_timeout": connect_s}
        no_notifications = MaintNotificationsConfig(enabled=False)
        super().__init__(kind, finder=finder, maint_notifications_config=no_notifications, **where, **options)

    async def ensure_connection(self, connection: AbstractConnection) -> None:
        """Look, before a command is sent, whether the connection leads to where it should."""
        assert isinstance(connection, Placed)
        await connection.look()
        await super().ensure_connection(connection)

    async def aclose(self) -> None:
        await super().aclose()
        if self._finder is not None:
            await self._finder.close()


class Placed(AbstractConnection):
    """A connection that knows where it should lead, and that what it leads to takes writes."""

    def __init__(self, *, finder: Finder | None, **options: Any) -> None:
        super().__init__(**options)
        self._finder = finder
        self._was_there = False
        self._asked_s = 0.0
        self.host, self.port = options.get("host", ""), options.get("port", 0)

    async def connect_check_health(self, check_health: bool = True, retry_socket_connect: bool = True) -> None:  # noqa: FBT001, FBT002
        if self._finder is not None and not self.is_connected:
            if self._was_there:  # and that ended
                self._was_there = False
                self._finder.doubt()
            self.host, self.port = await self._finder.find()
            self._was_there = True
        await super().connect_check_health(check_health, retry_socket_connect)

    async def on_connect_check_health(self, check_health: bool = True) -> None:  # noqa: FBT001, FBT002
        await super().on_connect_check_health(check_health)
        await self._refuse_replica()

    async def read_response(self, *args: Any, **options: Any) -> Any:
        try:
            return await super().read_response(*args, **options)
        except (ReadOnlyError, MovedError, ClusterDownError):
            self.mark_for_reconnect()  # type: ignore[no-untyped-call]
            raise

    def leads_elsewhere(self) -> bool:
        """Return whether a new connection would lead to another server. Never blocks."""
        return self._finder is not None and self._finder.is_elsewhere((self.host, self.port))

    async def look(self) -> None:
        """Disconnect if it should lead elsewhere. Raises ReadOnlyError, and what a call can raise."""
        if not self.is_connected:
            return
        if self.leads_elsewhere():
            await self.disconnect(nowait=True)
        elif asyncio.get_running_loop().time() - self._asked_s >= ROLE_EVERY_S:
            try:
                await self._refuse_replica()
            except NoConnection:  # it was closed while nobody used it: a new one is made
                await self.disconnect(nowait=True)
            except ReadOnlyError:
                await self.disconnect(nowait=True)
                raise

    async def _refuse_replica(self) -> None:
        """Raise ReadOnlyError at a replica: it would take what we publish, and tell nobody but its own subscribers.

        HELLO needs no right.
        """
        self._asked_s = asyncio.get_running_loop().time()
        await self.send_command("HELLO", check_health=False)
        try:
            answer = await self.read_response()
        except ResponseError:  # something that speaks for a Redis, and does not know it
            return
        if is_replica(answer):
            raise ReadOnlyError("it is a replica")


class _TcpConnection(Placed, Connection):
    pass


class _TlsConnection(Placed, SSLConnection):
    pass


class _SocketConnection(Placed, UnixDomainSocketConnection):
    pass


def is_replica(hello: object) -> bool:
    """Return whether HELLO's answer is a replica's. In a cluster, a replica tells all nodes, as every node does."""
    known = dict(zip(hello[::2], hello[1::2], strict=False)) if isinstance(hello, list) else {}
    return known.get(b"role") in {b"replica", b"slave"} and known.get(b"mode") != b"cluster"


def _kind_and_place(url: RedisUrl) -> tuple[type[Placed], Mapping[str, Any]]:
    if url.socket:
        return _SocketConnection, {"path": url.socket}
    host, port = url.hosts[0]  # of several, the finder says which
    return _TlsConnection if url.tls else _TcpConnection, {"host": host, "port": port, "socket_keepalive": True}


def _options(url: RedisUrl, login: Login) -> dict[str, Any]:
    return {
        "username": login.username,
        "password": login.password,
        "protocol": 2,
        "decode_responses": False,
        "health_check_interval": 0,
        "socket_timeout": None,
        "retry": Retry(NoBackoff(), 0),
        "driver_info": None,
        **url.options,
    }


def _finder(url: RedisUrl, key: str, *, keys: bool) -> Finder | None:
    def link(address: Address, login: Login) -> Connection:
        host, port = address
        kind = SSLConnection if url.tls else Connection
        return kind(host=host, port=port, socket_connect_timeout=None, **_options(url, login))

    if url.kind == "sentinel":
        return sentinels(url.hosts, lambda address: link(address, url.sentinel_login), url.service)
    if url.kind == "cluster":
        return nodes(url.hosts, lambda address: link(address, url.login), key, owner=keys)
    return None


async def close_quietly(closing: Redis | PubSub) -> None:
    """Close it and ignore failures: the connection may be broken already.

    A caller that is cancelled meanwhile still waits until it is closed, for a second at most: redis-py closes each
    connection in a task, and one that is cancelled before its first step leaves its connection open.
    """
    task = asyncio.create_task(_close(closing))
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait((task,), timeout=_CLOSE_S_MAX)
        raise


async def _close(closing: Redis | PubSub) -> None:
    try:
        await closing.aclose()
    except REDIS_FAILURES:
        _log.debug("a broken connection to Redis didn't close", exc_info=True)
