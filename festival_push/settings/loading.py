"""The file and the environment, checked, as one `Settings`."""

import os
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Final, get_args, get_origin
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from festival_push.settings.expectations import expected
from festival_push.settings.funds import wrong_funds
from festival_push.settings.listening import ops_address
from festival_push.settings.payouts import wrong_payouts
from festival_push.settings.presets import with_preset
from festival_push.settings.production import unsafe
from festival_push.settings.secrets import Secret, Secrets
from festival_push.settings.sections import Settings
from festival_push.settings.sources import Given, Keys, SettingsError, Sources, read_sources
from festival_push.settings.urls.postgres import SCHEMES, check_postgres_url
from festival_push.settings.urls.redis import check_redis_url

_DATABASE_URLS: Final = {"url": ("sqlite:///", *SCHEMES), "read_url": SCHEMES}
"""How each begins; all may hold a password."""

_FESTIVAL: Final = Path("var/festival.db")
DEMO_DATABASE_URL: Final = "sqlite:///var/demo.db"
"""The demo's database, which all commands use in development while nothing names another."""


def load_settings(
    path: Path | None, environ: Mapping[str, str] = os.environ, *, database_url: str | None = None
) -> Settings:
    """Read the file, override it by the environment, and validate.

    Args:
        path: A TOML file; None: every setting has its default.
        environ: Variables, as `docs/operating.md` lists them.
        database_url: Used where nothing names a database; None: the one for development or production.

    Raises:
        SettingsError: A setting is wrong, and is named; or nothing says which of two databases is meant.
    """
    sources = read_sources(path, environ)
    tree: dict[str, Any] = {}
    for keys, given in sources.items():
        _check_value(keys, given)
        _put(tree, keys, given.value)
    funds = tree.get("funds", {})
    tree |= {"funds": {name: with_preset(given) for name, given in funds.items()}} if funds else {}
    settings: Settings = _converted(tree, Settings)
    _check(settings, sources)
    if settings.database.url:
        return settings
    database = msgspec.structs.replace(settings.database, url=database_url or _own_database_url(settings))
    return msgspec.structs.replace(settings, database=database)


def _own_database_url(settings: Settings) -> str:
    """Return the database to use by default. Raises SettingsError if both the demo's and a real one may be meant."""
    festival = f"sqlite:///{_FESTIVAL}"
    if settings.production:
        return festival
    if _FESTIVAL.exists():
        raise SettingsError(
            f"{_FESTIVAL} is here, and nothing names a database: set DATABASE_URL={festival} to use it, "
            f"or DATABASE_URL={DEMO_DATABASE_URL} for the demo's"
        )
    return DEMO_DATABASE_URL


def _check_value(keys: Keys, given: Given) -> None:
    kind = _kind_of(keys)
    if kind is None:
        raise SettingsError(f"{given.name}: there is no such setting")
    if not _fits(given.value, kind):
        raise SettingsError(f"{given.name}: must be {expected(kind)}")


def _kind_of(keys: Keys) -> Any:
    """Return the type of a setting; None if there is no such setting."""
    kind: Any = Settings
    for key in keys:
        if get_origin(kind) is dict:
            name, below = get_args(kind)
            kind = below if _fits(key, name) else None
        elif isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            kind = {field.name: field.type for field in msgspec.structs.fields(kind)}.get(key)
        else:
            return None
    return kind


def _fits(value: object, kind: Any) -> bool:
    try:
        _converted(value, kind)
    except msgspec.ValidationError:  # its text may quote the value, and that may be a secret
        return False
    return True


def _converted(value: object, kind: Any) -> Any:
    return msgspec.convert(value, kind, strict=False, dec_hook=_secret)


def _secret(kind: type, value: object) -> object:
    if kind is Secret and isinstance(value, str):
        return Secret(value)
    if kind is Secrets and isinstance(value, str):
        return Secrets(Secret(value)) if value else Secrets()
    if kind is Secrets and isinstance(value, list):  # `sources` has made sure that it holds texts
        return Secrets(*map(Secret, value))
    raise msgspec.ValidationError("not a text")


def _put(tree: dict[str, Any], keys: Keys, value: object) -> None:
    *parents, last = keys
    for parent in parents:
        tree = tree.setdefault(parent, {})
    tree[last] = value


def _check(settings: Settings, sources: Sources) -> None:
    """Check what types can't express. Raises SettingsError. `unsafe` has the refusals for production."""
    try:
        ZoneInfo(settings.festival.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        name = sources.name("festival", "timezone")
        raise SettingsError(f"{name}: {settings.festival.timezone!r} is not known") from error
    try:
        settings.currency()
    except ValueError as error:
        raise SettingsError(f"{sources.name('festival', 'currency')}: {error}") from None
    for key in ("metrics_from", "trusted_proxies"):
        for network in getattr(settings.server, key):
            try:
                ip_network(network)
            except ValueError:
                name = sources.name("server", key)
                raise SettingsError(f"{name}: {network!r} is no address and no network") from None
    _check_ops_listen(sources.name("server", "ops_listen"), settings)
    if settings.orders.very_late_min < settings.orders.late_min:
        name = sources.name("orders", "very_late_min")
        raise SettingsError(f"{name}: must not be below orders.late_min, {settings.orders.late_min}")
    _check_public_url(sources.name("server", "public_url"), settings.server.public_url)
    for key, beginnings in _DATABASE_URLS.items():
        _check_database_url(sources.name("database", key), getattr(settings.database, key), beginnings)
    if settings.redis.url:
        try:
            check_redis_url(settings.redis.url)
        except ValueError as error:
            raise SettingsError(f"{sources.name('redis', 'url')}: {error}") from None
    for key, text in wrong_payouts(settings.payouts):
        raise SettingsError(f"{sources.name('payouts', key)}: {text}")
    for keys, text in wrong_funds(settings):
        raise SettingsError(f"{sources.name(*keys)}: {text}")
    if settings.production and (findings := unsafe(settings)):
        texts = [f"{sources.name(*keys)}: {text}" for keys, text in findings]
        raise SettingsError("refusing to start in production: " + "; ".join(texts))


def _check_public_url(name: str, url: str) -> None:
    """Refuse more than a scheme, a host and a port: pages, cookies and the SDK count on paths from the root."""
    if not url:
        return
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise SettingsError(f"{name}: can't be read") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise SettingsError(f"{name}: must be https://… or http://…")
    if parts.path not in {"", "/"}:
        raise SettingsError(f"{name}: needs a host name of its own, without a path: it can't be served below one")
    if "?" in url or "#" in url:
        raise SettingsError(f"{name}: must end after the host name and the port, without ? and #")
    if "@" in parts.netloc:
        raise SettingsError(f"{name}: must not hold a name or a password")


def _check_ops_listen(name: str, settings: Settings) -> None:
    try:
        address = ops_address(settings.server)
    except ValueError as error:
        raise SettingsError(f"{name}: {error}") from None
    if address is not None and address[1] == settings.server.port:  # requests are told apart by it
        raise SettingsError(f"{name}: must have another port than server.port, {settings.server.port}")


def _check_database_url(name: str, url: str, beginnings: tuple[str, ...]) -> None:
    if not url:
        return
    if not url.startswith(beginnings) or url in beginnings:
        raise SettingsError(f"{name}: must begin with {' or '.join(beginnings)}")
    if url.startswith(SCHEMES):
        try:
            check_postgres_url(url, writes=beginnings != SCHEMES)
        except ValueError as error:
            raise SettingsError(f"{name}: {error}") from None
