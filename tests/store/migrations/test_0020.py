"""Stalls of before that are called alike keep their names, and no other stall gets one of them."""

import pytest

from festival_push.domain.people.people import AddUser
from festival_push.domain.refusals import NameTaken
from festival_push.domain.stalls.stalls import ChangeVendor
from festival_push.domain.values import Role, UserId, VendorId
from festival_push.store.database import Database
from festival_push.store.errors import WriteFailed
from festival_push.store.migrations.runner import migrate
from festival_push.store.sql import Write
from tests.store.migrations.test_runner import change, database_before
from tests.store.world import World

NAMES = {"a": "Falafel", "b": "FALAFEL!", "c": "Fa1afel", "d": "🍕", "e": "Bar"}


def stalls_of_before() -> Write:
    """What stood in the table of stalls."""
    sql = (
        "INSERT INTO vendors (vendor_id, name, open, auto_accept, last_number, number_day)"
        " VALUES ($1, $2, 1, 1, 0, '2026-07-04')"
    )
    return sql, [list(stall) for stall in NAMES.items()]


async def test_names_of_before_stay_and_are_taken(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with database_before("0020_endings", database_url, monkeypatch, stalls_of_before()) as database:
        assert "0020_endings" in await migrate(database)
        [keys] = await database.read(("SELECT vendor_id, name_key FROM vendor_names ORDER BY vendor_id", ()))
        assert keys == [("a", "falafel"), ("b", "falafel 2"), ("c", "falafel 3"), ("d", "=🍕"), ("e", "bar")]
        [names] = await database.read(("SELECT vendor_id, name FROM vendors ORDER BY vendor_id", ()))
        assert dict(names) == NAMES
        async with World(database) as world:
            submit = world.committer.submit
            boss, bar = UserId("boss"), VendorId("e")
            await world.add_user(boss, Role.ADMIN)
            with pytest.raises(NameTaken):
                await submit(ChangeVendor(actor_id=boss, vendor_id=bar, name="falafel"))
            await submit(ChangeVendor(actor_id=boss, vendor_id=VendorId("b"), open=False))  # says nothing of its name
            for vendor_id in "abc":
                await submit(ChangeVendor(actor_id=boss, vendor_id=VendorId(vendor_id), name=f"Stall {vendor_id}"))
            await submit(ChangeVendor(actor_id=boss, vendor_id=bar, name="falafel"))  # nobody's any more


async def test_an_empty_database_has_no_names(database: Database) -> None:
    [rows] = await database.read(("SELECT * FROM vendor_names", ()))
    assert rows == []


async def test_the_index_is_the_second_line(database: Database) -> None:
    async with World(database) as world:
        for user_id in ("sun", "moon"):
            await world.add_user(UserId(user_id), Role.VENDOR)
        with pytest.raises(NameTaken):
            await world.committer.submit(
                AddUser(user_id=UserId("sun2"), role=Role.VENDOR, name="SUN", pin_hash=None, top_up_code="code-sun2")
            )
    with pytest.raises(WriteFailed):
        await change(database, "UPDATE vendor_names SET name_key = 'sun' WHERE vendor_id = 'moon'")
