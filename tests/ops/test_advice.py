"""The line that somebody reads at three in the morning: what, where, and what to do."""

from pathlib import Path

import pytest

from festival_push.ops.advice import advised, is_lasting
from festival_push.store.errors import Unavailable, UnsafeDatabase

FILE = Path("/var/lib/festival-push/festival.db")


@pytest.mark.parametrize(
    ("said", "todo", "lasting"),
    [
        ("database disk image is malformed", "restore` the newest backup", True),
        ("file is not a database", "restore` the newest backup", True),
        ("database or disk is full", "free some space", False),
        ("attempt to write a readonly database", "chown", True),
        ("ConnectionRefusedError: [Errno 111] Connect call failed ('127.0.0.1', 5432)", "nothing listens there", False),
        ('InvalidCatalogNameError: database "f" does not exist', "createdb", True),
        (
            'WriteFailed: character 0xe2 in encoding "UTF8" has no equivalent in encoding "LATIN1"',
            "createdb --encoding UTF8",
            True,
        ),
        ("cannot alter type of a column used by a view or rule", "drop the views of your own", True),
        ("database is locked", "", False),
    ],
)
def test_a_known_fault_has_its_advice_and_says_whether_waiting_helps(said: str, todo: str, *, lasting: bool) -> None:
    error = Unavailable(said)
    assert said in advised(error, FILE)
    assert advised(error, FILE).startswith(str(FILE))
    assert todo in advised(error)
    assert is_lasting(error) is lasting


def test_the_file_and_the_advice_are_named_once_and_on_one_line() -> None:
    line = advised(Unavailable(f"{FILE}:\n Permission denied"), FILE)
    assert line.count(str(FILE)) == 1
    assert "\n" not in line
    assert advised(Unavailable(line), FILE) == line


def test_a_database_of_a_newer_version_names_both_ways_on() -> None:
    line = advised(UnsafeDatabase("the database is newer than this program: it has 0999_future"))
    assert "start that newer version, or restore" in line
