"""A database counts in one currency: whoever starts first says which, and once there is money, nobody says another."""

import logging
from typing import Final

import msgspec
import pytest

from festival_push.domain.money.amounts import Currency, currency_of
from festival_push.store.currency import keep_currency, kept_currency, require_currency, rules_of
from festival_push.store.database import Database
from festival_push.store.errors import Unavailable, UnsafeDatabase
from festival_push.store.migrations.runner import migrate
from tests.store.migrations.test_runner import database_before
from tests.store.world import ANNA, RULES, World

EUR: Final = currency_of("EUR")
JPY: Final = currency_of("JPY")
FORINT: Final = Currency(code="HUF", digits=0)


async def with_money(database: Database) -> None:
    """Somebody pays something in."""
    async with World(database) as world:
        await world.ground()
        await world.add_user(ANNA, money=500)


async def test_the_first_start_says_what_the_amounts_are_in(database: Database) -> None:
    assert await kept_currency(database) is None
    assert await keep_currency(database, FORINT) is None
    assert await kept_currency(database) == FORINT
    assert await keep_currency(database, FORINT) is None


async def test_before_there_is_money_another_currency_is_taken_over(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    await keep_currency(database, EUR)
    await require_currency(database, JPY)
    assert await kept_currency(database) == EUR
    with caplog.at_level(logging.WARNING):
        rules = await rules_of(database, msgspec.structs.replace(RULES, currency=JPY), begins=True)
    assert rules.currency == JPY == await kept_currency(database)
    assert "prices were in EUR with 2 digits after the point" in caplog.text


@pytest.mark.parametrize("other", [JPY, Currency(code="EUR", digits=0)])
async def test_once_there_is_money_no_other_starts(database: Database, other: Currency) -> None:
    await keep_currency(database, EUR)
    await with_money(database)
    for refused in (keep_currency, require_currency):
        with pytest.raises(UnsafeDatabase, match="the money in this database is in EUR with 2 digits") as error:
            await refused(database, other)
        assert 'set festival.currency = "EUR" and festival.currency_digits = 2' in str(error.value)
    assert await keep_currency(database, EUR) is None
    assert await kept_currency(database) == EUR


async def test_a_command_that_starts_no_server_goes_by_what_the_database_says(database: Database) -> None:
    rules = msgspec.structs.replace(RULES, currency=EUR)
    assert await rules_of(database, rules, begins=False) == rules
    assert await kept_currency(database) is None
    await keep_currency(database, JPY)
    assert (await rules_of(database, rules, begins=False)).currency == JPY


async def test_a_server_stops_writing_when_another_has_changed_the_currency(database: Database) -> None:
    await keep_currency(database, EUR)
    async with World(database) as world:
        await world.ground()
        await keep_currency(database, JPY)  # there is no money yet
        with pytest.raises(Unavailable, match="another server has started with JPY"):
            await world.add_user(ANNA)
        await keep_currency(database, EUR)
        await world.add_user(ANNA)


async def test_0022_leaves_the_currency_to_the_next_start(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with database_before("0022_currency", database_url, monkeypatch) as database:
        [rows] = await database.read(("SELECT epoch FROM log_head", ()))
        assert "0022_currency" in await migrate(database)
        assert await kept_currency(database) is None
        await with_money(database)
        assert await keep_currency(database, FORINT) is None
        assert await kept_currency(database) == FORINT
        with pytest.raises(UnsafeDatabase):
            await keep_currency(database, EUR)
        [after] = await database.read(("SELECT epoch FROM log_head", ()))
        assert after == rows
