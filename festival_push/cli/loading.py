"""The settings of a command, and of the processes that it starts."""

import argparse
import asyncio
import os
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Final

from festival_push.app import CONFIG_VARIABLE
from festival_push.settings import Settings, load_settings

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
    path = parsed.config or next((path for path in _BESIDE if path.exists()), None)
    if path is not None:
        os.environ[CONFIG_VARIABLE] = str(path.resolve())
    settings = load_settings(path, database_url=database_url)
    os.environ["DATABASE_URL"] = settings.database.url
    return settings


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
