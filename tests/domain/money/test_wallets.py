"""The balances, told again."""

from festival_push.domain.events import BalanceUpdated
from festival_push.domain.money.wallets import RefreshBalance
from festival_push.domain.people.keepers import AppointKeeper
from festival_push.domain.topics import stall_topic, user_topic
from festival_push.domain.values import BalanceKind, Part, Topic, UserId
from tests.support.festival import ADMIN, ANNA, BAR, BEN, SUN, SUN_KEEPER, Festival

WALLET, TILL = BalanceKind.WALLET, BalanceKind.TILL


def refreshed(festival: Festival, user_id: UserId) -> tuple[int, list[tuple[Topic, BalanceKind, str, int]]]:
    """The reply, and what is told to whom."""
    decision = festival.decided(RefreshBalance(actor_id=user_id))
    assert (decision.transfers, decision.rows) == ((), ())
    told = []
    for outgoing in decision.events:
        event = outgoing.event
        assert isinstance(event, BalanceUpdated)
        assert (event.amount, event.reason) == (0, "refresh")
        assert event.old_balance == event.new_balance
        (topic,) = outgoing.topics
        told.append((topic, event.account, event.user_id, event.new_balance))
    return decision.reply, told


def test_everyone_hears_their_wallet_and_whoever_keeps_stalls_the_tills_too() -> None:
    festival = Festival.opened(funds=1_000)
    festival.placed()
    assert refreshed(festival, ANNA) == (350, [(user_topic(ANNA), WALLET, ANNA, 350)])
    assert refreshed(festival, ADMIN) == (0, [(user_topic(ADMIN), WALLET, ADMIN, 0)])
    wallet, till = (user_topic(SUN_KEEPER), WALLET, SUN_KEEPER, 0), (stall_topic(SUN), TILL, SUN, 634)
    assert refreshed(festival, SUN_KEEPER) == (634, [wallet, till])


def test_the_first_till_is_told_last() -> None:
    festival = Festival.opened(funds=1_000)
    festival.placed()
    festival.top_up(BEN, 70)
    for vendor_id, part in ((BAR, Part.KEEPER), (SUN, Part.OWNER)):
        festival.do(AppointKeeper(actor_id=ADMIN, vendor_id=vendor_id, user_id=BEN, part=part))
    reply, told = refreshed(festival, BEN)
    assert reply == 634, "that of the stall that they own"
    assert [(owner, balance) for _, _, owner, balance in told] == [(BEN, 70), (BAR, 0), (SUN, 634)]
