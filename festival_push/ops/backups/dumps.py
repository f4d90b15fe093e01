"""Backups of PostgreSQL: made by its own `pg_dump`, beside running servers, and brought back by `pg_restore`."""

import os
import subprocess
from collections.abc import Collection
from itertools import dropwhile, takewhile
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from festival_push.ops.backups.backup import BackupError
from festival_push.ops.backups.staging import staging
from festival_push.store.errors import UnsafeDatabase
from festival_push.store.migrations.runner import missing_of
from festival_push.store.sql import Rows, SqlRow
from festival_push.store.sqlite.copy import flush_to_disk

_LIBPQ: Final = frozenset(
    {
        "host", "port", "user", "password", "dbname", "passfile", "options", "sslmode", "sslrootcert", "sslcert",
        "sslkey", "sslcrl", "sslpassword", "sslnegotiation", "target_session_attrs", "application_name", "krbsrvname",
        "gsslib", "service", "ssl_min_protocol_version", "ssl_max_protocol_version",
    }
)  # fmt: skip
"""What `pg_dump` takes in a URL; our driver takes all others as settings of the session."""
_PRIMARY: Final = {"target_session_attrs": "read-write", "connect_timeout": "10"}
"""Of several hosts, the one that takes writes, as for the server (`store.postgres.connecting`). libpq would take the
first that answers: perhaps a standby, whose dump may lack the last sales, and which takes no restore. And it would wait
minutes for one without power."""


def dump_postgres(url: str, to: Path) -> None:
    """Make `to`, a dump of the database as of one moment in the custom format of `pg_dump`, mode 0600.

    It gets its name only after `pg_restore` has read all of it. How long it takes is PostgreSQL's affair; it blocks.

    Raises:
        BackupError: `to` exists, the programs are missing, or one of them failed; its words say why.
        OSError: The disk failed.
    """
    if not to.parent.is_dir():
        raise BackupError(f"there is no folder {to.parent}")
    if to.exists():
        raise BackupError(f"{to} exists already")
    shown, secrets = without_password(url)
    with staging(to.parent) as folder:
        dump = folder / "dump"
        dump.touch(mode=0o600)
        _run("pg_dump", "--format=custom", f"--file={dump}", f"--dbname={shown}", **secrets)
        _run("pg_restore", "--file=/dev/null", str(dump))
        flush_to_disk(dump)
        os.link(dump, to)  # unlike a rename, it never replaces a file
    flush_to_disk(to.parent)


def restore_postgres(url: str, dump: Path, *, applied: Collection[str]) -> None:
    """Replace what is in the database by a dump, in one transaction: all or nothing. It blocks; no server may run.

    Args:
        applied: The migrations that the database has. A dump that lacks one of them is refused: `pg_restore` leaves the
            tables that it doesn't know where they are, so the database could not be brought to this version again.
    Raises:
        BackupError: There is no such file, it holds no festival that fits this program and the database, the program
            `pg_restore` is missing, or it failed; its words say why.
    """
    if not dump.is_file():
        raise BackupError(f"there is no file {dump}")
    rows = _migrations_in(dump)
    if not rows:
        raise BackupError(f"{dump} holds no festival")
    try:
        missing_of("postgres", rows)
    except UnsafeDatabase as error:
        raise BackupError(f"{dump}: {error}") from error
    if newer := sorted(set(applied) - {str(name) for name, *_ in rows}):
        raise BackupError(
            f"{dump} is of an older version than the database, which has {', '.join(newer)}: restore it into an empty "
            "database (createdb), which database.url must name then"
        )
    shown, secrets = without_password(url)
    how = ("--clean", "--if-exists", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error")
    _run("pg_restore", *how, f"--dbname={shown}", str(dump), **secrets)


def without_password(url: str) -> tuple[str, dict[str, str]]:
    """Return a URL as `pg_dump` takes it, and the variables for it: everybody on the machine can read arguments."""
    parts = urlsplit(url)
    auth, at, hosts = parts.netloc.rpartition("@")
    user, _, password = auth.partition(":")
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    if name := given.pop("database", ""):  # as our driver calls it too
        given.setdefault("dbname", name)
    secrets = {"PGPASSWORD": unquote(password) or given.pop("password", "")}
    settings = {name: given.pop(name) for name in sorted(given.keys() - _LIBPQ)}
    options = [given.pop("options", ""), *(f"-c {name}={_escaped(text)}" for name, text in settings.items())]
    if "," in hosts + given.get("host", "") and given.get("target_session_attrs", "any") == "any":
        given |= _PRIMARY
    if wanted := " ".join(filter(None, options)):
        given["options"] = wanted
    query = f"?{urlencode(given, quote_via=quote)}" if given else ""
    shown = f"{parts.scheme}://{user}{at}{hosts}{parts.path}{query}"
    return shown, {name: text for name, text in secrets.items() if text}


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(" ", "\\ ")


def _migrations_in(dump: Path) -> Rows:
    """Return the rows of schema_migrations in a dump: of `name` alone, or `name, hash, additive`."""
    script = _run("pg_restore", "--data-only", "--table=schema_migrations", "--file=-", str(dump)).splitlines()
    copied = [*dropwhile(lambda line: not line.startswith("COPY "), script)][1:]
    return [_migration(*line.split("\t")) for line in takewhile(lambda line: line != "\\.", copied)]


def _migration(name: str, kept: str = "", additive: str = "") -> SqlRow:
    return (name, None if kept == "\\N" else kept, int(additive)) if additive else (name,)


def _run(program: str, *arguments: str, **variables: str) -> str:
    """Return what a program has printed. Raises BackupError, as `restore_postgres`."""
    try:
        done = subprocess.run(  # noqa: S603 - our own words, and the operator's settings
            [program, *arguments],
            env=os.environ | variables,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    except FileNotFoundError:
        raise BackupError(f"{program} is missing: install PostgreSQL's client programs (postgresql-client)") from None
    if done.returncode != 0:
        said = " ".join(done.stderr.split()) or f"exit code {done.returncode}"
        raise BackupError(f"{program} failed: {said.removeprefix(f'{program}: ')}")
    return done.stdout
