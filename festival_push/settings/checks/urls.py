"""URLs and origins: which can't work, and which can't be believed."""

import re
from typing import Final
from urllib.parse import urlsplit

_ORIGIN: Final = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*)://[^\s/?#@A-Z*]+")
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
USUAL_PORTS: Final = {"https": ":443", "http": ":80"}
"""What browsers leave out of an origin, by its scheme."""


def is_private_url(url: str) -> bool:
    """Return whether nobody on the way can change what a URL answers."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and (
            parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
        )
    except ValueError:
        return False


def wrong_public_url(url: str) -> str | None:
    """Return why no more than a scheme, a host and a port may stand there: pages, cookies and the SDK count on paths
    from the root."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return "can't be read"
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return "must be https://… or http://…"
    if parts.path not in {"", "/"}:
        return "needs a host name of its own, without a path: it can't be served below one"
    if "?" in url or "#" in url:
        return "must end after the host name and the port, without ? and #"
    return "must not hold a name or a password" if "@" in parts.netloc else None


def wrong_origin(origin: str) -> str | None:
    """Return why no browser ever sends this origin: its pages would hear of an error of CORS, and nothing else."""
    if "*" in origin:
        return "name them, no wildcard"
    if origin == "null":
        return "'null' is the origin of every file and every sandbox, and is never let in"
    if (found := _ORIGIN.fullmatch(origin)) is None:
        return (
            f"{origin!r} must be as browsers send it: https://app.festival.example, in small letters, and no / after it"
        )
    if (usual := USUAL_PORTS.get(found["scheme"])) and origin.endswith(usual):
        return f"{origin!r} must be as browsers send it, without {usual}"
    return None
