"""What can't work, whatever the machine: each setting for itself fits its type, but nothing can come of it."""

import re
from collections.abc import Iterator
from ipaddress import ip_network
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from festival_push.settings.checks.funds import wrong_funds
from festival_push.settings.checks.listening import ops_address
from festival_push.settings.checks.payouts import wrong_payouts
from festival_push.settings.checks.postgres_url import SCHEMES, check_postgres_url
from festival_push.settings.checks.redis_url import check_redis_url
from festival_push.settings.sections import Server, Settings
from festival_push.settings.sources import Keys

Wrong = Iterator[tuple[Keys, str]]
"""The setting, and what is wrong with it. No text quotes a password."""

_URLS: Final = {
    ("database", "url"): ("sqlite:///", *SCHEMES),
    ("database", "read_url"): SCHEMES,
}
"""How each URL of a database begins; all may hold a password."""
_ORIGIN: Final = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*)://[^\s/?#@A-Z*]+")
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_USUAL_PORTS: Final = {"https": ":443", "http": ":80"}


def impossible(settings: Settings) -> Wrong:
    """Yield each setting with which this can't work. `production.py` has what is only unsafe."""
    yield from _festival(settings)
    yield from _server(settings.server)
    for (section, key), beginnings in _URLS.items():
        if text := _wrong_database_url(getattr(getattr(settings, section), key), beginnings):
            yield (section, key), text
    if settings.redis.url:
        try:
            check_redis_url(settings.redis.url)
        except ValueError as error:
            yield ("redis", "url"), str(error)
    if (url := settings.auth.jwks_url) and not _is_private(url):
        yield ("auth", "jwks_url"), "must be https://…, or http://… on this machine"
    if settings.orders.very_late_min < settings.orders.late_min:
        yield ("orders", "very_late_min"), f"must not be below orders.late_min, {settings.orders.late_min}"
    for key, text in wrong_payouts(settings.payouts):
        yield ("payouts", key), text
    yield from wrong_funds(settings)


def _is_private(url: str) -> bool:
    """Return whether nobody on the way can change what a URL answers."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and (
            parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
        )
    except ValueError:
        return False


def _festival(settings: Settings) -> Wrong:
    timezone = settings.festival.timezone
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield ("festival", "timezone"), f"{timezone!r} is not known"
    try:
        settings.currency()
    except ValueError as error:
        yield ("festival", "currency"), str(error)


def _server(server: Server) -> Wrong:
    for key in ("metrics_from", "trusted_proxies"):
        for network in getattr(server, key):
            try:
                ip_network(network)
            except ValueError:
                yield ("server", key), f"{network!r} is no address and no network"
    try:
        address = ops_address(server)
        if address is not None and address[1] == server.port:  # requests are told apart by it
            yield ("server", "ops_listen"), f"must have another port than server.port, {server.port}"
    except ValueError as error:
        yield ("server", "ops_listen"), str(error)
    if server.public_url and (text := _wrong_public_url(server.public_url)):
        yield ("server", "public_url"), text
    for origin in server.allowed_origins:
        if text := _wrong_origin(origin):
            yield ("server", "allowed_origins"), text


def _wrong_public_url(url: str) -> str | None:
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


def _wrong_origin(origin: str) -> str | None:
    """Return why no browser ever sends this origin: its pages would hear of an error of CORS, and nothing else."""
    if "*" in origin:
        return "name them, no wildcard"
    if origin == "null":
        return "'null' is the origin of every file and every sandbox, and is never let in"
    if (found := _ORIGIN.fullmatch(origin)) is None:
        return (
            f"{origin!r} must be as browsers send it: https://app.festival.example, in small letters, and no / after it"
        )
    if (usual := _USUAL_PORTS.get(found["scheme"])) and origin.endswith(usual):
        return f"{origin!r} must be as browsers send it, without {usual}"
    return None


def _wrong_database_url(url: str, beginnings: tuple[str, ...]) -> str | None:
    if not url:
        return None
    if not url.startswith(beginnings) or url in beginnings:
        return f"must begin with {' or '.join(beginnings)}"
    try:
        if url.startswith(SCHEMES):
            check_postgres_url(url, writes=beginnings != SCHEMES)
    except ValueError as error:
        return str(error)
    return None
