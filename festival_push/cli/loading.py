"""The settings of a command, and of the processes that it starts."""

import argparse
import asyncio
import os
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Final

from festival_push.cli.env_file import read_env_file
from festival_push.settings import Settings, load_settings, read_sources
from festival_push.settings.variables import CONFIG_VARIABLE

_PACKAGE: Final = Path(__file__).parents[1]
_BESIDE: Final = (Path("config.toml"), _PACKAGE / "config.toml", _PACKAGE.parent / "config.toml")
"""Where settings are looked for: the working directory, the installed package, the source tree."""


def load(parsed: argparse.Namespace, *, database_url: str | None = None) -> Settings:
    """Load the settings; from now on they are also those of every process that this one starts.

    Args:
        database_url: Used where nothing names a database; None: the one for development or production.

    Raises:
        SettingsError: As `load_settings`.
    """
    take_env_file(parsed)
    path = config_file(parsed)
    if path is not None:
        os.environ[CONFIG_VARIABLE] = str(path.resolve())
    settings = load_settings(path, database_url=database_url)
    if not read_sources(path, os.environ).is_in_file("database", "url"):  # its password stays there
        os.environ["DATABASE_URL"] = settings.database.url
    return settings


def take_env_file(parsed: argparse.Namespace) -> None:
    """Take the variables of `--env-file` for this process and those that it starts. They replace others of the same
    name, because the file was named in this very call. Raises SettingsError."""
    if parsed.env_file is not None:
        os.environ.update(read_env_file(parsed.env_file))


def config_file(parsed: argparse.Namespace) -> Path | None:
    """Return the settings file: of `--config`, of CONFIG_VARIABLE, or one that is found; None if there is none."""
    if parsed.config is not None:
        return Path(parsed.config)
    if named := os.environ.get(CONFIG_VARIABLE):
        return Path(named)
    return next((path for path in _BESIDE if path.exists()), None)


def run_with_settings(command: Callable[[Settings], Coroutine[None, None, int]], parsed: argparse.Namespace) -> int:
    """Load the settings, run `command` to its end, and return its exit code."""
    return asyncio.run(command(load(parsed)))


def number(least: int, most: int) -> Callable[[str], int]:
    """Make the type of an argument: a whole number within these bounds, both included."""

    def parse(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text!r}: a whole number from {least} to {most}")
        return int(text)

    return parse
