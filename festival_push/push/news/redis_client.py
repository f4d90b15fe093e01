"""How we connect to Redis, for broker, presence and rate limits alike, and what a call to it can raise."""

import asyncio
import logging
from typing import Final

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.maint_notifications import MaintNotificationsConfig

REDIS_FAILURES: Final = (RedisError, OSError, RuntimeError, ValueError, TypeError, LookupError, AttributeError)
"""All that a call can raise because of the connection, or because of what answers there.

RuntimeError: uvloop's, when redis-py writes to a connection that is closing. ValueError, TypeError, LookupError:
redis-py's, when it handles what no Redis says. AttributeError: redis-py's, when it reads from a connection that it has
just dropped. A TimeoutError is an OSError.
"""
_CLOSE_S_MAX: Final = 1.0
_REDIS_NAMES: Final = {"valkey": "redis", "valkeys": "rediss"}

_log = logging.getLogger(__name__)


def key_name(prefix: str, *parts: str) -> str:
    """Return the name of one of our keys: `{<prefix>}:<part>:<part>`.

    The braces are a cluster's hash tag: all our keys lie in one slot, so that one command may use several of them.
    """
    return ":".join((f"{{{prefix}}}", *parts))


def redis_client(url: str, *, connect_s: float | None = None) -> Redis:
    """Return a client that reports every failure instead of retrying by itself.

    RESP2, because with RESP3 redis-py renders every message for its debug log. No `socket_timeout`: it goes through
    `asyncio.wait_for`, which can swallow a cancellation (until Python 3.12), and then we would never end. Callers set
    deadlines themselves; a call that such a deadline cancels closes its connection, so that no later call can get its
    answer.

    Args:
        url: `redis://`, `rediss://` (TLS), `valkey://`, `valkeys://` or `unix://`, with user and password where there
            are any.
        connect_s: The longest wait for a connection, in seconds; None where the caller's deadline covers it.
    """
    scheme, _, rest = url.partition("://")
    url = f"{_REDIS_NAMES.get(scheme, scheme)}://{rest}"
    keepalive = {} if url.startswith("unix:") else {"socket_keepalive": True}
    return Redis.from_url(
        url,
        protocol=2,
        decode_responses=False,
        health_check_interval=0,
        socket_timeout=None,
        socket_connect_timeout=connect_s,
        retry=Retry(NoBackoff(), 0),
        driver_info=None,
        maint_notifications_config=MaintNotificationsConfig(enabled=False),
        **keepalive,
    )


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
