"""Addresses to listen on, as `host:port`."""

import re
from ipaddress import IPv6Address
from typing import Final

from festival_push.settings.sections import Server

_FORM: Final = re.compile(r"(?:\[(?P<ipv6>[^\]]+)\]|(?P<host>[^\s:/@\[\]]+)):(?P<port>[1-9][0-9]{0,4})")
_PORT_MAX: Final = 65_535


def ops_address(server: Server) -> tuple[str, int] | None:
    """Return host and port of the operator's listener; None: there is none.

    Raises:
        ValueError: `server.ops_listen` is no such address; the text says what it must be.
    """
    return listen_address(server.ops_listen) if server.ops_listen else None


def listen_address(text: str) -> tuple[str, int]:
    """Return the host, without brackets, and the port. Raises ValueError, whose text says what it must be."""
    match = _FORM.fullmatch(text)
    if match is None or int(match["port"]) > _PORT_MAX or not _is_host(match):
        raise ValueError(f"must be host:port or [IPv6 address]:port, with a port from 1 to {_PORT_MAX}")
    return match["ipv6"] or match["host"], int(match["port"])


def _is_host(match: re.Match[str]) -> bool:
    try:
        return match["ipv6"] is None or bool(str(IPv6Address(match["ipv6"])))
    except ValueError:
        return False
