"""The file and the environment, checked, as one `Settings`."""

import os
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, get_args, get_origin

import msgspec

from festival_push.settings.checks.possible import impossible
from festival_push.settings.checks.production import unsafe
from festival_push.settings.expectations import expected
from festival_push.settings.misspelt import meant
from festival_push.settings.presets import with_preset
from festival_push.settings.secrets import Secret, Secrets
from festival_push.settings.sections import Settings
from festival_push.settings.sources import Given, Keys, SettingsError, read_sources

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
    _refuse(wrong for keys, given in sources.items() if (wrong := _wrong(keys, given)))
    for keys, given in sources.items():
        _put(tree, keys, given.value)
    funds = tree.get("funds", {})
    tree |= {"funds": {name: with_preset(given) for name, given in funds.items()}} if funds else {}
    settings: Settings = _converted(tree, Settings)
    faults = dict(impossible(settings))
    risks = [(keys, text) for keys, text in unsafe(settings) if keys not in faults] if settings.production else []
    texts = [f"{sources.name(*keys)}: {text}" for keys, text in (*faults.items(), *risks)]
    if risks:
        texts[0] = f"refusing to start in production: {texts[0]}"
    _refuse(texts)
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


def _refuse(wrong: Iterable[str]) -> None:
    """Raise SettingsError with all that is wrong, so that nobody mends one after the other."""
    if texts := list(wrong):
        raise SettingsError("; ".join(texts))


def _wrong(keys: Keys, given: Given) -> str | None:
    """Return what is wrong with one value; None if it fits."""
    kind = _kind_of(keys)
    if kind is None:
        near = meant(keys, given)
        return f"{given.name}: there is no such setting" + (f"; did you mean {near}?" if near else "")
    return None if _fits(given.value, kind) else f"{given.name}: must be {expected(kind)}"


def _kind_of(keys: Keys) -> Any:
    """Return the type of a setting; None if there is no such setting."""
    kind: Any = Settings
    for key in keys:
        if get_origin(kind) is dict:
            name, below = get_args(kind)
            kind = below if _fits(key, name) else None
        elif isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            kind = _fields(kind).get(key)
        else:
            return None
    return kind


@cache  # each call resolves the annotations of all fields anew
def _fields(section: type[msgspec.Struct]) -> Mapping[str, Any]:
    """Return the types of a section's settings."""
    return {field.name: field.type for field in msgspec.structs.fields(section)}


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
