"""What no single part has in mind: orders, moved wallets, claims, drawers and deposits, one on top of the other."""

from collections.abc import AsyncIterator

import msgspec
import pytest

from festival_push.domain.deposits.allowances import GrantAllowance
from festival_push.domain.deposits.give_backs import ClaimGiveBack, OfferGiveBack, OwnReturn
from festival_push.domain.desk.drawers import CloseDrawer, OpenDrawer
from festival_push.domain.desk.lost_wallets import FreezeWallet, MoveWallet
from festival_push.domain.desk.payouts import PayOutAtDesk
from festival_push.domain.money.funds import receipt_id
from festival_push.domain.money.providers.claims import ReportClaim
from festival_push.domain.money.reconciliation import reconcile
from festival_push.domain.money.reversals import ReverseTransfer
from festival_push.domain.money.rows import ClaimKind
from festival_push.domain.orders.refunds import RefundOrder
from festival_push.domain.orders.rows import LineBack
from festival_push.domain.people.rights import SuspendUser
from festival_push.domain.stalls.menus import ChangeMenuItem
from festival_push.domain.values import (
    DrawerId,
    GiveBackId,
    OrderId,
    OrderStatus,
    PayoutId,
    TransferId,
    allowance_account,
    losses_account,
    user_account,
)
from festival_push.ops.audit.audit import audit
from festival_push.store.database import Database
from festival_push.store.opening import open_database
from festival_push.store.reads.figures import read_figures
from tests.store.populated import populated
from tests.support.festival import (
    ADMIN,
    ANNA,
    AYRAN,
    BEN,
    FALAFEL,
    SUN,
    SUN_KEEPER,
    funds_of,
    order_of,
    step,
    top_up,
)

CUP = 200
PAYMENT = receipt_id("zeffy", "pay-1")


@pytest.fixture
async def database(migrated_url: str) -> AsyncIterator[Database]:
    """A festival's database, in which nothing has happened."""
    database = await open_database(migrated_url)
    try:
        yield database
    finally:
        await database.close()


async def balances_of(database: Database) -> dict[str, int]:
    (rows,) = await database.read(("SELECT account_id, balance FROM accounts", ()))
    return dict(rows)


async def test_an_order_of_every_kind_of_money_goes_back_after_the_wallet_was_moved(database: Database) -> None:
    """Allowance, tip and deposit; a line was refunded, the wallet moved, the cup brought back, the rest cancelled."""
    async with populated(database) as festival:
        await festival.do(
            [
                ChangeMenuItem(actor_id=SUN_KEEPER, item_id=FALAFEL, deposit=CUP, stock=5),
                GrantAllowance(
                    actor_id=ADMIN, user_ids=(ANNA,), amount=900, reason="crew", transfer_id=TransferId("crew")
                ),
                top_up(ANNA, 2_000, number=1),
                order_of(FALAFEL, 2, AYRAN, 1, number=2, tip=100),  # 1499 + 100 + 400
                RefundOrder(
                    actor_id=SUN_KEEPER, order_id=OrderId("o2"), amount=None, reason="burnt",
                    transfer_id=TransferId("r1"), lines=(LineBack(index=0, quantity=1),),
                ),
                MoveWallet(
                    actor_id=ADMIN, user_id=ANNA, to_user_id=BEN, reason="lost phone", transfer_id=TransferId("m1")
                ),
                SuspendUser(actor_id=ADMIN, user_id=ANNA, suspended=True),
                OfferGiveBack(
                    actor_id=SUN_KEEPER, vendor_id=SUN, give_back_id=GiveBackId("k1"), expires_s=60,
                    returned=OwnReturn(description="Cup", amount=CUP),
                ),
                ClaimGiveBack(actor_id=BEN, give_back_id=GiveBackId("k1")),
            ]
        )  # fmt: skip
        await festival.do([step(OrderId("o2"), ADMIN, OrderStatus.CANCELLED)])  # the festival pays for the cup
        held = await balances_of(database)
        # The wallet had paid 1099 of it: 850 came back before the move, 249 after it; the rest is the allowance's.
        assert held[user_account(BEN)] == (2_000 - 1_099 + 850) + CUP
        assert (held[user_account(ANNA)], held[allowance_account(ANNA)]) == (249, 900)
        assert (held["deposits"], held["losses"], held[f"till:{SUN}"]) == (0, -CUP, 0)
        again = MoveWallet(
            actor_id=ADMIN, user_id=ANNA, to_user_id=BEN, reason="the rest", transfer_id=TransferId("m2")
        )
        await festival.do([again])
    held = await balances_of(database)
    assert (held[user_account(ANNA)], held[allowance_account(ANNA)], held[allowance_account(BEN)]) == (0, 0, 900)
    assert held[user_account(BEN)] == 2_000 + CUP
    (items,) = await database.read(("SELECT stock FROM menu_items WHERE item_id = $1", (FALAFEL,)))
    assert items == [(5,)]
    assert await audit(database, page=3) == []
    assert reconcile(await read_figures(database), ("zeffy",)).balanced


async def test_a_claim_on_a_moved_wallet_and_a_drawer_that_is_closed(database: Database) -> None:
    """The bank takes a payment back whose money was moved, and wins it back; the desk takes back what it has closed."""
    dispute = ReportClaim(
        provider="zeffy", external_id="dp-1", payment_id="pay-1", receipt_id=PAYMENT, kind=ClaimKind.DISPUTE,
        amount=1_000, won=False, transfer_id=TransferId("c1"),
    )  # fmt: skip
    async with populated(database) as festival:
        await festival.do(
            [
                funds_of(1_000, external_id="pay-1", number=1),
                OpenDrawer(actor_id=ADMIN, drawer_id=DrawerId("d1"), name="Gate", float_amount=0),
                top_up(BEN, 500, number=2),
                MoveWallet(actor_id=ADMIN, user_id=ANNA, to_user_id=BEN, reason="lost", transfer_id=TransferId("m1")),
                PayOutAtDesk(actor_id=ADMIN, user_id=BEN, payout_id=PayoutId("p1"), amount=400, reason=None),
                dispute,
            ]
        )
        held = await balances_of(database)
        assert (held[user_account(BEN)], losses_account("zeffy") in held) == (100, False)
        await festival.do(
            [
                msgspec.structs.replace(dispute, won=True, transfer_id=TransferId("c2")),
                CloseDrawer(actor_id=ADMIN, drawer_id=DrawerId("d1"), counted=90, reason="a coin fell down"),
                FreezeWallet(actor_id=ADMIN, user_id=BEN, frozen=True, reason="who knows"),
                *(
                    ReverseTransfer(
                        actor_id=ADMIN, transfer_id=TransferId(target), amount=amount, reason="typo",
                        reversal_id=TransferId(f"{target}-back"),
                    )
                    for target, amount in (("p1-asked", 150), ("t2", None), ("m1", 700))
                ),
            ]
        )  # fmt: skip
    held = await balances_of(database)
    assert (held[user_account(ANNA)], held[user_account(BEN)]) == (700, 1_000 + 100 + 150 - 500 - 700)
    assert await audit(database, page=3) == []
    assert reconcile(await read_figures(database), ("zeffy",)).balanced
