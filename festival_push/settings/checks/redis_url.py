"""What `redis.url` may say: one server, the Sentinels that know the primary, or nodes of a cluster."""

import os
import re
from typing import Final
from urllib.parse import parse_qsl, unquote

_KINDS: Final = ("", "sentinel", "cluster")
_NAMES: Final = ("redis", "rediss", "valkey", "valkeys")
SCHEMES: Final = (*(f"{name}{'+' * bool(kind)}{kind}://" for kind in _KINDS for name in _NAMES), "unix://")
_COMMON: Final = "redis://, rediss:// (TLS), valkey://, valkeys://, redis+sentinel://, redis+cluster:// or unix://"

_HOST: Final = re.compile(r"(?:\[(?P<address>[0-9A-Fa-f:.]+(?:%[\w.-]+)?)\]|(?P<name>[^:\[\]\s]*))(?::(?P<port>.*))?")
_SPECIAL: Final = "write special characters of a user or password as %XX"
_OWN: Final = frozenset({
    "decode_responses", "encoding", "health_check_interval", "max_connections", "protocol", "retry_on_error",
    "retry_on_timeout", "socket_connect_timeout", "socket_keepalive", "socket_read_size", "socket_timeout", "timeout",
})  # fmt: skip
"""What the server sets itself: its bounds hang on it."""
_FILES: Final = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "ssl_ca_path")
_CHOICES: Final = {
    "ssl_cert_reqs": ("required", "optional", "none"),
    "ssl_check_hostname": ("true", "false"),
    "ssl_min_version": ("771", "772"),  # TLS 1.2 and 1.3, by their numbers
}
_TLS: Final = frozenset({*_FILES, *_CHOICES, "ssl_ca_data", "ssl_ciphers", "ssl_password"})
_SENTINEL: Final = frozenset({"sentinel_username", "sentinel_password"})
_DBS: Final = 65_536


def check_redis_url(url: str) -> None:
    """Raise ValueError with what is wrong with a URL; no text quotes a password, or what may be a part of one."""
    if not url.startswith(SCHEMES) or url in SCHEMES:
        raise ValueError(f"must begin with {_COMMON}, and a host or a path after it")
    scheme, _, rest = url.partition("://")
    rest, _, query = rest.partition("?")
    netloc, _, path = rest.partition("/")
    _, at, hosts = netloc.rpartition("@")
    if "#" in url or any(character < " " or character == "\x7f" for character in url):
        raise ValueError(f"holds a # or a control character; {_SPECIAL}")
    name, _, kind = scheme.partition("+")
    given = _parameters(query)
    if at and given.keys() & {"username", "password"}:
        raise ValueError("names a user or a password twice, before the @ and after the ?")
    if name == "unix":
        _check_unix(hosts, path, given)
        return
    _check_hosts(hosts, kind)
    _check_path(path, kind, given)
    _check_parameters(given, tls=name in {"rediss", "valkeys"}, kind=kind)


def _parameters(query: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    except ValueError:
        raise ValueError(f"can't be read after the ?; {_SPECIAL}") from None
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("names a parameter twice after the ?")
    return dict(pairs)


def _check_unix(hosts: str, path: str, given: dict[str, str]) -> None:
    if hosts or not path:
        raise ValueError("must be unix:///path/of/the/socket")
    _check_db(given.get("db", "0"))
    _check_parameters(given, tls=False, kind="")


def _check_hosts(hosts: str, kind: str) -> None:
    names = hosts.split(",")
    if len(names) > 1 and not kind:
        raise ValueError(
            "names several hosts: begin it with redis+sentinel:// where they are Sentinels, or with redis+cluster:// "
            "where they are nodes of a cluster"
        )
    for each in names:
        found = _HOST.fullmatch(unquote(each))
        if found is None:
            raise ValueError(f"an IPv6 address stands in [ ]; {_SPECIAL}")
        port = found["port"]
        if port is not None and not (port.isascii() and port.isdecimal() and 0 < int(port[:6]) < 65_536):
            raise ValueError(f"a port is a whole number from 1 to 65535; {_SPECIAL}")
        if not (found["address"] or found["name"]) and (len(names) > 1 or kind):
            raise ValueError("names a port or a comma without a host")


def _check_path(path: str, kind: str, given: dict[str, str]) -> None:
    service, _, db = path.partition("/") if kind == "sentinel" else ("", "", path)
    db = db.removesuffix("/")
    if kind == "sentinel" and not unquote(service).strip():
        raise ValueError("needs the service, the primary's name among Sentinels: redis+sentinel://h1,h2,h3/mymaster")
    if db and "db" in given:
        raise ValueError("names a database twice, before and after the ?")
    number = given.get("db", db or "0")
    _check_db(number)
    if kind == "cluster" and int(number):
        raise ValueError("a cluster has database 0 only")


def _check_db(number: str) -> None:
    if not (number.isascii() and number.isdecimal() and int(number[:6]) < _DBS):
        raise ValueError(f"a database of Redis is a whole number from 0; {_SPECIAL}")


def _check_parameters(given: dict[str, str], *, tls: bool, kind: str) -> None:
    own = {"db", "username", "password", "client_name"} | _TLS | (_SENTINEL if kind == "sentinel" else frozenset())
    for name in sorted(given.keys() - own):
        if name in _OWN:
            raise ValueError(f"{name} can't be set: the server sets such bounds itself")
        if name in _SENTINEL:
            raise ValueError(f"{name} is for redis+sentinel:// alone")
        raise ValueError(f"has a parameter that is not known; known are {', '.join(sorted(own))}; {_SPECIAL}")
    for name, text in given.items():
        if not text:
            raise ValueError(f"{name} is empty")
        if name in _TLS and not tls:
            raise ValueError(f"{name} needs TLS: rediss instead of redis, valkeys instead of valkey")
        if name in _CHOICES and text not in _CHOICES[name]:
            raise ValueError(f"{name} must be one of {', '.join(_CHOICES[name])}")
        if name in _FILES and not os.access(text, os.R_OK):
            raise ValueError(f"{name}: {text} is not there or can't be read")
