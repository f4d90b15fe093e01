"""0021: money says where it came from, and no cent moves.

`before/0021.json` is a whole database of the version before. Its cash desk had methods with providers' names.
"""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest

from festival_push.domain.people.codes import CODE_KEY_SQL, code_key
from festival_push.ops.audit.audit import audit
from festival_push.store.database import Database
from festival_push.store.errors import WriteFailed
from festival_push.store.log import EventLog
from festival_push.store.migrations.runner import migrate
from festival_push.store.reads.reads import Reads
from festival_push.store.sql import Rows, Write
from tests.store.migrations.test_runner import database_before
from tests.store.world import assert_lawful

NAME: Final = "0021_money"
BEFORE: Final[dict[str, Any]] = json.loads((Path(__file__).parent / "before" / "0021.json").read_text())
TABLES: Final[dict[str, dict[str, Any]]] = BEFORE["tables"]
ORDER: Final = (
    "log_head", "event_log", "log_topics", "vendors", "users", "keepers", "accounts", "transfers", "menu_items",
    "orders", "receipts", "payouts", "desk_sums", "deeds", "vendor_names",
)  # fmt: skip


def writes() -> list[Write]:
    """What fills a database of before; its head is there already."""
    assert set(TABLES) == set(ORDER)
    filled: list[Write] = [("DELETE FROM log_head", [()])]
    for table in ORDER:
        columns = TABLES[table]["columns"]
        places = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
        sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608  # a test's own words
        rows = TABLES[table]["rows"]
        if table == "transfers":
            rows = sorted(rows, key=lambda row: row[columns.index("seq")])
        filled.append((sql, rows))
    return filled


@pytest.fixture
async def migrated(database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    """The database of before, brought up to date."""
    async with database_before(NAME, database_url, monkeypatch, *writes()) as database:
        assert NAME in await migrate(database)
        yield database


async def read(database: Database, sql: str) -> Rows:
    [rows] = await database.read((sql, ()))
    return rows


async def test_the_audit_finds_nothing_and_the_laws_hold(migrated: Database) -> None:
    assert await audit(migrated, providers=("sumup", "zeffy", "card")) == []
    await assert_lawful(migrated)


async def test_desk_money_and_providers_money_come_apart(migrated: Database) -> None:
    balances: dict[str, int] = dict(await read(migrated, "SELECT account_id, balance FROM accounts"))
    assert {name: balance for name, balance in balances.items() if name.startswith(("desk", "provider", "funds"))} == {
        "desk:card": -55,
        "desk:cash": -10_000,
        "desk:sumup": -8_300,
        "desk:zeffy": -500,
        "provider:sumup": -501_259,
        "provider:zeffy": -2_400,
    }
    columns = TABLES["accounts"]["columns"]
    before = {row[columns.index("account_id")]: row[columns.index("balance")] for row in TABLES["accounts"]["rows"]}
    kept = {name: balance for name, balance in before.items() if not name.startswith("funds:")}
    assert kept == {name: balances[name] for name in kept}


async def test_balances_after_each_transfer_are_those_of_the_new_accounts(migrated: Database) -> None:
    sql = "SELECT debit, amount, debit_balance FROM transfers WHERE kind = 'top-up' AND debit <> 'held' ORDER BY seq"
    running: dict[str, int] = {}
    for debit, amount, noted in await read(migrated, sql):
        running[debit] = running.get(debit, 0) - amount
        assert noted == running[debit]
    assert running["desk:sumup"] == -8_300


async def test_transfers_name_their_receipt_and_what_they_take_back(migrated: Database) -> None:
    sql = """
        SELECT t.transfer_id, r.external_id FROM transfers AS t JOIN receipts AS r ON r.receipt_id = t.receipt_id
         ORDER BY t.seq
    """
    assert await read(migrated, sql) == [
        ("z1", "s1"), ("z2", "x1"), ("z3", "x2"), ("z4", "x3"), ("z2-assigned", "x1"), ("z5", "s2"), ("z6", "s3"),
    ]  # fmt: skip
    reversals = await read(migrated, "SELECT transfer_id, reverses FROM transfers WHERE reverses IS NOT NULL")
    assert [(name.removesuffix("-rejected"), target.removesuffix("-asked")) for name, target in reversals] == [
        (name, name) for name in {name.removesuffix("-rejected") for name, _ in reversals}
    ]
    assert len(reversals) == 1


async def test_held_money_says_how_much(migrated: Database) -> None:
    held = await Reads(migrated).held(limit=9)
    assert {(wanted.receipt.external_id, wanted.receipt.held) for wanted in held} == {("s3", 499_999), ("x3", 800)}
    assert {wanted.name for wanted in held} == {None}, "for whom it was meant was not kept then"


async def test_events_name_the_new_accounts(migrated: Database) -> None:
    rows = await read(migrated, "SELECT data FROM event_log WHERE type = 'new-transaction'")
    debits = {json.loads(data)["transactionId"]: json.loads(data)["debit"] for (data,) in rows}
    assert (debits["t2"], debits["z1"], debits["t1"]) == ("desk:sumup", "provider:sumup", "desk:cash")
    assert not any(debit.startswith("funds:") for debit in debits.values())


@pytest.mark.parametrize("cursor", [0, BEFORE["cursor"]])
async def test_a_stream_resumes_at_its_cursor(migrated: Database, cursor: int) -> None:
    head = await EventLog(migrated).head()
    assert head.position == len(TABLES["event_log"]["rows"])
    columns = TABLES["event_log"]["columns"]
    places = [row[columns.index("position")] for row in TABLES["event_log"]["rows"]]
    found = await read(migrated, f"SELECT position FROM event_log WHERE position > {cursor} ORDER BY position")  # noqa: S608
    assert [position for (position,) in found] == [place for place in sorted(places) if place > cursor]


async def test_what_is_written_stays_as_it_is_written_again(migrated: Database) -> None:
    for change in (
        "UPDATE transfers SET amount = 1", "UPDATE event_log SET data = '{}'", "DELETE FROM transfers",
        "DELETE FROM event_log",
    ):  # fmt: skip
        writer = migrated.writer()
        await writer.begin()
        with pytest.raises(WriteFailed):
            await writer.commit((change, [()]))


@pytest.mark.parametrize("code", ["WU3Z0GY1T3", "CODE-anna", "il0O-L i", "ANNA2026", "aB c-D"])
async def test_the_database_folds_codes_as_the_domain_does(migrated: Database, code: str) -> None:
    sql = f"SELECT {CODE_KEY_SQL} FROM (SELECT CAST($1 AS TEXT) AS top_up_code) AS one"  # noqa: S608  # our own words
    [rows] = await migrated.read((sql, (code,)))
    assert rows[0][0] == code_key(code)
