"""The log and an erased person: its words change in that transaction alone, and never its shape."""

import sqlite3
from pathlib import Path

import msgspec
import pytest

from festival_push.app import open_store
from festival_push.domain.orders.orders import ChangeOrderStatus
from festival_push.domain.people.erasing import ErasePerson
from festival_push.domain.people.people import AddUser
from festival_push.domain.people.relations import Person
from festival_push.domain.values import OrderStatus, Role, UserId
from festival_push.ops.person_export import person_json
from festival_push.settings import load_settings
from festival_push.store.database import Database
from festival_push.store.log import EventLog
from festival_push.store.reads.reads import Reads
from tests.store.world import BOSS, PRICE, World
from tests.support.servers.sqlite import opened


@pytest.fixture
def festival_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
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


async def test_an_event_still_never_changes_otherwise(festival_file: Path) -> None:
    await erase()
    with opened(festival_file) as connection:
        assert connection.execute("SELECT COUNT(*) FROM erasing").fetchone() == (0,)
        with pytest.raises(sqlite3.IntegrityError, match="an event never changes"):
            connection.execute("UPDATE event_log SET data = '{}'")
    for column in ("position = position + 900", "topics = '[]'", "type = 'x'", "at = at + 1"):
        with opened(festival_file) as connection:
            connection.execute("INSERT INTO erasing (id) VALUES (1)")
            with pytest.raises(sqlite3.IntegrityError, match="an event never changes"):
                connection.execute(f"UPDATE event_log SET {column}")  # noqa: S608  # from above
            connection.execute("DELETE FROM erasing")


async def test_others_kept_answers_lose_the_name_and_ones_own_go(festival_file: Path) -> None:
    await erase()
    kept = (
        ("ben POST /v1/x", "k1", '{"customerName":"Zelda","userId":"ida"}'),
        ("ida POST /v1/x", "k2", '{"mine":1}'),
        ("idaho POST /v1/x", "k3", '{"name":"Zelda"}'),
    )
    with opened(festival_file) as connection:
        connection.executemany(
            "INSERT INTO kept_answers (scope, key, fingerprint, status, body, at) VALUES (?, ?, '', 200, ?, 0)", kept
        )
    await erase("ida")
    with opened(festival_file) as connection:
        found = connection.execute("SELECT key, body FROM kept_answers ORDER BY key").fetchall()
    assert found == [("k1", '{"customerName":"Erased guest","userId":"ida"}'), ("k3", '{"name":"Zelda"}')]


async def test_both_databases_rewrite_events_and_orders_and_keep_positions(database: Database) -> None:
    async with World(database) as world:
        await world.ground()
        zelda = await world.add_user(UserId("zelda"), money=PRICE)
        [order] = [(await world.committer.submit(world.order(zelda))).reply.order]
        for status in (OrderStatus.READY, OrderStatus.COMPLETED):
            await world.committer.submit(ChangeOrderStatus(actor_id=BOSS, order_id=order.order_id, status=status))
        before = await EventLog(database).read_range(0, 500)
        assert any("Zelda" in row.data for row in before)
        await world.committer.submit(ErasePerson(actor_id=BOSS, user_id=zelda, reason="asked", top_up_code="code-gone"))
        after = await EventLog(database).read_range(0, 500)
    assert not [row for row in after if "Zelda" in row.data]
    shapes = [[(row.position, row.topics, row.type, row.at) for row in rows] for rows in (before, after)]
    assert shapes[1][: len(before)] == shapes[0]
    reads = Reads(database)
    [kept] = [each async for each in reads.all_orders(zelda)]
    assert (kept.customer_name, kept.total) == ("Erased guest", PRICE)
    told = msgspec.json.decode(b"".join([piece async for piece in person_json(reads, await person_of(reads, zelda))]))
    assert (len(told["orders"]), len(told["transactions"]), [deed["act"] for deed in told["deeds"]]) == (
        1,
        2,
        ["erase", "top-up"],
    )


async def person_of(reads: Reads, user_id: UserId) -> Person:
    person = await reads.person(user_id)
    assert person is not None
    return person
