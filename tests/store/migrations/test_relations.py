"""0015: people, stalls and tills come apart, and nobody loses a cent, an event or a right.

`before/0015.json` is a whole database of the version before, with people who were two things at once.
"""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from festival_push.domain.people.relations import Person
from festival_push.domain.topics import own_topics
from festival_push.domain.values import Part, Role, UserId, VendorId, till_account, user_account
from festival_push.ops.audit.audit import audit
from festival_push.store.database import Database
from festival_push.store.errors import WriteFailed
from festival_push.store.log import EventLog
from festival_push.store.migrations.runner import migrate
from festival_push.store.migrations.scripts import read_migrations
from festival_push.store.opening import open_database
from festival_push.store.reads.reads import Reads
from festival_push.store.sql import Write
from tests.store.migrations.test_runner import database_before
from tests.store.world import assert_lawful

NAME: Final = "0015_relations"
BEFORE: Final[dict[str, Any]] = json.loads((Path(__file__).parent / "before" / "0015.json").read_text())
TABLES: Final[dict[str, dict[str, Any]]] = BEFORE["tables"]
ORDER: Final = (
    "log_head", "event_log", "log_topics", "vendors", "users", "accounts", "transfers", "menu_items", "orders",
    "receipts", "pairings", "payouts", "payment_requests", "rooms", "announcements",
)  # fmt: skip
END: Final = len(TABLES["event_log"]["rows"])


def old_rows(table: str) -> list[dict[str, Any]]:
    """The rows of a table as they were."""
    columns = TABLES[table]["columns"]
    return [dict(zip(columns, row, strict=True)) for row in TABLES[table]["rows"]]


def writes() -> list[Write]:
    """What fills a database of before; its head is there already."""
    assert set(TABLES) == set(ORDER)
    filled: list[Write] = [("DELETE FROM log_head", [()])]
    for table in ORDER:
        columns = TABLES[table]["columns"]
        places = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
        sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608  # a test's own words
        filled.append((sql, TABLES[table]["rows"]))
    return filled


def topics_of(text: str) -> list[str]:
    """A column of topics."""
    found: list[str] = json.loads(text)
    return found


