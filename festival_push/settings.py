"""Settings: `config.toml` and the environment become one frozen, validated object, or the server does not start."""

import os
import re
import tomllib
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta

from festival_push.domain.values import Rules

Positive = Annotated[int, Meta(ge=1)]
SECRET_BYTES_MIN: Final = 32
PREFIX: Final = "FESTIVAL_PUSH_"
_ALIASES: Final = {
    "PORT": ("server", "port"),
    "DATABASE_URL": ("database", "url"),
    "REDIS_URL": ("redis", "url"),
    "JWT_SECRET": ("auth", "jwt_secret"),
}
_POSTGRES: Final = ("postgresql://", "postgres://")
_URLS: Final = {
    ("database", "url"): ("sqlite:///", *_POSTGRES),
    ("database", "read_url"): _POSTGRES,
    ("redis", "url"): ("redis://", "rediss://", "unix://"),
}
"""How each begins; all may hold a password."""
_PASSWORD: Final = re.compile(r"://[^@]*:.*@|[?&]password=", re.DOTALL)


class SettingsError(Exception):
    """The settings are wrong or unsafe; the text says which and why, and never holds a secret."""


class _Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Secret:
    """A string that does not show itself in logs, tracebacks or `repr`."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The secret itself; for the one place that signs or verifies with it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)


class Festival(_Section, frozen=True, kw_only=True):
    """Who we are."""

    name: str = "Festival"
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")] = "EUR"
    timezone: str = "Europe/Berlin"
    platform_fee_bp: Annotated[int, Meta(ge=0, le=10_000)] = 0


class Server(_Section, frozen=True, kw_only=True):
    """Where we listen."""

    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 8000
    workers: Annotated[int, Meta(ge=1, le=64)] = 1
    public_url: str = ""
    environment: Literal["development", "production"] = "development"
    allowed_origins: tuple[str, ...] = ()
    drain_s: Annotated[float, Meta(ge=0, le=60)] = 5
    access_log: bool = True
    metrics_from: tuple[str, ...] = ("127.0.0.1", "::1")
    trusted_proxies: tuple[str, ...] = ("127.0.0.1", "::1")


class DatabaseSettings(_Section, frozen=True, kw_only=True):
    """Where the truth is kept."""

    url: str = "sqlite:///var/festival.db"
    read_url: str = ""
    retention_hours: Positive = 168

    @property
    def file(self) -> Path | None:
        """Where SQLite keeps it; None: it is PostgreSQL."""
        return Path(self.url.removeprefix("sqlite:///")) if self.url.startswith("sqlite:///") else None


class RedisSettings(_Section, frozen=True, kw_only=True):
    """What carries news between processes."""

    url: str = ""
    prefix: Annotated[str, Meta(min_length=1)] = "festival-push"
    heartbeat_s: Annotated[float, Meta(gt=0, le=60)] = 3


class Auth(_Section, frozen=True, kw_only=True):
    """Who may sign tokens."""

    jwt_secret: Secret = Secret("")
    issuer: Annotated[str, Meta(min_length=1)] = "festival-push"
    audience: Annotated[str, Meta(min_length=1)] = "festival-push"
    token_ttl_s: Annotated[int, Meta(ge=1, le=366 * 86_400)] = 43_200
    jwks_url: str = ""
    jwks_issuer: str = ""


class Limits(_Section, frozen=True, kw_only=True):
    """How much of everything; DESIGN's bounds."""

    commands_per_min: Positive = 60
    vendor_commands_per_min: Positive = 300
    anonymous_per_min: Positive = 600
    streams_per_user: Positive = 8
    streams_max: Positive = 20_000
    body_bytes_max: Annotated[int, Meta(ge=1024)] = 65_536
    order_lines_max: Positive = 50
    amount_max: Annotated[int, Meta(ge=1, le=10**12)] = 100_000
    balance_max: Annotated[int, Meta(ge=1, le=10**12)] = 500_000
    batch_max: Annotated[int, Meta(ge=1, le=10_000)] = 200
    pending_max: Positive = 2_000
    backlog_bytes_max: Annotated[int, Meta(ge=65_536)] = 1_048_576


