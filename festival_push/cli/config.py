"""`festival-push config check`: whether a server would start with these settings, and where each of them comes from."""

import argparse
import os
from typing import Any, get_args, get_origin

import msgspec

from festival_push.cli.loading import config_file, take_env_file
from festival_push.settings import Settings, load_settings, read_sources, shown, suspicious_funds


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the one thing that can be done."""
    parser.add_argument("action", choices=["check"], help="print each setting that differs from its default")


def run(parsed: argparse.Namespace) -> int:
    """Print what is not as shipped, secrets only as such, and whether it can work. Raises SettingsError if not."""
    take_env_file(parsed)
    path = config_file(parsed)
    print(f"settings file: {path.resolve() if path else 'none'}")
    sources = read_sources(path, os.environ)
    for keys, given in sorted(sources.items()):
        if given.value != _default(keys):
            print(f"{'.'.join(keys)} = {shown(keys, given.value)}  # {given.name}")
    settings = load_settings(path)
    if ("database", "url") not in sources:
        print(f"database.url = {settings.database.url!r}  # where nothing names another")
    for keys, text in suspicious_funds(settings):
        print(f"look at {'.'.join(keys)}: {text}")
    print(f"a server would start with these settings, in {settings.server.environment}")
    return 0


def _default(keys: tuple[str, ...]) -> object:
    """Return a setting's default as it would be written in TOML; None for what is no setting."""
    kind: Any = Settings
    default: object = None
    for key in keys:
        if get_origin(kind) is dict:
            kind = get_args(kind)[1]
        elif isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            field = {field.name: field for field in msgspec.structs.fields(kind)}.get(key)
            if field is None:
                return None
            kind, default = field.type, field.default
    return list(default) if isinstance(default, tuple) else default
