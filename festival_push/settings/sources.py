"""Where settings come from: a file, and the environment, which overrides it. Each value keeps the name that the
operator gave it, so that an error can point at what there is to change."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from festival_push.settings.secret_files import read_secret_file
from festival_push.settings.variables import OWN_VARIABLES

PREFIX: Final = "FESTIVAL_PUSH_"
FILE_SUFFIX: Final = "_FILE"
"""Ends a variable that names a file, in which the setting's text is; for settings that may hold a secret."""
Keys = tuple[str, ...]
"""The path of a setting, e.g. `("server", "port")` or `("funds", "zeffy", "auth")`."""

_ALIASES: Final[Mapping[str, Keys]] = {
    "PORT": ("server", "port"),
    "DATABASE_URL": ("database", "url"),
    "REDIS_URL": ("redis", "url"),
    "JWT_SECRET": ("auth", "jwt_secret"),
}
_MAY_HOLD_PASSWORDS: Final = {("database", "url"), ("database", "read_url"), ("redis", "url")}
_PASSWORD: Final = re.compile(r"://[^@]*:.*@|[?&]password=", re.DOTALL)


class SettingsError(Exception):
    """The settings are wrong or unsafe; the text says which and why, and never holds a secret."""


class Given(NamedTuple):
    """A value as it was written, and the name that it was written under."""

    value: object
    name: str  # for people: "PORT (server.port)", or "server.port in config.toml"
    is_variable: bool = False
    is_in_file: bool = False  # the variable names a file that holds the value


class Sources(dict[Keys, Given]):
    """Every value that was given, by the setting's path."""

    def name(self, *keys: str) -> str:
        """Return a setting's name for errors: as the operator wrote it, or its path if nobody wrote it."""
        given = self.get(keys)
        return given.name if given is not None else ".".join(keys)

    def is_in_file(self, *keys: str) -> bool:
        """Return whether a variable names a file with this setting's text."""
        given = self.get(keys)
        return given is not None and given.is_in_file


def read_sources(path: Path | None, environ: Mapping[str, str]) -> Sources:
    """Read the file's values, overridden by those of the environment. Raises SettingsError."""
    return Sources([*_in_file(path), *_in_environment(environ)])


def shown(keys: Keys, value: object) -> str:
    """Return a value as people may see it: a secret is only said to be there, and a URL has no password."""
    if _holds_secret(keys):
        return "(secret)" if value else "(empty)"
    if keys in _MAY_HOLD_PASSWORDS and isinstance(value, str) and _PASSWORD.search(value) is not None:
        return f"{value.partition('://')[0]}://(with a password)"
    return repr(value)


def _in_file(path: Path | None) -> Iterator[tuple[Keys, Given]]:
    if path is None:
        return
    try:
        tree = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SettingsError(
            f"{path}: {error.strerror}: name the settings file with --config or FESTIVAL_PUSH_CONFIG"
        ) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path}: this is not TOML: {error}") from error
    for keys, value in _leaves((), tree):
        name = f"{'.'.join(keys)} in {path}"
        if _is_secret(keys, value):
            raise SettingsError(f"{name}: secrets and passwords belong into the environment, not into this file")
        yield keys, Given(value, name)


def _leaves(keys: Keys, value: object) -> Iterator[tuple[Keys, object]]:
    """Yield every value that is no table, and every empty table."""
    if isinstance(value, dict) and (value or not keys):
        for key, below in value.items():
            yield from _leaves((*keys, key), below)
    else:
        yield keys, value


def _is_secret(keys: Keys, value: object) -> bool:
    return _holds_secret(keys) or (
        keys in _MAY_HOLD_PASSWORDS and isinstance(value, str) and _PASSWORD.search(value) is not None
    )


def may_be_in_file(keys: Keys) -> bool:
    """Return whether a setting may hold a secret, so that a variable may name a file with its text instead."""
    return _holds_secret(keys) or keys in _MAY_HOLD_PASSWORDS


def _holds_secret(keys: Keys) -> bool:
    match keys:
        case ("auth", "jwt_secret") | ("funds", _, "secrets"):
            return True
    return False


def _in_environment(environ: Mapping[str, str]) -> Iterator[tuple[Keys, Given]]:
    """Yield the conventional names first, so that a precise one wins. Raises SettingsError if one variable has a
    setting's text and another names a file with it: nobody could say which is the current one."""
    found: dict[Keys, tuple[str, bool]] = {}
    for variable, keys, is_in_file in _named(environ):
        other, other_is = found.setdefault(keys, (variable, is_in_file))
        if other_is != is_in_file:
            raise SettingsError(f"{variable} ({'.'.join(keys)}): {other} is set too; take one of the two away")
        text = environ[variable]
        yield keys, _in_secret_file(variable, keys, text) if is_in_file else _given(variable, keys, text)


def _named(environ: Mapping[str, str]) -> Iterator[tuple[str, Keys, bool]]:
    """Yield each variable that is for us, its setting, and whether it names a file; the conventional names first."""
    for alias, keys in _ALIASES.items():
        if environ.get(alias):
            yield alias, keys, False
        if environ.get(alias + FILE_SUFFIX) and may_be_in_file(keys):
            yield alias + FILE_SUFFIX, keys, True
    for variable in environ:
        if variable.upper().startswith(PREFIX) and variable not in OWN_VARIABLES:
            plain = _keys_of(variable.removesuffix(FILE_SUFFIX))
            is_in_file = variable.endswith(FILE_SUFFIX) and may_be_in_file(plain)
            yield variable, plain if is_in_file else _keys_of(variable), is_in_file


def _keys_of(variable: str) -> Keys:
    """Return the path that a variable spells. What only resembles ours, as in small letters, spells no setting's."""
    if not variable.startswith(PREFIX):
        return (variable,)
    section, *keys = variable.removeprefix(PREFIX).lower().split("__")
    if section == "funds" and keys:
        keys[0] = keys[0].replace("_", "-")  # a provider's name has hyphens, which a variable's can't have
    return (section, *keys)


def _in_secret_file(variable: str, keys: Keys, path: str) -> Given:
    name = f"{variable} ({'.'.join(keys)})"
    try:
        text = read_secret_file(path)
    except ValueError as error:
        raise SettingsError(f"{name}: {error}") from None
    return _given(f"{variable}={path}", keys, text)._replace(is_in_file=True)


def _given(variable: str, keys: Keys, text: str) -> Given:
    name = f"{variable} ({'.'.join(keys)})"
    if not text.startswith("["):
        return Given(text, name, is_variable=True)
    try:
        values = [str(value) for value in msgspec.json.decode(text, type=list[str | int])]
        return Given(values, name, is_variable=True)
    except msgspec.DecodeError:  # its text may quote a secret
        raise SettingsError(f"{name}: not a JSON list of strings or whole numbers") from None
