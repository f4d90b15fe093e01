"""The list of commands, and how each of them ends.

Exit code 1: an audit or a simulation found something. 2: the command can't be done before somebody changes something,
and one line says what. 3: it can't be done now, as while the database is away; the same may work later. 130: Ctrl-C.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Protocol

from festival_push import __version__
from festival_push.cli import audit, backup, config, copy_to, demo, migrate, restore, serve, simulate
from festival_push.cli.databases import CommandError
from festival_push.cli.imports import command as imports
from festival_push.cli.people import token, user
from festival_push.domain.refusals import Refused
from festival_push.ops.advice import advised, is_lasting
from festival_push.ops.backups.backup import BackupError
from festival_push.settings import DatabaseSettings, SettingsError
from festival_push.simulate.plan import SimulationError
from festival_push.store.errors import CommandFailed, Overloaded, Unavailable, UnsafeDatabase, WriteFailed
from festival_push.web.parsing.problems import ProblemError


class _Command(Protocol):
    """A command's module, as `main` uses it."""

    @property
    def add_arguments(self) -> Callable[[argparse.ArgumentParser], None]: ...
    @property
    def run(self) -> Callable[[argparse.Namespace], int]: ...


_COMMANDS: Final[tuple[tuple[str, _Command, str], ...]] = (
    ("demo", demo, "A festival to try, with people, menus and links."),
    ("serve", serve, "Run the server."),
    ("migrate", migrate, "Begin the database, or bring it to this version."),
    ("config", config, "Check the settings, and print where each of them comes from; secrets are not shown."),
    ("user", user, "People: add, list, export, erase; their role, PIN and second factors; who they are elsewhere."),
    ("import", imports, "People, balances, stalls or menus from a CSV file; exit code 1 if a row is at fault."),
    ("token", token, "Print a token that signs this person in."),
    ("audit", audit, "Check every promise on the live database; exit code 1 if one is broken."),
    ("simulate", simulate, "A festival in fast motion against a running server; exit code 1 if a promise is broken."),
    ("backup", backup, "Copy the database, beside a running server, and check the copy."),
    ("copy-to", copy_to, "Move the festival from its SQLite file into PostgreSQL; every server must be stopped."),
    ("restore", restore, "Put a backup in the database's place; every server must be stopped."),
)
NOT_SO: Final = 2
NOT_NOW: Final = 3
_CODES: Final = (
    "exit codes: 0 done; 1 an audit, a simulation or an import found something; "
    "2 not before somebody changes something; 3 not now, try again; 130 Ctrl-C"
)
_EXPECTED: Final = (
    SettingsError, CommandError, SimulationError, BackupError, ProblemError, Refused,
    CommandFailed, UnsafeDatabase, WriteFailed,
)  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit code."""
    parser = _parser()
    parsed = parser.parse_args(arguments)
    if parsed.run is None:
        parser.print_help(sys.stderr)
        return NOT_SO
    os.umask(0o077)  # databases and secrets are nobody else's
    run: Callable[[argparse.Namespace], int] = parsed.run
    try:
        return run(parsed)
    except (Unavailable, Overloaded) as error:
        file = None if run is copy_to.run else _sqlite_file()  # that works on two, and says of which it speaks
        print(f"festival-push: {advised(error, file)}", file=sys.stderr)
        return NOT_SO if is_lasting(error) else NOT_NOW
    except OSError as error:
        text = f"{error.filename}: {error.strerror}" if error.filename and error.strerror else str(error)
        print(f"festival-push: {advised(OSError(text))}", file=sys.stderr)
        return NOT_SO
    except _EXPECTED as error:
        print(f"festival-push: {error.title if isinstance(error, Refused) else advised(error)}", file=sys.stderr)
        return NOT_SO
    except KeyboardInterrupt:
        return 130


def _sqlite_file() -> Path | None:
    """Return the file that the command works on; None for PostgreSQL, or if it never came so far."""
    return DatabaseSettings(url=os.environ.get("DATABASE_URL", "")).file


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="festival-push", description="Cashless payment and real-time push for a festival.", epilog=_CODES
    )
    parser.set_defaults(run=None)
    parser.add_argument("--version", action="version", version=f"festival-push {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND")
    for name, module, text in _COMMANDS:
        added = commands.add_parser(name, help=text, description=text)
        added.add_argument(
            "--config", type=Path, metavar="FILE", help="settings; default: config.toml here, or the shipped one"
        )
        added.add_argument(
            "--env-file", type=Path, metavar="FILE", help="variables, as the server's unit has them in EnvironmentFile="
        )
        module.add_arguments(added)
        added.set_defaults(run=module.run)
    return parser
