"""The audit: silent over what the rules made, and every kind of damage is called by its name."""

# ruff: noqa: S608  # the SQL is the tests' own

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import asyncpg
import msgspec
import pytest
from hypothesis import given, settings

from festival_push.domain.money.funds import receipt_id
from festival_push.domain.money.held import AssignFunds, GiveBack
from festival_push.domain.money.reconciliation import reconcile
from festival_push.domain.money.reversals import ReverseTransfer
from festival_push.domain.orders.payment_requests import OwnLine
from festival_push.domain.orders.refunds import RefundOrder
from festival_push.domain.payouts.payouts import RequestPayout, SettlePayout
from festival_push.domain.values import (
    OrderId,
    OrderStatus,
    PaymentRequestId,
    PayoutId,
    PayoutStatus,
    TransferId,
)
from festival_push.ops.audit.audit import audit
from festival_push.ops.audit.findings import FINDINGS_MAX, Finding, Findings
from festival_push.store.log import EventLog
from festival_push.store.opening import open_database
from festival_push.store.reads.figures import read_figures
from festival_push.store.sql import Rows, Statement
from tests.store.populated import Populated, populated, populated_file
from tests.support.festival import (
    ADMIN,
    ANNA,
    BAR_KEEPER,
    BEER,
    BEN,
    FALAFEL,
    SUN_KEEPER,
    AnyCommand,
    funds_of,
    order_of,
    paying,
    request_of,
    step,
    top_up,
    wishes,
)

O3, O8 = OrderId("o3"), OrderId("o8")
COMMANDS: Final[list[AnyCommand]] = [
    top_up(ANNA, 9_000, number=1),
    order_of(FALAFEL, 1, number=2),
    order_of(BEER, 2, number=3),
    step(O3, BAR_KEEPER, OrderStatus.CANCELLED),
    funds_of(500, external_id="a", number=4),
    funds_of(600, external_id="b", number=5, user_id=None),
    funds_of(700, external_id="c", number=6, user_id=None),
    AssignFunds(actor_id=ADMIN, funds_id=receipt_id("zeffy", "c"), user_id=BEN),
    funds_of(501, external_id="a", number=7),  # another amount: flagged
    order_of(FALAFEL, 1, number=8),
    top_up(BEN, 300, number=9),
    RequestPayout(actor_id=ANNA, payout_id=PayoutId("p10"), amount=100, note=None),
    RequestPayout(actor_id=BEN, payout_id=PayoutId("p11"), amount=200, note=None),
    SettlePayout(actor_id=ADMIN, payout_id=PayoutId("p11"), status=PayoutStatus.REJECTED, reason="closed"),
    request_of(OwnLine(description="Deposit", amount=200), number=12),
    paying(PaymentRequestId("q12"), BEN, number=13),
    request_of(OwnLine(description="Deposit", amount=200), number=14),
]


@pytest.fixture
async def festival(migrated_url: str) -> AsyncIterator[Populated]:
    """A festival that went well."""
    database = await open_database(migrated_url)
    try:
        async with populated(database) as opened:
            await opened.do(COMMANDS)
            yield opened
    finally:
        await database.close()


