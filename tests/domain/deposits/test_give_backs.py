"""Give-backs: what a guest brings back to any stall, once, and never more than was taken."""

import pytest

from festival_push.domain.deposits.give_backs import (
    ClaimGiveBack,
    OfferGiveBack,
    OwnReturn,
    Returned,
    status_of,
)
from festival_push.domain.deposits.refusals import AlreadyClaimed, DepositsExhausted, GiveBackExpired, NoDeposit
from festival_push.domain.deposits.rows import GiveBackOffer
from festival_push.domain.events import BalanceUpdated, GiveBackClaimed, NewNotification, NewTransaction
from festival_push.domain.people.keepers import AppointKeeper, DismissKeeper
from festival_push.domain.people.rights import SuspendUser
from festival_push.domain.refusals import AmountTooLarge, BalanceLimit, Forbidden, NotFound, Suspended
from festival_push.domain.stalls.menus import ChangeMenuItem
from festival_push.domain.stalls.stalls import ChangeVendor
from festival_push.domain.topics import role_topic, stall_topic, user_topic
from festival_push.domain.values import DEPOSITS, GiveBackId, Instant, ItemId, Part, Role, UserId, VendorId
from tests.support.festival import ADMIN, ANNA, AYRAN, BAR_KEEPER, BEER, BEN, FALAFEL, SUN, SUN_KEEPER, Festival

CUP = 200
K1 = GiveBackId("k1")
ONE_CUP = (Returned(item_id=BEER, quantity=1),)


def opened(cups: int = 3) -> Festival:
    """Anna has bought so many beers, each with a deposit."""
    festival = Festival.opened(funds=5_000)
    festival.do(ChangeMenuItem(actor_id=BAR_KEEPER, item_id=BEER, deposit=CUP))
    festival.placed(item_id=BEER, quantity=cups)
    return festival


def offer(
    festival: Festival,
    returned: tuple[Returned, ...] | OwnReturn = ONE_CUP,
    *,
    name: str = "k1",
    actor_id: UserId = SUN_KEEPER,
    vendor_id: VendorId = SUN,
) -> GiveBackOffer:
    return festival.do(
        OfferGiveBack(
            actor_id=actor_id, vendor_id=vendor_id, give_back_id=GiveBackId(name), returned=returned, expires_s=60
        )
    )


def claim(festival: Festival, actor_id: UserId = ANNA, name: str = "k1") -> int:
    return festival.do(ClaimGiveBack(actor_id=actor_id, give_back_id=GiveBackId(name))).balance


def test_cups_come_back_to_any_stall_at_the_menus_deposit_and_the_offer_moves_nothing() -> None:
    festival = opened()
    made = offer(festival, (Returned(item_id=BEER, quantity=2), Returned(item_id=FALAFEL, quantity=1)))
    assert (made.vendor_id, made.total, made.claimed_by) == (SUN, 2 * CUP, None)
    assert [(line.name, line.quantity, line.deposit) for line in made.lines] == [("Beer", 2, CUP)], (
        "no deposit: no line"
    )
    assert (festival.account(DEPOSITS), festival.book.give_backs[K1]) == (3 * CUP, made)
    assert status_of(made, festival.now) == "open"


def test_who_scans_it_first_gets_the_deposit_and_nobody_else() -> None:
    festival = opened()
    offer(festival)
    before = festival.balance(BEN)
    assert claim(festival, BEN) == before + CUP == festival.balance(BEN)
    assert festival.account(DEPOSITS) == 2 * CUP
    for actor_id in (BEN, ANNA):
        with pytest.raises(AlreadyClaimed):
            claim(festival, actor_id)
    assert festival.account(DEPOSITS) == 2 * CUP
    kept = festival.book.give_backs[K1]
    assert (kept.claimed_by, kept.claimed_at, status_of(kept, festival.now)) == (BEN, festival.now, "claimed")


def test_guest_stall_and_organisers_are_told_of_it() -> None:
    festival = opened()
    offer(festival)
    told = len(festival.events)
    claim(festival, BEN)
    [balance, notice] = festival.told(user_topic(BEN), after=told)
    assert isinstance(balance, BalanceUpdated)
    assert (balance.account, balance.amount, balance.new_balance, balance.reason) == ("wallet", CUP, CUP, "deposit")
    assert isinstance(notice, NewNotification)
    assert (notice.code, notice.params) == ("deposit-back", {"amount": CUP, "stall": "Sun"})
    [event] = festival.told(stall_topic(SUN), after=told)
    assert isinstance(event, GiveBackClaimed)
    assert (event.give_back_id, event.amount, event.vendor_id) == (K1, CUP, SUN)
    [shown] = festival.told(role_topic(Role.ADMIN), after=told)
    assert isinstance(shown, NewTransaction)
    assert (shown.kind, shown.debit, shown.amount, shown.user_id) == ("deposit", DEPOSITS, CUP, BEN)
    assert festival.transfers[-1].note == "Sun", "the statement says where"


