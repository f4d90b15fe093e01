"""The migrations of this version: SQL files, in order. A released one is never edited, only followed by another."""

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from festival_push.store.sql import Dialect

_FOLDER: Final = Path(__file__).with_name("sql")
_ADDITIVE: Final = "-- additive\n"
_WORDS: Final[dict[Dialect, dict[str, str]]] = {
    "sqlite": {"{id}": "TEXT", "{counter}": "INTEGER PRIMARY KEY", "{clustered}": "WITHOUT ROWID"},
    "postgres": {"{id}": 'TEXT COLLATE "C"', "{counter}": "BIGINT PRIMARY KEY", "{clustered}": ""},
}


@dataclass(frozen=True, slots=True)
class Migration:
    """One migration in one dialect.

    Attributes:
        name: `NNNN_name`.
        script: Its SQL.
    """

    name: str
    script: str

    @property
    def hash(self) -> str:
        """Return the SHA-256 of the script, in hexadecimal: it shows whether somebody has changed it since."""
        return sha256(self.script.encode()).hexdigest()

    @property
    def additive(self) -> bool:
        """Return whether the version before may go on beside it, and start again, as the file says by its first line.

        Such a migration only adds tables, indexes, and columns that have a default or may be NULL.
        """
        return self.script.startswith(_ADDITIVE)


@cache
def read_migrations(dialect: Dialect) -> dict[str, str]:
    """Return the scripts by name, in order: `NNNN_name.sql`, or `NNNN_name.<dialect>.sql` if the dialects differ."""
    scripts = {}
    for path in sorted(_FOLDER.glob("*.sql")):
        name, *which = path.name.removesuffix(".sql").split(".")
        if which in ([], [dialect]):
            script = path.read_text("utf-8")
            for word, spelling in _WORDS[dialect].items():
                script = script.replace(word, spelling)
            scripts[name] = script
    return scripts
