"""What a PostgreSQL URL may say: libpq's forms, as far as our driver knows them."""

import os
import re
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

SCHEMES: Final = ("postgresql://", "postgres://")

_HOST: Final = re.compile(r"(?P<name>\[[0-9A-Fa-f:.%]+\]|[^:\[\]]*)(?::(?P<port>.*))?", re.DOTALL)
_SSL_MODES: Final = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_KINDS: Final = ("any", "primary", "standby", "read-write", "read-only", "prefer-standby")
_FILES: Final = ("sslrootcert", "sslcert", "sslkey", "sslcrl", "passfile")
_UNKNOWN: Final = frozenset(
    {
        "channel_binding", "connect_timeout", "fallback_application_name", "gssdelegation", "gssencmode", "hostaddr",
        "keepalives", "keepalives_count", "keepalives_idle", "keepalives_interval", "load_balance_hosts", "replication",
        "require_auth", "requirepeer", "requiressl", "sslcertmode", "sslcompression", "sslsni", "tcp_user_timeout",
    }
)  # fmt: skip
"""Parameters of libpq that the driver does not know: it would hand them to the server as settings, which refuses."""
_SPECIAL: Final = "write special characters of a user or password as %XX"


def check_postgres_url(url: str, *, writes: bool) -> None:
    """Raise ValueError with what is wrong with a URL that begins with one of SCHEMES; no text quotes a password.

    Args:
        writes: Whether it must lead to the primary.
    """
    try:
        parts = urlsplit(url)
        given = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError:
        raise ValueError(f"can't be read; {_SPECIAL}") from None
    auth, _, hosts = parts.netloc.rpartition("@")
    if "@" in auth or auth.count(":") > 1 or parts.fragment:
        raise ValueError(f"has an @, : or # too many; {_SPECIAL}")
    query = dict(given)
    names = [_check_host(host) for host in hosts.split(",")] if hosts else []
    _check_query(query, names)
    kind = query.get("target_session_attrs", "")
    if writes and kind in {"standby", "read-only", "prefer-standby"}:
        raise ValueError(f"target_session_attrs={kind} leads to servers that take no writes: use read-write")


def _check_host(host: str) -> str:
    """Return its name. Raises ValueError."""
    found = _HOST.fullmatch(unquote(host))
    if found is None:
        raise ValueError(f"an IPv6 address stands in [ ]; {_SPECIAL}")
    name, port = found["name"], found["port"]
    if port is not None:
        _check_port(port)
    if not name:
        raise ValueError("names a port or a comma without a host")
    return name


def _check_port(port: str) -> None:
    # Not quoted: it may be a part of a password that was not written as it should be.
    if not (port.isascii() and port.isdecimal() and 0 < int(port) < 65_536):
        raise ValueError(f"a port is a whole number from 1 to 65535; {_SPECIAL}")


def _check_query(query: dict[str, str], names: list[str]) -> None:
    for name in sorted(_UNKNOWN & query.keys()):
        raise ValueError(f"the parameter {name} is not known to this server's driver: leave it out")
    if "service" in query:
        raise ValueError("the parameter service is not supported: name host, user and database here")
    for name, known in (("sslmode", _SSL_MODES), ("target_session_attrs", _KINDS)):
        if query.get(name, known[0]) not in known:
            raise ValueError(f"{name} must be one of {', '.join(known)}")
    if "host" in query and names:
        raise ValueError("names hosts twice, before and after the ?")
    hosts = names or query.get("host", "").split(",")
    ports = query["port"].split(",") if "port" in query else []
    for port in ports:
        _check_port(port)
    if len(ports) not in {0, 1, len(hosts)}:
        raise ValueError("needs one port for all hosts, or one for each")
    for name in _FILES:
        path = query.get(name)
        if path is not None and not os.access(path, os.R_OK):
            raise ValueError(f"{name}: {path} is not there or can't be read")
    if query.get("sslmode", "").startswith("verify-") and "sslrootcert" not in query:
        kept = Path("~/.postgresql/root.crt").expanduser()
        if not os.environ.get("PGSSLROOTCERT") and not os.access(kept, os.R_OK):
            raise ValueError(f"sslmode={query['sslmode']} needs sslrootcert=FILE, the authority's certificate")
