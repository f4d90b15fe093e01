"""What `redis.url` says: one server, the Sentinels that know the primary, or nodes of a cluster.

    redis://[user:password@]host[:port][/db]     one server; rediss:// with TLS; valkey:// and valkeys:// are the same
    unix:///path[?db=0]                          one server, by its socket
    redis+sentinel://[user:password@]h1:26379,h2:26379/service[/db][?sentinel_username=…&sentinel_password=…]
    redis+cluster://[user:password@]h1:6379,h2:6379

The settings have checked it, and say what is wrong with one (`settings/checks/redis_url.py`).
"""

from typing import Any, Final, Literal
from urllib.parse import parse_qsl, unquote

import msgspec

Address = tuple[str, int]
"""A host, without the brackets of IPv6, and a port."""

_SECURE: Final = frozenset({"rediss", "valkeys"})
_PORT: Final = 6379
_SENTINEL_PORT: Final = 26379


class Login(msgspec.Struct, frozen=True, kw_only=True):
    """How we say who we are; None: we don't."""

    username: str | None = None
    password: str | None = None


class RedisUrl(msgspec.Struct, frozen=True, kw_only=True):
    """What a URL of Redis says."""

    kind: Literal["one", "sentinel", "cluster"] = "one"
    hosts: tuple[Address, ...] = ()  # 1 or more; of the server, the Sentinels, or nodes; none with a socket
    socket: str = ""  # a path
    service: str = ""  # the primary's name among Sentinels
    db: int = 0
    login: Login = Login()
    sentinel_login: Login = Login()
    tls: bool = False
    options: dict[str, Any] = {}  # of the connection, as redis-py names them: `ssl_…`, `client_name`


def read_redis_url(url: str) -> RedisUrl:
    """Read a URL that the settings have checked. Raises ValueError for some others."""
    scheme, _, rest = url.partition("://")
    rest, _, query = rest.partition("?")
    netloc, _, path = rest.partition("/")
    auth, _, hosts = netloc.rpartition("@")
    name, _, kind = scheme.partition("+")
    options: dict[str, Any] = dict(parse_qsl(query))
    user, _, password = auth.partition(":")
    login = _login(unquote(user) or options.pop("username", ""), unquote(password) or options.pop("password", ""))
    sentinel_login = _login(options.pop("sentinel_username", ""), options.pop("sentinel_password", ""))
    db = options.pop("db", "")
    if "ssl_check_hostname" in options:
        options["ssl_check_hostname"] = options["ssl_check_hostname"] == "true"
    if "ssl_min_version" in options:
        options["ssl_min_version"] = int(options["ssl_min_version"])
    if name == "unix":
        return RedisUrl(socket="/" + unquote(path), db=int(db or 0), login=login, options=options)
    service, db_of_path = "", path
    if kind == "sentinel":
        service, _, db_of_path = path.partition("/")
    port = _SENTINEL_PORT if kind == "sentinel" else _PORT
    return RedisUrl(
        kind="sentinel" if kind == "sentinel" else "cluster" if kind == "cluster" else "one",
        hosts=tuple(_address(host, port) for host in hosts.split(",")),
        service=unquote(service),
        db=int(db or db_of_path.removesuffix("/") or 0),
        login=login,
        sentinel_login=sentinel_login,
        tls=name in _SECURE,
        options=options,
    )


def _login(username: str, password: str) -> Login:
    return Login(username=username or None, password=password or None)


def _address(host: str, port: int) -> Address:
    if host.startswith("["):
        name, _, after = host[1:].partition("]")
        given = after.removeprefix(":")
    else:
        name, _, given = host.partition(":")
    return unquote(name) or "localhost", int(given or port)
