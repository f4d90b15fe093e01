"""The balance, told again."""

from festival_push.domain.events import BalanceUpdated
from festival_push.domain.money.wallets import RefreshBalance
from festival_push.domain.topics import user_topic
from festival_push.domain.values import UserId, VendorId
from tests.support.festival import ADMIN, ANNA, SUN, SUN_KEEPER, Festival


def refreshed(festival: Festival, user_id: UserId, owner: UserId | VendorId) -> int:
    decision = festival.decided(RefreshBalance(actor_id=user_id))
    (told,) = decision.events
    event = told.event
    assert isinstance(event, BalanceUpdated)
    assert told.topics == (user_topic(owner),)
    assert (event.amount, event.reason, event.user_id) == (0, "refresh", owner)
    assert event.old_balance == event.new_balance == decision.reply
    assert (decision.transfers, decision.rows) == ((), ())
    return decision.reply


def test_everyone_hears_their_own_balance_and_a_stall_keeper_the_tills() -> None:
    festival = Festival.opened(funds=1_000)
    festival.placed()
    assert refreshed(festival, ANNA, ANNA) == 350
    assert refreshed(festival, SUN_KEEPER, SUN) == 650 - 16
    assert refreshed(festival, ADMIN, ADMIN) == 0
