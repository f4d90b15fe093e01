"""The festival in numbers: they agree with the book, and the money adds up."""

from festival_push.domain.deposits.allowances import GrantAllowance
from festival_push.domain.payouts.payouts import RequestPayout
from festival_push.domain.stalls.menus import ChangeMenuItem
from festival_push.domain.values import (
    FEES,
    HELD,
    PAYOUTS,
    OrderStatus,
    PayoutId,
    Role,
    TransferId,
    till_account,
    user_account,
)
from festival_push.store.database import Database
from festival_push.store.reads.reads import Reads
from tests.store.populated import populated
from tests.support.festival import (
    ADMIN,
    ANNA,
    AYRAN,
    BAR,
    BEER,
    BEN,
    FALAFEL,
    SUN,
    AnyCommand,
    Festival,
    funds_of,
    order_of,
    top_up,
)

OWNED = (user_account(ANNA), user_account(BEN), till_account(SUN), till_account(BAR))


async def test_counts_and_money_agree_with_the_book(database: Database) -> None:
    commands: list[AnyCommand] = [
        top_up(ANNA, 5_000, number=1), funds_of(700, external_id="x", number=2, user_id=None),
        order_of(FALAFEL, 1, number=3), order_of(BEER, 1, number=4),
        ChangeMenuItem(actor_id=ADMIN, item_id=AYRAN, deposit=50),
        GrantAllowance(actor_id=ADMIN, user_ids=(ANNA, BEN), amount=300, reason="crew", transfer_id=TransferId("g")),
        order_of(AYRAN, 1, number=5),
        RequestPayout(actor_id=ANNA, payout_id=PayoutId("p1"), amount=500, note=None),
    ]  # fmt: skip
    book = Festival.opened()
    async with populated(database) as festival:
        empty = await Reads(database).overview()
        assert (empty.came_in, empty.wallets, empty.paid_out, empty.payouts_requested) == (0, 0, 0, 0)
        for command in commands:
            book.do(command)
        await festival.do(commands)
        found = await Reads(database).overview()
        assert found.position == festival.rows[-1].position
    assert found.users == {Role.CUSTOMER: 2, Role.VENDOR: 2, Role.ADMIN: 1}
    assert (found.suspended, found.vendors, found.vendors_open) == (0, 2, 2)
    assert found.orders == {**dict.fromkeys(OrderStatus, 0), OrderStatus.PREPARING: 2, OrderStatus.PENDING: 1}
    assert found.wallets == sum(map(book.account, OWNED))
    assert found.vendors_unattended == 0
    assert (found.held, found.fees, found.paid_out) == (book.account(HELD), book.account(FEES), book.account(PAYOUTS))
    assert (found.crew, found.allowances, found.deposits) == (600, 600 - 199 - 50, 50)
    left = found.wallets + found.held + found.fees + found.paid_out + found.allowances + found.deposits
    assert found.came_in + found.crew == left == 5_700 + 600
    assert found.payouts_requested == 1
