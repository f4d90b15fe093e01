"""How a connection to PostgreSQL is made: to which of several hosts, and with which settings behind a pooler."""

from typing import Any, Final, Literal
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

import asyncpg

from festival_push.store.errors import Unavailable, UnsafeDatabase
from festival_push.store.postgres.connection import is_unavailable

Use = Literal["write", "read", "replica"]
"""What a connection is for: writing to the primary, reading from it, or reading from a replica."""

_PASSES: Final = 4
_WRONG_MODE: Final = (
    "a pooler stands before PostgreSQL (PgBouncer?) that gives each transaction another connection: "
    "let it pool sessions (pool_mode = session), or connect to PostgreSQL itself"
)


async def connect(
    url: str,
    *,
    use: Use,
    timeout: float,  # noqa: ASYNC109 - as asyncpg calls it
    **options: Any,
) -> "asyncpg.Connection[asyncpg.Record]":
    """Connect to the first host of the URL that answers and is of the right kind.

    Each host gets its share of the time, so that one that is silent, as after a power cut, can't use up all of it.

    Args:
        timeout: Seconds, for all hosts together.
        options: Those of `asyncpg.connect`.
    Raises:
        Unavailable: No host is fit.
        UnsafeDatabase: A pooler stands before it that can't be used.
    """
    hosts = one_by_one(url)
    kinds = _kinds(url, use, several=len(hosts) > 1)
    refused: Exception | None = None
    for kind in kinds:
        for host in hosts:
            try:
                return await _connect(host, target_session_attrs=kind, timeout=timeout / len(hosts), **options)
            except Exception as error:
                if not is_unavailable(error) and not isinstance(error, Unavailable):
                    raise
                refused = error
    assert refused is not None
    raise refused


async def refuse_shared_sessions(connection: "asyncpg.Connection[asyncpg.Record]", url: str, wait_s: float) -> None:
    """Raise UnsafeDatabase if a pooler gives each transaction another connection to the server.

    Settings, prepared statements and cancelling need a session. A pooler shows by the number of the process, which it
    makes up; then a second connection is made, and the processes that serve the two are compared: in a session, each
    has its own.
    """
    if await connection.fetchval("SELECT pg_backend_pid()") == connection.get_server_pid():
        return
    other = await connect(url, use="write", timeout=wait_s, command_timeout=wait_s, statement_cache_size=0)
    try:
        mine, others = set[int](), set[int]()
        for _ in range(_PASSES):
            mine.add(await _server_of(connection))
            others.add(await _server_of(other))
    finally:
        other.terminate()
    if mine & others or len(mine) > 1:
        raise UnsafeDatabase(_WRONG_MODE)


def one_by_one(url: str) -> list[str]:
    """Return a URL for each host that a URL names, in its order: the hosts and ports as libpq writes them."""
    parts = urlsplit(url)
    auth, at, hosts = parts.netloc.rpartition("@")
    if "," in hosts:
        return [parts._replace(netloc=f"{auth}{at}{host}").geturl() for host in hosts.split(",")]
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    named, ports = query.get("host", "").split(","), query.get("port", "").split(",")
    if hosts or len(named) == 1:
        return [url]
    ports = ports * len(named) if len(ports) == 1 else ports
    return [
        _with(parts, query | {"host": host} | ({"port": port} if port else {}))
        for host, port in zip(named, ports, strict=True)
    ]


def _with(parts: SplitResult, query: dict[str, str]) -> str:
    # Not by geturl(), which would drop the slashes before an empty host.
    return f"{parts.scheme}://{parts.netloc}{parts.path or '/'}?{urlencode(query)}"


def _kinds(url: str, use: Use, *, several: bool) -> tuple[str, ...]:
    """Return which kinds of servers are fit, the best first."""
    asked = dict(parse_qsl(urlsplit(url).query)).get("target_session_attrs", "")
    if use == "replica":
        return ("standby", "any") if asked == "prefer-standby" else (asked or "any",)
    if not several and asked in {"", "any"}:
        return ("any",)
    return ("read-write",) if use == "write" else ("primary",)  # our sessions for reading are read-only themselves


async def _connect(url: str, **options: Any) -> "asyncpg.Connection[asyncpg.Record]":
    try:
        return await asyncpg.connect(url, **options)
    except asyncpg.PostgresError as error:
        if "unsupported startup parameter" not in str(error):
            raise
    # A pooler that knows few settings: they are made when the session has begun.
    settings = options.pop("server_settings", {})
    connection: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(url, **options)
    try:
        calls = ", ".join(f"set_config(${2 * at + 1}, ${2 * at + 2}, false)" for at in range(len(settings)))
        await connection.fetch(f"SELECT {calls}", *(text for pair in settings.items() for text in pair))
    except BaseException:
        connection.terminate()
        raise
    return connection


async def _server_of(connection: "asyncpg.Connection[asyncpg.Record]") -> int:
    """Return the number of the process that serves a transaction."""
    try:
        async with connection.transaction():
            return int(await connection.fetchval("SELECT pg_backend_pid()"))
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        if connection.is_closed() and "pooling mode" not in str(error):
            raise
        raise UnsafeDatabase(_WRONG_MODE) from error  # e.g. prepared a moment ago, and not known here