class StreamSettings(_Section, frozen=True, kw_only=True):
    """How streams behave."""

    heartbeat_s: Annotated[float, Meta(gt=0, le=300)] = 15
    retry_ms: Positive = 3_000
    max_age_s: Positive = 14_400
    replay_page: Annotated[int, Meta(ge=1, le=1_000)] = 500  # pages are read 32 at once: 10,000 kept the loop for 1.6 s


class Boards(_Section, frozen=True, kw_only=True):
    """The pickup boards."""

    public: bool = False


class FundsProvider(_Section, frozen=True, kw_only=True):
    """How one payment provider reports payments; the fields name paths in its JSON."""

    secrets: tuple[Secret, ...] = ()
    auth: Literal["standard-webhooks", "bearer"] = "standard-webhooks"
    amount_unit: Literal["major", "minor"] = "major"
    id: str = "id"
    amount: str = "amount"
    currency: str = "currency"
    status: str = "status"
    paid_statuses: tuple[str, ...] = ("succeeded", "paid", "completed")
    user_id: str = "user_id"
    top_up_code: str = "top_up_code"
    donor_name: str = "donor_name"
    donor_email: str = "donor_email"


class Settings(_Section, frozen=True, kw_only=True):
    """Everything that can be set."""

    festival: Festival = Festival()
    server: Server = Server()
    database: DatabaseSettings = DatabaseSettings()
    redis: RedisSettings = RedisSettings()
    auth: Auth = Auth()
    limits: Limits = Limits()
    stream: StreamSettings = StreamSettings()
    boards: Boards = Boards()
    funds: dict[Annotated[str, Meta(pattern="^[a-z][a-z0-9-]{0,31}$")], FundsProvider] = {}

    @property
    def production(self) -> bool:
        """Whether unsafe settings are refused."""
        return self.server.environment == "production"

    def rules(self) -> Rules:
        """What the domain needs to know."""
        return Rules(
            currency=self.festival.currency,
            timezone=ZoneInfo(self.festival.timezone),
            platform_fee_bp=self.festival.platform_fee_bp,
            amount_max=self.limits.amount_max,
            balance_max=self.limits.balance_max,
            order_lines_max=self.limits.order_lines_max,
        )