@pytest.fixture
async def migrated(database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    """The database of before, brought up to date."""
    async with database_before(NAME, database_url, monkeypatch, *writes()) as database:
        assert NAME in await migrate(database)
        yield database


async def balances(database: Database) -> dict[str, int]:
    """By account."""
    [rows] = await database.read(("SELECT account_id, balance FROM accounts", ()))
    return dict(rows)


async def person(database: Database, user_id: str) -> Person:
    """As they are now."""
    found = await Reads(database).person(UserId(user_id))
    assert found is not None
    return found


async def test_the_audit_finds_nothing_and_the_laws_hold(migrated: Database) -> None:
    assert [finding for finding in await audit(migrated) if finding.failure] == []
    await assert_lawful(migrated)


async def test_every_cent_stays_with_its_owner(migrated: Database) -> None:
    before = {row["account_id"]: row["balance"] for row in old_rows("accounts")}
    now = await balances(migrated)
    stalls = {row["vendor_id"] for row in old_rows("vendors")}
    for account_id, balance in before.items():
        name = account_id.removeprefix("user:")
        if account_id.startswith("funds:"):  # by now a provider's, a cash desk's, or both
            found = [now.get(account_id.replace("funds:", kind), 0) for kind in ("provider:", "desk:")]
            assert balance == sum(found), account_id
            continue
        assert balance == now[account_id] + (now[f"till:{name}"] if name in stalls else 0), account_id
    assert sum(now.values()) == 0
    orders = old_rows("orders")
    for stall in stalls:
        sold = [order for order in orders if order["vendor_id"] == stall]
        earned = sum(
            order["total"] + order["tip"] - order["refunded"] - order["tip_refunded"] - order["platform_fee"]
            + order["fee_refunded"]
            for order in sold
        )  # fmt: skip
        asked = [row for row in old_rows("payouts") if row["owner_id"] == stall and row["status"] != "rejected"]
        first_sale = min((order["placed"] for order in sold), default=None)
        paid_out = sum(row["amount"] for row in asked if first_sale is not None and row["seq"] > first_sale)
        assert now[f"till:{stall}"] == earned - paid_out
    overdrafts = {row["account_id"] for row in old_rows("accounts") if row["overdraft"]}
    assert {name for name in overdrafts if name.startswith("user:")} == {f"user:{stall}" for stall in stalls}
    [rows] = await migrated.read(("SELECT account_id FROM accounts WHERE overdraft = 1 AND account_id > 'till'", ()))
    assert {account_id for (account_id,) in rows} == {till_account(VendorId(stall)) for stall in stalls}


async def test_wallets_hold_what_was_paid_in_and_is_not_spent(migrated: Database) -> None:
    now = await balances(migrated)
    assert now["user:falafel"] == 300 + 120, "a desk's top-up and a provider's payment"
    # Topped up 10,000; a wrap, of which 200 came back; a payout of 500; 900 assigned.
    assert now["user:carla"] == 10_000 - 750 + 200 - 500 + 900
    assert now["user:sam"] == 55
    wallet = await Reads(migrated).transactions(user_account(UserId("carla")), limit=50)
    till = await Reads(migrated).transactions(till_account(VendorId("carla")), limit=50)
    assert {entry.kind for entry in wallet} == {"top-up", "purchase", "payout", "refund"}
    assert {entry.kind for entry in till} == {"purchase", "tip", "payout", "fee", "refund"}


async def test_people_are_what_they_were(migrated: Database) -> None:
    owner, keeper = Part.OWNER, Part.KEEPER
    assert (await person(migrated, "falafel")).stalls == {"falafel": owner}
    assert (await person(migrated, "carla")).stalls == {"carla": owner}
    assert (await person(migrated, "sam")).stalls == {"falafel": keeper}
    assert (await person(migrated, "anna")).stalls == {"bar": keeper}
    for row in old_rows("users"):
        now = await person(migrated, row["user_id"])
        assert (now.user_type, now.vendor_id) == (Role(row["role"]), row["vendor_id"])
        assert (now.user.read_up_to, now.user.created_at) == (row["read_up_to"], row["created_at"])
    [rows] = await migrated.read(("SELECT vendor_id FROM vendors WHERE attended = 0", ()))
    assert rows == [("shut",)], "its only keeper is suspended"


async def test_one_part_a_person_and_stall(migrated: Database) -> None:
    writer = migrated.writer()
    sql = "INSERT INTO keepers (keeper_id, vendor_id, user_id, part, created_at) VALUES ($1, $2, $3, $4, $5)"
    for row in (("other", "falafel", "sam", "owner", 1), ("falafel sam", "bar", "sam", "keeper", 1)):
        await writer.begin()
        with pytest.raises(WriteFailed):
            await writer.commit((sql, [row]))


async def test_what_is_written_stays_as_it_is_written_again(migrated: Database) -> None:
    for change in (
        "UPDATE transfers SET amount = 1", "UPDATE event_log SET data = '{}'", "DELETE FROM transfers",
        "DELETE FROM event_log",
    ):  # fmt: skip
        writer = migrated.writer()
        await writer.begin()
        with pytest.raises(WriteFailed):
            await writer.commit((change, [()]))


@pytest.mark.parametrize("cursor", [0, BEFORE["cursor"]])
@pytest.mark.parametrize("user_id", ["falafel", "carla", "bar", "sam", "anna", "ben"])
async def test_a_stream_resumes_at_its_cursor(migrated: Database, user_id: str, cursor: int) -> None:
    """Everybody is told all that they would have been told before, but a keeper no longer what was the owner's own."""
    own = await person(migrated, user_id)
    page = await EventLog(migrated).read_after(own_topics(own), cursor, END, limit=1_000)
    now = {row.position: row.type for row in page.rows}
    old = next(row for row in old_rows("users") if row["user_id"] == user_id)
    topics = {f"user:{user_id}", f"role:{old['role']}", "all", f"user:{old['vendor_id'] or user_id}"}
    before = {
        row["position"]: row["type"]
        for row in old_rows("event_log")
        if row["position"] > cursor and topics & set(json.loads(row["topics"]))
    }
    missing = {position: kind for position, kind in before.items() if position not in now}
    personal = {"notifications-read", "new-notification", "payment-completed", "balance-updated"}
    assert set(missing.values()) <= (personal if old["vendor_id"] not in (None, user_id) else set())
    assert {kind for position, kind in now.items() if position not in before} <= {
        "menu-updated", "vendor-updated", "new-notification",
    }, "as everybody is a customer now"  # fmt: skip


async def test_a_second_keeper_hears_the_stall_and_nothing_of_its_owner(migrated: Database) -> None:
    sam = await person(migrated, "sam")
    page = await EventLog(migrated).read_after(own_topics(sam), 0, END, limit=1_000)
    types = {row.type for row in page.rows}
    assert {"new-order", "order-status-changed", "customer-message", "payment-request-paid", "display-waiting"} <= types
    assert not {"notifications-read", "room-joined", "system-user-changed"} & types
    said = [msgspec.json.decode(row.data)["message"] for row in page.rows if row.type == "new-notification"]
    assert "No onions?" in said
    assert not [message for message in said if "PIN" in message or "300" in message]
    paid_in = [row for row in page.rows if row.type == "payment-completed"]
    assert [msgspec.json.decode(row.data)["userId"] for row in paid_in] == ["sam"]


async def test_events_of_before_say_whose_money_it_was(migrated: Database) -> None:
    [rows] = await migrated.read(("SELECT type, topics, data FROM event_log ORDER BY position", ()))
    told: dict[str, int] = {}
    for kind, topics, text in rows:
        data = json.loads(text)
        if kind == "balance-updated":
            is_till = data["account"] == "till"
            owner = f"{'till' if is_till else 'user'}:{data['userId']}"
            assert json.loads(topics) == [f"{'stall' if is_till else 'user'}:{data['userId']}"]
            assert data.get("vendorId") == (data["userId"] if is_till else None)
            assert data["oldBalance"] == told.get(owner, 0)
            told[owner] = data["newBalance"]
        elif kind in {"payment-completed", "order-refunded"}:
            assert data["account"] == "wallet"
            assert data["userId"]
        elif kind == "payment-request-paid":
            assert (data["account"], data["vendorId"]) == ("till", "falafel")
        elif kind in {"new-order", "order-status-changed", "order-ready"}:
            order = next(row for row in old_rows("orders") if row["order_id"] == data["orderId"])
            assert (data["userId"], data["vendorId"]) == (order["user_id"], order["vendor_id"])
        elif kind == "new-notification":
            assert [f"stall:{data['vendorId']}"] == topics_of(topics) if "vendorId" in data else "stall:" not in topics
    now = await balances(migrated)
    assert {owner: now[owner] for owner in told} == told


async def test_an_organiser_who_watched_a_stall_watches_it_still(migrated: Database) -> None:
    assert (await Reads(migrated).rooms(UserId("clerk"))).topics == ("user:falafel", "stall:falafel", "user:anna")


async def test_an_empty_database_is_migrated_too(database_url: str) -> None:
    database = await open_database(database_url)
    try:
        assert NAME in await migrate(database)
        assert await audit(database) == []
        assert NAME in read_migrations(database.dialect)
    finally:
        await database.close()
