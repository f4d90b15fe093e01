"""What can't work, whatever the machine: each setting for itself fits its type, but nothing can come of it."""

from collections.abc import Iterator
from ipaddress import ip_network
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from jwt.algorithms import HMACAlgorithm
from jwt.exceptions import InvalidKeyError

from festival_push.settings.checks.funds import wrong_funds
from festival_push.settings.checks.listening import ops_address
from festival_push.settings.checks.payouts import wrong_payouts
from festival_push.settings.checks.postgres_url import SCHEMES, check_postgres_url
from festival_push.settings.checks.redis_url import check_redis_url
from festival_push.settings.checks.urls import is_private_url, wrong_origin, wrong_public_url
from festival_push.settings.sections import Server, Settings
from festival_push.settings.sources import Keys

Wrong = Iterator[tuple[Keys, str]]
"""The setting, and what is wrong with it. No text quotes a password."""

_URLS: Final = {
    ("database", "url"): ("sqlite:///", *SCHEMES),
    ("database", "read_url"): SCHEMES,
}
"""How each URL of a database begins; all may hold a password."""


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
    if (url := settings.auth.jwks_url) and not is_private_url(url):
        yield ("auth", "jwks_url"), "must be https://…, or http://… on this machine"
    if settings.auth.jwks_url and not settings.auth.jwks_issuer:  # one set of keys may serve several issuers
        yield ("auth", "jwks_issuer"), "required with jwks_url"
    if any(_is_another_key(secret.reveal()) for secret in settings.auth.jwt_secret):
        yield ("auth", "jwt_secret"), "is a public or private key, or a JWK, and no secret to sign by"
    if settings.orders.very_late_min < settings.orders.late_min:
        yield ("orders", "very_late_min"), f"must not be below orders.late_min, {settings.orders.late_min}"
    for key, text in wrong_payouts(settings.payouts):
        yield ("payouts", key), text
    yield from wrong_funds(settings)


def _is_another_key(secret: str) -> bool:
    """Return whether PyJWT takes it for a key of another kind, and refuses to sign by it; an empty one is missing."""
    try:
        HMACAlgorithm(HMACAlgorithm.SHA256).prepare_key(secret or "-")
    except InvalidKeyError:
        return True
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
    if server.public_url and (text := wrong_public_url(server.public_url)):
        yield ("server", "public_url"), text
    for origin in server.allowed_origins:
        if text := wrong_origin(origin):
            yield ("server", "allowed_origins"), text


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
