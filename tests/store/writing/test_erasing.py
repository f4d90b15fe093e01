"""The log and an erased person: its words change in that transaction alone, and never its shape."""

import sqlite3
from pathlib import Path

import pytest

from festival_push.app import open_store
from festival_push.domain.people.erasing import ErasePerson
from festival_push.domain.people.people import AddUser
from festival_push.domain.values import Role, UserId
from festival_push.settings import load_settings
from tests.support.servers.sqlite import opened


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the festival's file is."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/festival.db")
    return tmp_path / "festival.db"


async def erase(user_id: str = "zelda") -> int:
    """A person who came, and went; return the position of the last event."""
    async with open_store(load_settings(None)) as store:
        added = AddUser(
            user_id=UserId(user_id), role=Role.CUSTOMER, name="Zelda", pin_hash=None, top_up_code=user_id.upper()
        )
        await store.committer.submit(added)
        gone = ErasePerson(actor_id=UserId(user_id), user_id=UserId(user_id), top_up_code=f"NEW-{user_id}")
        return (await store.committer.submit(gone)).position


async def test_an_event_still_never_changes_otherwise(database: Path) -> None:
    await erase()
    with opened(database) as connection:
        assert connection.execute("SELECT COUNT(*) FROM erasing").fetchone() == (0,)
        with pytest.raises(sqlite3.IntegrityError, match="an event never changes"):
            connection.execute("UPDATE event_log SET data = '{}'")
    for column in ("position = position + 900", "topics = '[]'", "type = 'x'", "at = at + 1"):
        with opened(database) as connection:
            connection.execute("INSERT INTO erasing (id) VALUES (1)")
            with pytest.raises(sqlite3.IntegrityError, match="an event never changes"):
                connection.execute(f"UPDATE event_log SET {column}")  # noqa: S608  # from above
            connection.execute("DELETE FROM erasing")


async def test_others_kept_answers_lose_the_name_and_ones_own_go(database: Path) -> None:
    await erase()
    kept = (
        ("ben POST /v1/x", "k1", '{"customerName":"Zelda","userId":"ida"}'),
        ("ida POST /v1/x", "k2", '{"mine":1}'),
        ("idaho POST /v1/x", "k3", '{"name":"Zelda"}'),
    )
    with opened(database) as connection:
        connection.executemany(
            "INSERT INTO kept_answers (scope, key, fingerprint, status, body, at) VALUES (?, ?, '', 200, ?, 0)", kept
        )
    await erase("ida")
    with opened(database) as connection:
        found = connection.execute("SELECT key, body FROM kept_answers ORDER BY key").fetchall()
    assert found == [("k1", '{"customerName":"Erased guest","userId":"ida"}'), ("k3", '{"name":"Zelda"}')]
