"""The audit of deposits and allowances: silent over what the rules made, and each damage has its name."""

# the SQL is the tests' own

from collections.abc import AsyncIterator
from typing import Final

import pytest

from festival_push.domain.deposits.allowances import GrantAllowance, TakeBackAllowance
from festival_push.domain.deposits.give_backs import ClaimGiveBack, OfferGiveBack, Returned
from festival_push.domain.orders.refunds import RefundOrder
from festival_push.domain.stalls.menus import ChangeMenuItem
from festival_push.domain.values import GiveBackId, OrderId, OrderStatus, TransferId
from festival_push.ops.audit.audit import audit
from festival_push.store.opening import open_database
from tests.ops.audit.test_audit import damage, failures
from tests.store.populated import Populated, populated
from tests.support.festival import (
    ADMIN,
    ANNA,
    BAR_KEEPER,
    BEER,
    BEN,
    SUN,
    SUN_KEEPER,
    AnyCommand,
    order_of,
    step,
    top_up,
)

COMMANDS: Final[list[AnyCommand]] = [
    ChangeMenuItem(actor_id=ADMIN, item_id=BEER, deposit=200),
    top_up(ANNA, 3_000, number=1),
    GrantAllowance(actor_id=ADMIN, user_ids=(ANNA, BEN), amount=700, reason="crew", transfer_id=TransferId("g")),
    order_of(BEER, 2, number=2, tip=50),
    order_of(BEER, 1, customer_id=BEN, number=3),
    order_of(BEER, 1, number=4),
    OfferGiveBack(
        actor_id=SUN_KEEPER, vendor_id=SUN, give_back_id=GiveBackId("k1"), expires_s=60,
        returned=(Returned(item_id=BEER, quantity=1),),
    ),
    ClaimGiveBack(actor_id=BEN, give_back_id=GiveBackId("k1")),
    RefundOrder(actor_id=ADMIN, order_id=OrderId("o2"), amount=800, reason="warm", transfer_id=TransferId("r")),
    step(OrderId("o3"), BAR_KEEPER, OrderStatus.CANCELLED),
    TakeBackAllowance(actor_id=ADMIN, user_id=BEN, amount=10, reason="over", transfer_id=TransferId("h")),
]  # fmt: skip

Damage = tuple[str, str, tuple[str, ...]]
DAMAGES: Final[dict[str, Damage]] = {
    "a deposit that no line has": (
        "orders", "but its lines sum to 200", ("UPDATE orders SET deposit = 300 WHERE order_id = 'o4'",),
    ),
    "a deposit that nobody paid": (
        "orders", "a deposit of 200", ("DELETE FROM transfers WHERE transfer_id = 'o4-deposit'",),
    ),
    "a deposit that went back twice": (
        "orders", "200 of it given back", ("UPDATE orders SET deposit_refunded = 200 WHERE order_id = 'o4'",),
    ),
    "a cancelled order's deposit kept": (
        "orders", "only 0 of its deposit of 200", ("UPDATE orders SET deposit_refunded = 0 WHERE order_id = 'o3'",),
    ),
    "an allowance that paid less": (
        "orders", "paid for it, which is not so", ("UPDATE orders SET allowance = 699 WHERE order_id = 'o2'",),
    ),
    "an allowance that got nothing back": (
        "orders", "back in the allowance", ("UPDATE orders SET allowance_refunded = 0 WHERE order_id = 'o3'",),
    ),
    "an allowance of somebody else": (
        "orders", "no way of order o2",
        ("UPDATE transfers SET debit = 'allowance:ben' WHERE transfer_id = 'o2-allowance'",),
    ),
    "a deposit out of a till": (
        "orders", "no way of order o3",
        ("UPDATE transfers SET debit = 'till:bar' WHERE transfer_id = 'o3-cancelled-deposit'",),
    ),
    "deposits below zero": (
        "overdrawn", "leaves deposits at",
        ("UPDATE transfers SET amount = 5000 WHERE transfer_id = 'k1-claimed'",),
    ),
    "an allowance below zero": (
        "overdrawn", "allowance:ben at", ("UPDATE transfers SET amount = 5000 WHERE transfer_id = 'h'",),
    ),
    "a give-back without its transfer": (
        "give-backs", "no transfer did it", ("DELETE FROM transfers WHERE transfer_id = 'k1-claimed'",),
    ),
    "a give-back to somebody else": (
        "give-backs", "went to user:ben", ("UPDATE give_backs SET claimed_by = 'anna'",),
    ),
    "a give-back over another sum": (
        "give-backs", "its lines sum to 200", ("UPDATE give_backs SET total = 300",),
    ),
    "a give-back that is forgotten": (
        "totals", "deposits: orders, less give-backs make", ("DELETE FROM give_backs",),
    ),
    "an allowance that the orders do not know": (
        "totals", "allowances: orders make",
        ("UPDATE orders SET allowance = 0, allowance_refunded = 0 WHERE order_id = 'o2'",),
    ),
}  # fmt: skip


@pytest.fixture
async def festival(migrated_url: str) -> AsyncIterator[Populated]:
    """A festival with cups and drink tickets."""
    database = await open_database(migrated_url)
    try:
        async with populated(database) as opened:
            for command in COMMANDS:
                await opened.committer.submit(command)
            yield opened
    finally:
        await database.close()


@pytest.mark.parametrize("page", [1, 2, 1_000])
async def test_cups_and_drink_tickets_pass_the_audit(festival: Populated, page: int) -> None:
    assert await audit(festival.database, page=page) == []


@pytest.mark.parametrize(
    ("migrated_url", "name"),
    [*(("sqlite", name) for name in DAMAGES), ("postgres", "a give-back without its transfer")],
    indirect=["migrated_url"],
)
async def test_each_damage_is_found_by_its_name(festival: Populated, migrated_url: str, name: str) -> None:
    check, words, statements = DAMAGES[name]
    await damage(migrated_url, *statements)
    findings = await audit(festival.database, page=7)
    assert check in failures(findings)
    assert any(words in finding.text for finding in findings if finding.check == check), findings


async def test_the_database_itself_keeps_deposits_and_allowances_from_going_below_zero(festival: Populated) -> None:
    [rows] = await festival.database.read(
        ("SELECT account_id, overdraft FROM accounts WHERE account_id IN ('deposits', 'allowance:anna', 'crew')", ())
    )
    assert dict(rows) == {"deposits": 0, "allowance:anna": 0, "crew": 1}