def load_settings(path: Path | None, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the file, lay the environment over it, validate. Raises SettingsError."""
    tree: dict[str, object] = {}
    if path is not None:
        try:
            tree = tomllib.loads(path.read_text("utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise SettingsError(f"{path}: {error}") from error
        _refuse_secrets(tree, path)
    for keys, text in _from_environment(environ):
        _put(tree, keys, text)
    try:
        settings = msgspec.convert(tree, Settings, strict=False, dec_hook=_decode)
    except msgspec.ValidationError as error:
        raise SettingsError(str(error)) from None  # its cause may quote a value
    _check(settings)
    return settings


def _from_environment(environ: Mapping[str, str]) -> list[tuple[tuple[str, ...], str]]:
    """The overrides, the conventional names first so that a precise one wins."""
    found: list[tuple[tuple[str, ...], str]] = [
        (keys, environ[name]) for name, keys in _ALIASES.items() if environ.get(name)
    ]
    for name, text in environ.items():
        if name.startswith(PREFIX) and "__" in name:
            section, *keys = name[len(PREFIX) :].lower().split("__")
            if section == "funds" and keys:
                keys[0] = keys[0].replace("_", "-")  # a provider's name has hyphens, which a variable's can't have
            found.append(((section, *keys), text))
    return found


def _put(tree: dict[str, object], keys: tuple[str, ...], text: str) -> None:
    *parents, last = keys
    node = tree
    for parent in parents:
        child = node.setdefault(parent, {})
        if not isinstance(child, dict):
            raise SettingsError(f"{PREFIX}{'__'.join(keys).upper()}: no such setting")
        node = child
    node[last] = _list_or_text(keys, text)


def _list_or_text(keys: tuple[str, ...], text: str) -> object:
    if not text.startswith("["):
        return text
    try:
        return msgspec.json.decode(text, type=list[str])
    except msgspec.DecodeError as error:
        raise SettingsError(f"{PREFIX}{'__'.join(keys).upper()}: not a JSON list of strings") from error


def _decode(kind: type, value: object) -> object:
    if kind is Secret and isinstance(value, str):
        return Secret(value)
    raise msgspec.ValidationError("not a text")


def _refuse_secrets(tree: dict[str, object], path: Path) -> None:
    auth, funds = tree.get("auth"), tree.get("funds")
    providers = funds.values() if isinstance(funds, dict) else ()
    if (
        (isinstance(auth, dict) and "jwt_secret" in auth)
        or any("secrets" in provider for provider in providers if isinstance(provider, dict))
        or any(_holds_password(tree, section, key) for section, key in _URLS)
    ):
        raise SettingsError(f"{path}: secrets and passwords belong into the environment, not into this file")


def _holds_password(tree: dict[str, object], section: str, key: str) -> bool:
    url = values.get(key) if isinstance(values := tree.get(section), dict) else None
    return isinstance(url, str) and _PASSWORD.search(url) is not None


def _check(settings: Settings) -> None:
    """What a type can't say. The refusals for production are in `unsafe`."""
    try:
        ZoneInfo(settings.festival.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SettingsError(f"festival.timezone: {settings.festival.timezone!r} is not known") from error
    for name in ("metrics_from", "trusted_proxies"):
        for network in getattr(settings.server, name):
            try:
                ip_network(network)
            except ValueError:
                raise SettingsError(f"server.{name}: {network!r} is no address and no network") from None
    for (section, key), beginnings in _URLS.items():
        _check_url(f"{section}.{key}", getattr(getattr(settings, section), key), beginnings)
    if settings.production and (findings := unsafe(settings)):
        raise SettingsError("refusing to start in production: " + "; ".join(findings))


def _check_url(name: str, url: str, beginnings: tuple[str, ...]) -> None:
    if not url and name != "database.url":
        return
    if not url.startswith(beginnings) or url in beginnings:
        raise SettingsError(f"{name}: it begins with {' or '.join(beginnings)}")
    try:
        _ = urlsplit(url).port
    except ValueError:  # its text quotes what it takes for the port: a part of the password
        raise SettingsError(f"{name}: can't be read; write special characters of a password as %XX") from None


def unsafe(settings: Settings) -> list[str]:
    """What is not fit for real money; each finding names the setting."""
    secret = settings.auth.jwt_secret.reveal()
    public = urlsplit(settings.server.public_url)
    findings = {
        f"auth.jwt_secret: set JWT_SECRET, at least {SECRET_BYTES_MIN} bytes": len(secret.encode()) < SECRET_BYTES_MIN,
        "auth.jwt_secret: too little variety to be random": len(set(secret)) < 10 <= len(secret),
        "server.public_url: must be https://…": public.scheme != "https" or not public.hostname,
        "server.allowed_origins: name them, no wildcard": any(
            "*" in origin for origin in settings.server.allowed_origins
        ),
        "server.trusted_proxies: name them, not everybody": any(
            ip_network(network).prefixlen == 0 for network in settings.server.trusted_proxies
        ),
        "server.workers: more than one needs redis.url": settings.server.workers > 1 and not settings.redis.url,
        "auth.jwks_url: must be https://…": bool(settings.auth.jwks_url)
        and not settings.auth.jwks_url.startswith("https://"),
        "auth.jwks_issuer: required with jwks_url": bool(settings.auth.jwks_url) and not settings.auth.jwks_issuer,
    }
    for name, provider in settings.funds.items():
        short = any(len(key.reveal()) < 24 for key in provider.secrets)
        findings[f"funds.{name}.secrets: at least 24 characters each"] = short
        reused = any(key.reveal() == secret for key in provider.secrets)
        findings[f"funds.{name}.secrets: must differ from auth.jwt_secret"] = reused
        others = (other for other_name, other in settings.funds.items() if other_name != name)
        shared = any(key in other.secrets for other in others for key in provider.secrets)
        findings[f"funds.{name}.secrets: must differ from another provider's"] = shared  # or one could speak for both
    return [finding for finding, found in findings.items() if found]
