"""0025 and what came with it: a festival that is running gets drawers, and not a cent of it moves.

`before/0025.json` is a whole database of the version before, with a bit of everything: orders in every state, money
that was taken back, held, claimed or paid out, a cashier's sums, a top-up that waits for its second person.
"""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest

from festival_push.domain.desk.drawers import CloseDrawer, OpenDrawer
from festival_push.domain.desk.payouts import PayOutAtDesk
from festival_push.domain.desk.second_person import waiting_command
from festival_push.domain.money.funds import TopUp
from festival_push.domain.values import ConfirmationId, DrawerId, PayoutId, TransferId, UserId
from festival_push.ops.audit.audit import audit
from festival_push.store.database import Database
from festival_push.store.errors import WriteFailed
from festival_push.store.log import EventLog
from festival_push.store.migrations.runner import migrate
from festival_push.store.reads.reads import Reads
from festival_push.store.sql import Rows, Write
from tests.store.migrations.test_runner import database_before
from tests.store.world import World, assert_lawful

NAME: Final = "0025_selling"
BEFORE: Final[dict[str, Any]] = json.loads((Path(__file__).parent / "before" / "0025.json").read_text())
TABLES: Final[dict[str, dict[str, Any]]] = BEFORE["tables"]
ORDER: Final = (
    "log_head", "event_log", "log_topics", "vendors", "users", "keepers", "accounts", "transfers", "menu_items",
    "orders", "payment_requests", "receipts", "claims", "unread_receipts", "payouts", "desk_sums", "deeds",
    "vendor_names", "kept_settings", "displays", "rooms", "announcements", "confirmations",
)  # fmt: skip


def writes() -> list[Write]:
    """What fills a database of before; its head is there already."""
    assert set(TABLES) == set(ORDER)
    filled: list[Write] = [("DELETE FROM log_head", [()])]
    for table in ORDER:
        columns = TABLES[table]["columns"]
        places = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
        rows = TABLES[table]["rows"]
        if table == "transfers":
            rows = sorted(rows, key=lambda row: row[columns.index("seq")])
        filled.append((f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", rows))  # noqa: S608  # our own
    return filled


@pytest.fixture
async def migrated(database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    """The database of before, brought up to date."""
    async with database_before(NAME, database_url, monkeypatch, *writes()) as database:
        applied = await migrate(database)
        assert applied[:2] == [NAME, "0026_drawers"]
        yield database


async def read(database: Database, sql: str) -> Rows:
    [rows] = await database.read((sql, ()))
    return rows


def column(table: str, name: str) -> list[Any]:
    """The values of a column before."""
    index = TABLES[table]["columns"].index(name)
    return [row[index] for row in TABLES[table]["rows"]]


async def test_the_audit_finds_nothing_and_the_laws_hold(migrated: Database) -> None:
    assert await audit(migrated, providers=("zeffy",)) == []
    await assert_lawful(migrated)


async def test_no_cent_has_moved(migrated: Database) -> None:
    before = dict(zip(column("accounts", "account_id"), column("accounts", "balance"), strict=True))
    assert dict(await read(migrated, "SELECT account_id, balance FROM accounts")) == before
    assert {name for name in before if name.startswith(("drawer:", "safe", "differences"))} == set()
    columns = TABLES["transfers"]["columns"]
    kept = await read(migrated, f"SELECT {', '.join(columns)} FROM transfers ORDER BY seq")  # noqa: S608  # our own words
    seq = columns.index("seq")
    assert [list(row) for row in kept] == sorted(TABLES["transfers"]["rows"], key=lambda row: row[seq])


async def test_a_days_sums_are_kept_and_count_payouts_from_now_on(migrated: Database) -> None:
    before = zip(column("desk_sums", "user_id"), column("desk_sums", "day"), column("desk_sums", "amount"), strict=True)
    found = await read(migrated, "SELECT user_id, day, amount, paid_out FROM desk_sums ORDER BY user_id")
    assert sorted(found) == sorted((*row, 0) for row in before)
    assert len(found) == 2


async def test_payouts_of_before_are_of_no_drawer(migrated: Database) -> None:
    assert await read(migrated, "SELECT count(*), count(drawer_id) FROM payouts") == [(5, 0)]
    assert await Reads(migrated).drawers(limit=9) == []


@pytest.mark.parametrize("cursor", [0, BEFORE["cursor"]])
async def test_a_stream_resumes_at_its_cursor(migrated: Database, cursor: int) -> None:
    head = await EventLog(migrated).head()
    places = sorted(column("event_log", "position"))
    assert (head.position, head.epoch) == (places[-1], column("log_head", "epoch")[0])
    found = await EventLog(migrated).read_range(cursor, head.position)
    told = dict(zip(column("event_log", "position"), column("event_log", "data"), strict=True))
    assert [(row.position, row.data) for row in found] == [(place, told[place]) for place in places if place > cursor]


async def test_what_waited_for_a_second_person_can_still_be_read(migrated: Database) -> None:
    [kept] = await Reads(migrated).confirmations(before=None, limit=9)
    command = waiting_command(kept)
    assert isinstance(command, TopUp)
    assert (kept.confirmation_id, command.amount) == (ConfirmationId("w1"), 20_001)


async def test_the_desk_works_on_it_and_all_stays_whole(migrated: Database) -> None:
    cash, anna, gate = UserId("cash"), UserId("anna"), DrawerId("k1")
    async with World(migrated) as world:
        committer = world.committer
        await committer.submit(OpenDrawer(actor_id=cash, drawer_id=gate, name="Gate 1", float_amount=5_000))
        top_up = TopUp(
            actor_id=cash, user_id=anna, amount=700, method="cash", note=None, transfer_id=TransferId("new-1")
        )
        assert (await committer.submit(top_up)).reply.drawer_id == gate
        paid = PayOutAtDesk(actor_id=cash, user_id=anna, payout_id=PayoutId("new-2"), amount=300, reason=None)
        await committer.submit(paid)
        closed = await committer.submit(CloseDrawer(actor_id=cash, drawer_id=gate, counted=5_390, reason="a coin"))
        assert (closed.reply.expected, closed.reply.difference) == (5_400, -10)
    assert await audit(migrated, providers=("zeffy",)) == []
    await assert_lawful(migrated)


async def test_a_second_open_drawer_of_one_cashier_is_refused_by_the_database_too(migrated: Database) -> None:
    sql = """
        INSERT INTO drawers (drawer_id, name, cashier_id, opened_at, opened_after, float_amount)
        VALUES ($1, 'Gate', 'cash', 1, 0, 0)
    """
    writer = migrated.writer()
    await writer.begin()
    with pytest.raises(WriteFailed):
        await writer.commit((sql, [("k1",), ("k2",)]))
