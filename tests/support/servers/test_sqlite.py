"""A test's own connection to a file keeps what it wrote, and is closed however its block ends."""

import sqlite3
from pathlib import Path

import pytest

from festival_push.store.migrations.runner import missing_migrations
from festival_push.store.opening import open_database
from tests.support.servers.sqlite import migrated_file, opened


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "festival.db"
    file.touch()
    with opened(file) as connection:
        connection.execute("CREATE TABLE guests (name TEXT)")
    return file


def test_what_was_written_is_there_afterwards(file: Path) -> None:
    with opened(file) as connection:
        connection.execute("INSERT INTO guests VALUES ('Anna')")
    with opened(f"sqlite:///{file}") as connection:
        assert connection.execute("SELECT name FROM guests").fetchall() == [("Anna",)]


def test_what_a_failing_block_wrote_is_not(file: Path) -> None:
    with pytest.raises(sqlite3.OperationalError, match="nowhere"), opened(file) as connection:
        connection.executescript("BEGIN; INSERT INTO guests VALUES ('Ben'); INSERT INTO nowhere VALUES (1)")
    with opened(file) as connection:
        assert connection.execute("SELECT name FROM guests").fetchall() == []


def test_the_connection_is_closed_at_the_end(file: Path) -> None:
    with opened(file) as kept:
        pass
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        kept.execute("SELECT 1")


def test_a_missing_file_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="none"), opened(tmp_path / "none.db"):
        pass
    assert not list(tmp_path.iterdir())


async def test_a_copy_lacks_no_migration_and_has_a_log_of_its_own(tmp_path: Path) -> None:
    one, other = migrated_file(tmp_path / "one.db"), migrated_file(tmp_path / "other.db")
    database = await open_database(one)
    try:
        assert await missing_migrations(database) == []
    finally:
        await database.close()
    with opened(one) as connection:
        connection.execute("UPDATE log_head SET position = 7")
    epochs = set()
    for url in (one, other, migrated_file(tmp_path / "later.db")):
        with opened(url) as connection:
            epoch, position = connection.execute("SELECT epoch, position FROM log_head").fetchone()
        epochs.add(epoch)
        assert position == (7 if url == one else 0)
    assert len(epochs) == 3


def test_a_copy_replaces_nothing(file: Path) -> None:
    with pytest.raises(AssertionError, match=r"festival\.db"):
        migrated_file(file)
