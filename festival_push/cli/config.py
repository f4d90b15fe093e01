"""`festival-push config check`: whether a server would start with these settings, and where each of them comes from."""

import argparse
import os
from typing import Any

from festival_push.cli.loading import config_file, take_env_file
from festival_push.settings import FundsProvider, Settings, load_settings, read_sources, shown, suspicious_funds


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
    named = sources.get(("database", "url"))
    if named is None or not named.value:
        print(f"database.url = {settings.database.url!r}  # where nothing names another")
    for keys, text in suspicious_funds(settings):
        print(f"look at {'.'.join(keys)}: {text}")
    print(f"a server would start with these settings, in {settings.server.environment}")
    return 0


def _default(keys: tuple[str, ...]) -> object:
    """Return a setting's default as it would be written in TOML; None for what is no setting."""
    value: Any = Settings()
    if keys[0] == "funds":
        value, keys = FundsProvider(), keys[2:]  # the operator names it; each is the same before it is set
    for key in keys:
        value = getattr(value, key, None)
    return list(value) if isinstance(value, tuple) else value