def test_never_more_goes_back_than_was_taken() -> None:
    festival = opened(cups=1)
    with pytest.raises(DepositsExhausted) as caught:
        offer(festival, (Returned(item_id=BEER, quantity=2),))
    assert caught.value.left == CUP
    for name in ("k1", "k2"):
        offer(festival, name=name)  # two offers over the one deposit that is out
    claim(festival)
    with pytest.raises(DepositsExhausted) as caught:
        claim(festival, name="k2")
    assert caught.value.left == festival.account(DEPOSITS) == 0
    festival.placed(item_id=BEER)
    claim(festival, name="k2")
    assert festival.account(DEPOSITS) == 0


def test_a_stall_names_the_deposit_of_what_is_on_no_menu_any_more() -> None:
    festival = opened()
    festival.do(ChangeMenuItem(actor_id=BAR_KEEPER, item_id=BEER, deleted=True))
    with pytest.raises(NotFound):
        offer(festival)
    made = offer(festival, OwnReturn(description="Jug", amount=500))
    assert (made.total, [line.name for line in made.lines]) == (500, ["Jug"])


def test_what_is_sold_out_comes_back_too_and_to_a_stall_that_is_closed() -> None:
    festival = opened()
    festival.do(ChangeMenuItem(actor_id=BAR_KEEPER, item_id=BEER, available=False))
    festival.do(ChangeVendor(actor_id=SUN_KEEPER, vendor_id=SUN, open=False))
    offer(festival)
    assert claim(festival, BEN) == CUP


def test_what_has_no_deposit_gives_none_back_and_no_cow() -> None:
    festival = opened()
    with pytest.raises(NoDeposit):
        offer(festival, (Returned(item_id=AYRAN, quantity=1),))
    with pytest.raises(NotFound):
        offer(festival, (Returned(item_id=ItemId("none"), quantity=1),))
    with pytest.raises(AmountTooLarge):
        offer(festival, OwnReturn(description="Cow", amount=100_001))


def test_only_a_stalls_keepers_offer_in_its_name() -> None:
    festival = opened()
    for actor_id, refusal in ((BAR_KEEPER, NotFound), (ANNA, Forbidden), (ADMIN, Forbidden)):
        with pytest.raises(refusal):
            offer(festival, actor_id=actor_id)
    with pytest.raises(NotFound):
        offer(festival, vendor_id=VendorId("none"))


def test_an_offer_ends_with_its_time() -> None:
    festival = opened()
    made = offer(festival)
    festival.now = Instant(festival.now + 60_000)
    assert status_of(made, festival.now) == "expired"
    with pytest.raises(GiveBackExpired):
        claim(festival)
    assert festival.account(DEPOSITS) == 3 * CUP


def test_an_offer_that_was_taken_says_so_also_after_its_time() -> None:
    festival = opened()
    offer(festival)
    claim(festival)
    festival.now = Instant(festival.now + 60_000)
    with pytest.raises(AlreadyClaimed):
        claim(festival)


def test_an_offer_ends_with_whoever_made_it_and_others_stay() -> None:
    festival = opened()
    festival.do(AppointKeeper(actor_id=SUN_KEEPER, vendor_id=SUN, user_id=BEN, part=Part.KEEPER))
    offer(festival, actor_id=BEN)
    offer(festival, name="k2")
    festival.now = Instant(festival.now + 1)
    gone = festival.decided(DismissKeeper(actor_id=SUN_KEEPER, vendor_id=SUN, user_id=BEN))
    assert '"giveBacksEnded":1' in gone.deeds[-1].after
    with pytest.raises(GiveBackExpired):
        claim(festival)
    claim(festival, name="k2")


def test_a_suspended_guest_takes_nothing_and_a_full_wallet_takes_no_more() -> None:
    festival = opened()
    offer(festival)
    festival.top_up(BEN, 20_000 - CUP + 1)
    with pytest.raises(BalanceLimit) as caught:
        claim(festival, BEN)
    assert (caught.value.balance, caught.value.balance_max) == (20_000 - CUP + 1, 20_000)
    festival.do(SuspendUser(actor_id=ADMIN, user_id=ANNA, suspended=True))
    with pytest.raises(Suspended):
        claim(festival, ANNA)
    with pytest.raises(NotFound):
        claim(festival, BEN, name="none")


def test_a_keeper_may_take_what_their_own_stall_offers_but_it_is_told_whose_it_was() -> None:
    """They could hand it to anybody; the row and the transfer say both."""
    festival = opened()
    offer(festival)
    claim(festival, SUN_KEEPER)
    kept = festival.book.give_backs[K1]
    assert (kept.created_by, kept.claimed_by) == (SUN_KEEPER, SUN_KEEPER)
    assert festival.transfers[-1].actor == f"user:{SUN_KEEPER}"