async def damage(url: str, *statements: str) -> None:
    """Run SQL without triggers, foreign keys and (in SQLite) checks."""
    if url.startswith("postgresql"):
        connection = await asyncpg.connect(url)
        try:
            await connection.execute("SET session_replication_role = replica")
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()
        return
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as file:
        file.execute("PRAGMA ignore_check_constraints=ON")
        for (trigger,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            file.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            file.execute(statement)


def failures(findings: list[Finding]) -> set[str]:
    return {finding.check for finding in findings if finding.failure}


@pytest.mark.parametrize("page", [1, 2, 7, 1_000])
async def test_a_festival_that_went_well_has_no_findings(festival: Populated, page: int) -> None:
    assert await audit(festival.database, page=page) == []


@given(wishes(min_size=5, max_size=40))
@settings(max_examples=25)
def test_whatever_the_rules_allow_passes_the_audit(commands: list[AnyCommand]) -> None:
    async def run() -> list[Finding]:
        with TemporaryDirectory() as folder:
            async with populated_file(str(Path(folder) / "festival.db")) as festival:
                await festival.do([top_up(ANNA, 8_000, number=1), top_up(BEN, 8_000, number=2), *commands])
                return await audit(festival.database, page=7)

    assert failures(asyncio.run(run())) == set()  # a stall may be below zero


async def test_an_empty_database_passes(migrated_url: str) -> None:
    database = await open_database(migrated_url)
    try:
        assert await audit(database) == []
    finally:
        await database.close()


def event(kind: str, data: str, which: str = "MIN") -> str:
    """The position of the first (or last) event of a type whose data are like this."""
    return f"(SELECT {which}(position) FROM event_log WHERE type = '{kind}' AND data LIKE '{data}')"


SALE_TOLD = event("new-transaction", "%o2-paid%")
ANNA_TOLD = event("balance-updated", '%"userId":"anna"%')
SECOND_TOLD = event("balance-updated", '%"userId":"anna"%o3-paid%')
BEN_TOLD_LAST = event("balance-updated", '%"userId":"ben"%', "MAX")
LAST_TOLD = event("new-transaction", "%", "MAX")


def retold(position: str, old: str, new: str) -> str:
    """Change the words of an event."""
    return f"UPDATE event_log SET data = replace(data, '{old}', '{new}') WHERE position = {position}"


def hidden(position: str) -> str:
    """Make an event into another one."""
    return f"UPDATE event_log SET type = 'x' WHERE position = {position}"


def given_back_of_a_line(count: int) -> str:
    """Make an order's line say that so many of it were given back."""
    line = '"total":650'
    return f"UPDATE orders SET lines = replace(lines, '{line}', '{line},\"refunded\":{count}') WHERE order_id = 'o2'"


DAMAGES: Final[dict[str, tuple[str, str, tuple[str, ...]]]] = {
    "money out of nothing": (
        "sum",
        "sum to 1 ",
        ("UPDATE accounts SET balance = balance + 1 WHERE account_id = 'user:anna'",),
    ),
    "money moved without a transfer": (
        "balances",
        "user:anna",
        (
            "UPDATE accounts SET balance = balance + 1 WHERE account_id = 'user:anna'",
            "UPDATE accounts SET balance = balance - 1 WHERE account_id = 'desk:cash'",
        ),
    ),
    "a missing account": ("balances", "user:anna", ("DELETE FROM accounts WHERE account_id = 'user:anna'",)),
    "a customer below zero": (
        "overdrawn",
        "customer user:anna",
        ("UPDATE transfers SET amount = 1 WHERE transfer_id = 't1'",),
    ),
    "held money that is not there": ("held", "600", ("UPDATE accounts SET balance = 0 WHERE account_id = 'held'",)),
    "held money without its account": ("held", "600", ("DELETE FROM accounts WHERE account_id = 'held'",)),
    "a missing transfer": ("transfers", "Transfers 3 to 3", ("DELETE FROM transfers WHERE seq = 3",)),
    "the last transfers missing": ("transfers", "are missing", ("DELETE FROM transfers WHERE seq > 9",)),
    "a head beyond the ledger": ("transfers", "are missing", ("UPDATE log_head SET transfer_seq = transfer_seq + 2",)),
    "a wrong debit balance": (
        "chain",
        "o2-paid",
        ("UPDATE transfers SET debit_balance = debit_balance + 1 WHERE transfer_id = 'o2-paid'",),
    ),
    "a wrong credit balance": (
        "chain",
        "o2-paid",
        ("UPDATE transfers SET credit_balance = credit_balance - 1 WHERE transfer_id = 'o2-paid'",),
    ),
    "a total unlike its lines": ("orders", "o2", ("UPDATE orders SET total = 651 WHERE order_id = 'o2'",)),
    "a line unlike its price": (
        "orders",
        "quantity × unit price",
        ("UPDATE orders SET lines = replace(lines, '\"unitPrice\":650', '\"unitPrice\":649') WHERE order_id = 'o2'",),
    ),
    "lines given back without their money": (
        "orders",
        "cost 650, but only 0",
        (given_back_of_a_line(1),),
    ),
    "more of a line given back than was sold": (
        "orders",
        "more was given back than was sold",
        (given_back_of_a_line(9),),
    ),
    "an order handed over at once that waits": (
        "orders",
        "o2 was handed over at once, but is",
        ("UPDATE orders SET at_once = 1 WHERE order_id = 'o2'",),
    ),
    "a refund without a transfer": ("orders", "o2", ("UPDATE orders SET refunded = 1 WHERE order_id = 'o2'",)),
    "a transfer that the order denies": (
        "orders",
        "o3",
        ("UPDATE orders SET refunded = 0, status = 'ready' WHERE order_id = 'o3'",),
    ),
    "a cancelled order that was not refunded": (
        "orders",
        "o2 is cancelled",
        ("UPDATE orders SET status = 'cancelled' WHERE order_id = 'o2'",),
    ),
    "a cancelled order whose fee was kept": (
        "orders",
        "of its fee 22 only 0",
        ("UPDATE orders SET fee_refunded = 0 WHERE order_id = 'o3'",),
    ),
    "a fee without a transfer": ("orders", "o2", ("UPDATE orders SET platform_fee = 17 WHERE order_id = 'o2'",)),
    "an order that was never paid": (
        "orders",
        "o2",
        ("UPDATE transfers SET order_id = NULL WHERE transfer_id = 'o2-paid'",),
    ),
    "an order that was paid twice": (
        "orders",
        "o2",
        ("UPDATE transfers SET order_id = 'o2' WHERE transfer_id = 'o8-paid'",),
    ),
    "a fee that a guest paid": (
        "orders",
        "o2-fee",
        ("UPDATE transfers SET debit = 'user:ben' WHERE transfer_id = 'o2-fee'",),
    ),
    "a payment for no order": ("orders", "o2-paid", ("DELETE FROM orders WHERE order_id = 'o2'",)),
    "an order paid by another customer": ("orders", "o2", ("UPDATE orders SET user_id = 'ben' WHERE order_id = 'o2'",)),
    "an order at another stall": ("orders", "o2", ("UPDATE orders SET vendor_id = 'bar' WHERE order_id = 'o2'",)),
    "an order at the wrong queue position": (
        "orders",
        "o2",
        ("UPDATE orders SET placed = 777 WHERE order_id = 'o2'",),
    ),
    "a ready order that nobody was called for": (
        "orders",
        "o2 is ready, but was never called",
        ("UPDATE orders SET status = 'ready' WHERE order_id = 'o2'",),
    ),
    "a completed order without its time": (
        "orders",
        "o13 is completed, but has no time of that",
        ("UPDATE orders SET completed_at = NULL WHERE order_id = 'o13'",),
    ),
    "an open order that was completed": (
        "orders",
        "o2 is preparing, but has a time when it was completed",
        ("UPDATE orders SET completed_at = 1 WHERE order_id = 'o2'",),
    ),
    "a second factor that is not there": (
        "factors",
        "Person ben has 0 second factors, but 1 are noted",
        ("UPDATE users SET factors = 1 WHERE user_id = 'ben'",),
    ),
    "a pickup number twice": (
        "numbers",
        "number 1 of stall sun",
        ("DROP INDEX orders_open_number", "UPDATE orders SET number = 1 WHERE order_id = 'o8'"),
    ),
    "a payment request over another amount": (
        "payment-requests",
        "q12 over 201 ",
        ("UPDATE payment_requests SET total = 201 WHERE request_id = 'q12'",),
    ),
    "a payment request of another stall": (
        "payment-requests",
        "q12 over 200 at stall bar",
        ("UPDATE payment_requests SET vendor_id = 'bar' WHERE request_id = 'q12'",),
    ),
    "a payment request whose order is not there": (
        "payment-requests",
        "does not exist",
        ("UPDATE payment_requests SET order_id = 'gone' WHERE request_id = 'q12'",),
    ),
    "a receipt over another amount": (
        "receipts",
        "zeffy a",
        ("UPDATE receipts SET amount = 499 WHERE external_id = 'a'",),
    ),
    "a receipt without its transfer": (
        "receipts",
        "does not exist",
        ("UPDATE receipts SET transfer_id = 'gone' WHERE external_id = 'a'",),
    ),
    "a receipt of someone who got nothing": (
        "receipts",
        "belongs to ben",
        ("UPDATE receipts SET user_id = 'ben' WHERE external_id = 'a'",),
    ),
    "an assignment to someone who got nothing": (
        "receipts",
        "belongs to anna",
        ("UPDATE receipts SET user_id = 'anna' WHERE external_id = 'c'",),
    ),
    "a held receipt whose money is gone": (
        "receipts",
        "is held, but",
        ("UPDATE receipts SET user_id = NULL, held = amount, held_reason = 'unknown-owner' WHERE external_id = 'c'",),
    ),
    "a receipt held for no reason": (
        "receipts",
        "zeffy b",
        ("UPDATE receipts SET held_reason = NULL WHERE external_id = 'b'",),
    ),
    "money given back that is not": (
        "receipts",
        "1 of it was given back",
        ("UPDATE receipts SET returned = 1 WHERE external_id = 'a'",),
    ),
    "an account of no kind": (
        "accounts",
        "Account funds:old",
        ("INSERT INTO accounts (account_id, balance, overdraft) VALUES ('funds:old', 0, 1)",),
    ),
    "a provider's money at the desk": (
        "accounts",
        "at the desk",
        ("UPDATE transfers SET receipt_id = 'r' WHERE transfer_id = 't1'",),
    ),
    "more taken back than was moved": (
        "reversals",
        "was taken back",
        ("UPDATE transfers SET amount = amount - 1 WHERE transfer_id = 'p11-asked'",),
    ),
    "something taken back by another way": (
        "reversals",
        "by another way",
        ("UPDATE transfers SET reverses = 't1' WHERE transfer_id = 'p11-rejected'",),
    ),
    "something taken back before it was made": (
        "reversals",
        "was not made before it",
        ("UPDATE transfers SET reverses = 'p11-rejected' WHERE transfer_id = 't1'",),
    ),
    "a stall without anybody": (
        "keepers",
        "Stall sun is kept as attended, but 0",
        ("UPDATE users SET suspended = 1 WHERE user_id = 'sun'",),
    ),
    "a missing event": ("log", "Events 20 to 20", ("DELETE FROM event_log WHERE position = 20",)),
    "the last events missing": ("log", "are missing", ("DELETE FROM event_log WHERE position > 40",)),
    "a head beyond the log": ("log", "are missing", ("UPDATE log_head SET position = position + 1",)),
    "an event that can't be read": ("log", "can't be read", (retold(SALE_TOLD, "{", ""),)),
    "a payout nobody asked for": (
        "payouts",
        "p10 of user:anna",
        ("UPDATE payouts SET seq = 777 WHERE payout_id = 'p10'",),
    ),
    "a payout over another amount": (
        "payouts",
        "p10 of user:anna",
        ("UPDATE payouts SET amount = 99 WHERE payout_id = 'p10'",),
    ),
    "a payout of another wallet": (
        "payouts",
        "p10 of user:ben",
        ("UPDATE payouts SET account_id = 'user:ben' WHERE payout_id = 'p10'",),
    ),
    "a rejected payout that did not go back": (
        "payouts",
        "p11 of user:ben is rejected",
        ("UPDATE transfers SET reverses = NULL WHERE transfer_id = 'p11-rejected'",),
    ),
    "a payout paid although it went back": (
        "payouts",
        "p11 of user:ben is completed",
        ("UPDATE payouts SET status = 'completed' WHERE payout_id = 'p11'",),
    ),
    "a payout that went back to someone else": (
        "payouts",
        "did not go back",
        ("UPDATE transfers SET credit = 'user:anna' WHERE transfer_id = 'p11-rejected'",),
    ),
    "a payout that is gone": (
        "totals",
        "payouts: asked for and completed make 0",
        ("DELETE FROM payouts WHERE payout_id = 'p10'",),
    ),
    "a webhook's payment without its receipt": (
        "totals",
        "provider zeffy: transfers without",
        ("DELETE FROM receipts WHERE external_id = 'a'",),
    ),
    "a receipt that names another's transfer": (
        "totals",
        "provider zeffy: receipts without",
        ("UPDATE receipts SET transfer_id = 't1' WHERE external_id = 'a'",),
    ),
    "an event that nobody finds": (
        "topics",
        "Event 20 ",
        ("DELETE FROM log_topics WHERE position = 20",),
    ),
    "an event under a topic not its own": (
        "topics",
        "user:ben",
        ("INSERT INTO log_topics (topic, position, notice) VALUES ('user:ben', 1, 0)",),
    ),
    "a topic's event that is not there": (
        "topics",
        "all lists event 9999",
        ("INSERT INTO log_topics (topic, position, notice) VALUES ('all', 9999, 0)",),
    ),
    "an event taken for a notification": (
        "topics",
        "Event 1 ",
        ("UPDATE log_topics SET notice = 1 WHERE position = 1",),
    ),
    "a transfer that was not told": (
        "new-transaction",
        "is 2",
        (hidden(SALE_TOLD),),
    ),
    "the last transfer not told": (
        "new-transaction",
        "last one told",
        (hidden(LAST_TOLD),),
    ),
    "a transfer told wrongly": (
        "new-transaction",
        "not what it moved",
        (retold(SALE_TOLD, '"amount":650', '"amount":651'),),
    ),
    "a transfer made up": (
        "new-transaction",
        "does not exist",
        (retold(SALE_TOLD, "o2-paid", "o9-paid"),),
    ),
    "a balance told wrongly": (
        "balance-updated",
        "anna",
        (retold(ANNA_TOLD, '"newBalance":9000', '"newBalance":9001'),),
    ),
    "a balance not told": (
        "balance-updated",
        "anna",
        (hidden(SECOND_TOLD),),
    ),
    "an event whose topics are no JSON": (
        "unreadable",
        "can't read on",
        ("UPDATE event_log SET topics = 'user' WHERE position = 2",),
    ),
    "the last balance not told": (
        "balance-updated",
        "ben was last told",
        (hidden(BEN_TOLD_LAST),),
    ),
}


FIRST_OF_EACH_CHECK: Final = {check: name for name, (check, *_) in reversed(DAMAGES.items())}.values()


@pytest.mark.parametrize(
    ("migrated_url", "name"),  # each check on both databases; their SQL is the same text
    [*(("sqlite", name) for name in DAMAGES), *(("postgres", name) for name in FIRST_OF_EACH_CHECK)],
    indirect=["migrated_url"],
)
async def test_damage_is_found_by_name(festival: Populated, migrated_url: str, name: str) -> None:
    check, words, statements = DAMAGES[name]
    await damage(migrated_url, *statements)
    findings = await audit(festival.database, page=7)
    assert check in failures(findings)
    assert any(words in finding.text for finding in findings if finding.check == check), findings


async def test_whatever_was_taken_back_passes_the_audit(festival: Populated) -> None:
    """A top-up with a loss, a payment, an assignment, a payout in part, a price, and held money in parts and back."""
    wanted = [
        ("t1", None), ("t4", 200), ("t4", None), ("t6-assigned", 100), ("p10-asked", 40), ("o2-paid", 50),
        ("o2-paid", None), ("t5", 100),
    ]  # fmt: skip
    await festival.do(
        ReverseTransfer(
            actor_id=ADMIN, transfer_id=TransferId(name), amount=amount, reason="typo", accept_loss=True,
            reversal_id=TransferId(f"back{number}"),
        )
        for number, (name, amount) in enumerate(wanted)
    )  # fmt: skip
    part = AssignFunds(
        actor_id=ADMIN, funds_id=receipt_id("zeffy", "b"), user_id=BEN, amount=150, transfer_id=TransferId("part")
    )
    rest = GiveBack(
        actor_id=ADMIN, funds_id=receipt_id("zeffy", "b"), amount=None, reason="typo", transfer_id=TransferId("rest")
    )
    await festival.do([part, rest])
    assert await audit(festival.database, page=3) == []
    [rows] = await festival.database.read(("SELECT COUNT(*) FROM transfers WHERE reverses IS NOT NULL", ()))
    assert rows[0][0] > len(wanted), "each was taken back, and some with a loss"


@pytest.mark.parametrize("first", ["desk", "provider"])
async def test_desk_and_provider_may_have_one_name_in_any_order(festival: Populated, first: str) -> None:
    """Until now the second of the two broke the audit, and with it every backup, for ever."""
    at_desk = msgspec.structs.replace(top_up(ANNA, 300, number=91), method="sumup")
    reported = msgspec.structs.replace(funds_of(200, external_id="s1", number=92), provider="sumup")
    for command in (at_desk, reported) if first == "desk" else (reported, at_desk):
        await festival.do([command])
        assert await audit(festival.database, providers=("sumup", "zeffy", "cash")) == []
    report = reconcile(await read_figures(festival.database), ("sumup",))
    named = {(source.provider, source.came_in) for source in report.sources if source.name == "sumup"}
    assert named == {(False, 300), (True, 200)}
    assert report.balanced


async def test_a_stall_below_zero_is_worth_a_note_and_no_failure(festival: Populated) -> None:
    emptied = RequestPayout(actor_id=SUN_KEEPER, payout_id=PayoutId("out"), amount=None, note=None)
    back = RefundOrder(actor_id=ADMIN, order_id=O8, amount=None, reason="cold", transfer_id=TransferId("back"))
    for status in (OrderStatus.READY, OrderStatus.COMPLETED):
        await festival.do([step(order_id, SUN_KEEPER, status) for order_id in (OrderId("o2"), O8)])
    await festival.do([emptied, back])
    (note,) = await audit(festival.database)
    assert (note.check, note.failure) == ("overdrawn", False)
    assert str(note) == "overdrawn (note): Stall till:sun is below zero by refunds: -634."


@pytest.mark.parametrize(
    ("words", "statements"),
    [
        (
            "integrity_check",
            (
                "PRAGMA writable_schema = ON",
                "UPDATE sqlite_master SET sql = replace(sql, 'user_id', 'total') WHERE name = 'orders_user'",
                "PRAGMA schema_version = 1000",
            ),
        ),
        (
            "foreign_key_check",
            ("INSERT INTO displays (display_id, vendor_id, name, revoked, created_at) VALUES ('d', '?', 'D', 0, 0)",),
        ),
    ],
)
async def test_sqlite_checks_itself(tmp_path: Path, words: str, statements: tuple[str, ...]) -> None:
    path = str(tmp_path / "festival.db")
    async with populated_file(path) as festival:
        await festival.do(COMMANDS)
        await damage(f"sqlite:///{path}", *statements)
        (finding,) = await audit(festival.database)
    assert (finding.check, finding.failure) == ("sqlite", True)
    assert words in finding.text


async def test_a_file_out_of_wal_mode_is_found(tmp_path: Path) -> None:
    async with populated_file(str(tmp_path / "festival.db")) as festival:
        database = festival.database

        class Rewound:  # the real one puts the mode right whenever it opens the file
            dialect = database.dialect

            async def read(self, *statements: Statement) -> list[Rows]:
                said = await database.read(*statements)
                return [[("off",)]] if statements[0][0] == "PRAGMA journal_mode" else said

        (finding,) = await audit(Rewound())  # type: ignore[arg-type]  # all that the audit asks of it
    assert (finding.check, finding.failure) == ("sqlite", True)
    assert "journal_mode" in finding.text


async def test_a_trimmed_log_is_checked_as_far_as_it_is_kept(festival: Populated, migrated_url: str) -> None:
    head = await EventLog(festival.database).head()
    for trimmed_to in range(1, head.position + 1, 3):
        await damage(
            migrated_url,
            f"UPDATE log_head SET trimmed_to = {trimmed_to}",
            f"DELETE FROM event_log WHERE position <= {trimmed_to}",
            f"DELETE FROM log_topics WHERE position <= {trimmed_to}",
        )
        assert await audit(festival.database, page=5) == []


async def test_the_audit_is_silent_beside_a_server_at_work(festival: Populated) -> None:
    """Small pages, so that commands and retention come between any two of them."""
    done = asyncio.Event()

    async def work() -> None:
        for number in range(100, 160):
            wish = order_of(FALAFEL if number % 2 else BEER, 1, number=number)
            keeper = SUN_KEEPER if number % 2 else BAR_KEEPER
            await festival.do([wish, step(wish.order_id, keeper, OrderStatus.CANCELLED)])
            await festival.do([funds_of(1, external_id=f"x{number}", number=number, user_id=None)])
            if number == 130:
                await festival.committer.trim(-1)
        done.set()

    working = asyncio.create_task(work())
    audits = 0
    while not done.is_set():
        assert await audit(festival.database, page=3) == []
        audits += 1
    await working
    assert audits >= 1
    assert await audit(festival.database) == []


def test_a_flood_of_findings_is_bounded_and_counted() -> None:
    findings = Findings()
    for number in range(FINDINGS_MAX + 5):
        findings.add("log", f"Event {number} is missing.")
    findings.add("sum", "one")
    found = findings.all()
    assert len(found) == FINDINGS_MAX + 2
    assert found[-1] == Finding("log", "There are 5 more findings of this kind.")
