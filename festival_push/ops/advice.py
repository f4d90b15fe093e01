"""What to do about a database that can't be used: the line that somebody reads at three in the morning."""

from pathlib import Path
from typing import Final, NamedTuple


class _Advice(NamedTuple):
    said: str  # stands in the error's text
    todo: str
    is_lasting: bool = True  # whether trying again, without anybody's hand, is in vain


_DAMAGED: Final = "stop every server, copy its whole folder aside, then `festival-push restore` the newest backup"
_NOT_OURS: Final = "give the file and its folder to whoever runs this (chown), or run this as their owner"
_ADVICE: Final = (
    _Advice("malformed", f"the file is damaged: {_DAMAGED}"),
    _Advice("file is not a database", f"the file is damaged, or something else: {_DAMAGED}"),
    _Advice("disk is full", "free some space; nothing is lost", is_lasting=False),
    _Advice("No space left", "free some space; nothing is lost", is_lasting=False),
    _Advice("disk I/O error", "the disk is full or broken (df, dmesg); free some space first", is_lasting=False),
    _Advice(
        "Read-only file system", "the disk takes no writes, as after an error: read the kernel's log (dmesg) first"
    ),
    _Advice("readonly database", _NOT_OURS),
    _Advice("unable to open database file", f"its folder is missing, or closed to us: {_NOT_OURS}"),
    _Advice("Permission denied", _NOT_OURS),
    _Advice("s a directory", "name a file in it"),
    _Advice("newer than this program", "start that newer version, or restore the backup of before the upgrade"),
    _Advice("older than this program", "`festival-push migrate` brings it to this version"),
    _Advice("InvalidCatalogNameError", "create the database: createdb --owner ROLE NAME"),
    _Advice(
        "has no equivalent in encoding",
        "names need a database that keeps texts as UTF-8: createdb --encoding UTF8 --template template0",
    ),
    _Advice("used by a view", "drop the views of your own on our tables, and make them again when this is done"),
    _Advice("InvalidPasswordError", "PostgreSQL knows the role by another password"),
    _Advice("InvalidAuthorizationSpecificationError", "PostgreSQL has no such role, or pg_hba.conf does not let it in"),
    _Advice("Name or service not known", "database.url names a host that nobody knows", is_lasting=False),
    _Advice("name resolution", "no name server answers, or nobody knows the host", is_lasting=False),
    _Advice(
        "Connection refused", "nothing listens there: is PostgreSQL running at that host and port?", is_lasting=False
    ),
    _Advice(
        "Connect call failed", "nothing listens there: is PostgreSQL running at that host and port?", is_lasting=False
    ),
    _Advice(
        "no answer in time",
        "the host of database.url is silent: is PostgreSQL overloaded, or does a firewall drop what is sent?",
        is_lasting=False,
    ),
)
"""The first that fits counts."""


def advised(error: Exception, file: Path | None = None) -> str:
    """Return an error of the store in one line, with SQLite's file if it does not name it, and what to do about it.

    Args:
        file: SQLite's; None for PostgreSQL.
    """
    text = " ".join(str(error).split()) or type(error).__name__
    if file is not None and str(file) not in text:
        text = f"{file}: {text}"
    advice = _advice(error)
    return text if advice is None or advice.todo in text else f"{text}: {advice.todo}"


def is_lasting(error: Exception) -> bool:
    """Return whether it is known that trying again is in vain before somebody has changed something."""
    advice = _advice(error)
    return advice is not None and advice.is_lasting


def is_damaged(error: Exception) -> bool:
    """Return whether the database is damaged, or something else."""
    advice = _advice(error)
    return advice is not None and _DAMAGED in advice.todo


def _advice(error: Exception) -> _Advice | None:
    text = str(error)
    return next((advice for advice in _ADVICE if advice.said in text), None)
