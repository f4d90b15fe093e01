"""Drawers: cash that is in them is what went in less what went out, at every moment, and a count ends each."""

import json
from typing import Any, Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.desk.drawers import (
    CloseDrawer,
    Direction,
    MoveCash,
    OpenDrawer,
    closing_transfer,
    difference_transfer,
    float_transfer,
)
from festival_push.domain.desk.payouts import PayOutAtDesk
from festival_push.domain.money.reversals import ReverseTransfer
from festival_push.domain.office.deeds import DeedKind
from festival_push.domain.office.refusals import (
    DifferenceUnexplained,
    DrawerClosed,
    DrawerOpen,
    DrawerShort,
    NoDrawer,
)
from festival_push.domain.people.rights import MakeCashier
from festival_push.domain.refusals import Forbidden, NotFound, Refused
from festival_push.domain.topics import role_topic
from festival_push.domain.values import (
    DIFFERENCES,
    SAFE,
    DrawerId,
    PayoutId,
    Role,
    TransferId,
    TransferKind,
    UserId,
    desk_account,
    drawer_account,
)
from festival_push.ops.audit.drawers import drawer_fault
from festival_push.ops.audit.ledger import reversal_fault
from festival_push.ops.audit.money import payout_fault
from tests.support.festival import ADMIN, ANNA, BEN, SUN_KEEPER, Festival, top_up

CASH: Final = UserId("bar")  # keeps a stall too
GATE: Final = DrawerId("k1")
OPENING: Final = OpenDrawer(actor_id=CASH, drawer_id=GATE, name="Gate 1", float_amount=10_000)


def opened(*, funds: int = 0, float_amount: int = 10_000) -> Festival:
    """With a cashier who has a drawer open."""
    festival = Festival.opened(funds=funds)
    festival.do(MakeCashier(actor_id=ADMIN, user_id=CASH, cashier=True))
    festival.do(msgspec.structs.replace(OPENING, float_amount=float_amount))
    return festival


def taking(
    amount: int, *, number: int = 1, actor_id: UserId = CASH, method: str = "cash", user_id: UserId = ANNA
) -> Any:
    return msgspec.structs.replace(top_up(user_id, amount, number=number), actor_id=actor_id, method=method)


def moving(direction: Direction, amount: int, *, number: int = 1, actor_id: UserId = CASH) -> MoveCash:
    return MoveCash(
        actor_id=actor_id, drawer_id=GATE, direction=direction, amount=amount, reason="coins",
        transfer_id=TransferId(f"m{number}"),
    )  # fmt: skip


def closing(counted: int, reason: str | None = None, *, actor_id: UserId = CASH) -> CloseDrawer:
    return CloseDrawer(actor_id=actor_id, drawer_id=GATE, counted=counted, reason=reason)


def cash(festival: Festival, drawer_id: DrawerId = GATE) -> int:
    return -festival.account(drawer_account(drawer_id))


def test_a_drawer_is_opened_with_a_float_that_is_of_the_safe() -> None:
    festival = opened()
    drawer = festival.book.drawers[GATE]
    assert (drawer.name, drawer.cashier_id, drawer.opened_at, drawer.is_open) == ("Gate 1", CASH, festival.now, True)
    assert (cash(festival), festival.account(SAFE)) == (10_000, 10_000)
    transfer = festival.transfers[-1]
    assert (transfer.transfer_id, transfer.kind, transfer.actor) == (
        float_transfer(GATE),
        TransferKind.CASH,
        "user:bar",
    )
    assert festival.told(role_topic(Role.ADMIN))[-1].TYPE == "new-transaction"


def test_a_float_of_nothing_moves_nothing() -> None:
    festival = opened(float_amount=0)
    assert festival.transfers == []
    festival.do(closing(0))
    assert festival.transfers == []


def test_a_cashier_has_one_that_is_open_and_another_after_it() -> None:
    festival = opened()
    with pytest.raises(DrawerOpen) as refused:
        festival.do(msgspec.structs.replace(OPENING, drawer_id=DrawerId("k2")))
    assert refused.value.drawer_id == GATE
    festival.do(msgspec.structs.replace(OPENING, drawer_id=DrawerId("k3"), actor_id=ADMIN))  # who has one of their own
    festival.do(closing(10_000))
    festival.do(msgspec.structs.replace(OPENING, drawer_id=DrawerId("k2")))


@pytest.mark.parametrize("actor_id", [ANNA, SUN_KEEPER])
def test_nobody_else_keeps_a_drawer(actor_id: UserId) -> None:
    festival = opened()
    for wish in (
        msgspec.structs.replace(OPENING, actor_id=actor_id, drawer_id=DrawerId("k2")),
        moving(Direction.IN, 1, actor_id=actor_id),
        closing(10_000, actor_id=actor_id),
    ):
        with pytest.raises(Forbidden):
            festival.do(wish)


def test_another_cashier_is_not_told_that_it_is_there_and_an_organiser_may_close_it() -> None:
    festival = opened()
    festival.do(MakeCashier(actor_id=ADMIN, user_id=BEN, cashier=True))
    for wish in (moving(Direction.IN, 1, actor_id=BEN), closing(10_000, actor_id=BEN)):
        with pytest.raises(NotFound):
            festival.do(wish)
    festival.do(closing(9_000, "nobody knows", actor_id=ADMIN))
    assert festival.book.drawers[GATE].closed_by == ADMIN


def test_cash_goes_into_the_drawer_and_other_methods_beside_it() -> None:
    festival = opened()
    reply = festival.do(taking(2_000))
    assert (reply.drawer_id, reply.balance) == (GATE, 2_000)
    assert festival.do(taking(300, number=2, method="card")).drawer_id is None
    assert (cash(festival), festival.account(desk_account("card"))) == (12_000, -300)
    assert festival.account(desk_account("cash")) == 0


def test_a_cashier_without_a_drawer_takes_no_cash_and_an_organiser_as_before() -> None:
    festival = Festival.opened()
    festival.do(MakeCashier(actor_id=ADMIN, user_id=CASH, cashier=True))
    with pytest.raises(NoDrawer):
        festival.do(taking(2_000))
    festival.do(taking(2_000, method="card"))
    assert festival.do(taking(500, number=2, actor_id=ADMIN)).drawer_id is None
    assert festival.account(desk_account("cash")) == -500


def test_an_organiser_with_a_drawer_takes_cash_into_it() -> None:
    festival = Festival.opened()
    festival.do(msgspec.structs.replace(OPENING, actor_id=ADMIN))
    assert festival.do(taking(500, actor_id=ADMIN)).drawer_id == GATE
    assert cash(festival) == 10_500


def test_cash_comes_from_the_safe_and_goes_there_but_no_more_than_there_is() -> None:
    festival = opened()
    reply = festival.do(moving(Direction.IN, 500))
    assert (reply.cash, cash(festival), festival.account(SAFE)) == (10_500, 10_500, 10_500)
    with pytest.raises(DrawerShort) as refused:
        festival.do(moving(Direction.OUT, 10_501, number=2))
    assert refused.value.cash == 10_500
    decision = festival.decided(moving(Direction.OUT, 10_500, number=2, actor_id=ADMIN))
    assert (cash(festival), festival.account(SAFE)) == (0, 0)
    [deed] = decision.deeds
    assert (deed.act, deed.subject, json.loads(deed.before)) == (DeedKind.MOVE_CASH, "drawer:k1", {"cash": 10_500})
    assert json.loads(deed.after) == {
        "amount": 10_500, "cash": 0, "direction": "out", "reason": "coins", "transactionId": "m2"
    }  # fmt: skip
    assert decision.transfers[0].note == "coins"


def test_a_count_that_fits_closes_it_without_a_word() -> None:
    festival = opened()
    festival.do(taking(2_000))
    after = len(festival.events)
    decision = festival.decided(closing(12_000))
    reply = decision.reply
    assert (reply.expected, reply.counted, reply.difference) == (12_000, 12_000, 0)
    assert (cash(festival), festival.account(SAFE), festival.account(DIFFERENCES)) == (0, -2_000, 0)
    assert [event.TYPE for event in festival.told(role_topic(Role.ADMIN), after=after)] == ["new-transaction"]
    drawer = festival.book.drawers[GATE]
    assert (drawer.closed_at, drawer.closed_by, drawer.counted, drawer.difference) == (festival.now, CASH, 12_000, 0)
    assert (drawer.opened_after, drawer.closed_after) == (0, len(festival.transfers))
    [deed] = decision.deeds
    assert (deed.act, deed.subject) == (DeedKind.CLOSE_DRAWER, "drawer:k1")


@pytest.mark.parametrize(("counted", "code"), [(9_950, "cash-missing"), (10_010, "cash-over"), (0, "cash-missing")])
def test_a_difference_needs_a_reason_and_organisers_are_told(counted: int, code: str) -> None:
    festival = opened()
    after = len(festival.events)
    difference = counted - 10_000
    for reason in (None, ""):
        with pytest.raises(DifferenceUnexplained) as refused:
            festival.do(closing(counted, reason))
        assert (refused.value.expected, refused.value.counted, refused.value.difference) == (
            10_000,
            counted,
            difference,
        )
    assert festival.do(closing(counted, "in the dark")).difference == difference
    assert (cash(festival), festival.account(DIFFERENCES)) == (0, difference)
    assert festival.account(SAFE) == 10_000 - counted
    [notice] = [
        event for event in festival.told(role_topic(Role.ADMIN), after=after) if event.TYPE == "new-notification"
    ]
    said: Any = notice
    assert (said.code, said.params) == (
        code, {"desk": "Gate 1", "name": "Bar", "amount": abs(difference), "reason": "in the dark"}
    )  # fmt: skip
    assert festival.book.drawers[GATE].reason == "in the dark"


def test_a_reason_for_nothing_is_not_kept() -> None:
    festival = opened()
    festival.do(closing(10_000, "all fine"))
    assert festival.book.drawers[GATE].reason is None


def test_a_closed_drawer_takes_nothing() -> None:
    festival = opened()
    festival.do(closing(10_000))
    for wish in (moving(Direction.IN, 1), closing(10_000), closing(0, "again")):
        with pytest.raises(DrawerClosed):
            festival.do(wish)
    with pytest.raises(NoDrawer):
        festival.do(taking(100))


steps = st.lists(
    st.tuples(
        st.sampled_from(["top-up", "pay-out", "in", "out", "back", "open", "close", "card"]), st.integers(1, 4_000)
    ),
    max_size=40,
)


@given(steps=steps, by_organiser=st.lists(st.booleans(), min_size=40, max_size=40))
def test_whatever_happens_the_cash_is_what_the_plain_count_says(
    steps: list[tuple[str, int]], by_organiser: list[bool]
) -> None:
    """Beside each drawer somebody counts coins on a sheet of paper; at the end the safe and the differences fit too."""
    festival = opened(float_amount=3_000)
    sheet, current, number, safe, over = {GATE: 3_000}, GATE, 0, -3_000, 0
    bookings: list[tuple[TransferId, int, int]] = []  # by how much cash moved
    for (what, amount), organiser in zip(steps, by_organiser, strict=False):
        number += 1
        actor_id = ADMIN if organiser else CASH
        try:
            if what == "top-up":
                festival.do(taking(amount, number=number))
                sheet[current] += amount
                bookings.append((TransferId(f"t{number}"), amount, amount))
            elif what == "card":
                festival.do(taking(amount, number=number, method="card"))
            elif what == "pay-out":
                reply = festival.do(
                    PayOutAtDesk(
                        actor_id=CASH, user_id=ANNA, payout_id=PayoutId(f"p{number}"), amount=amount, reason=None
                    )
                )
                sheet[current] -= amount
                bookings.append((reply.transfer_id, amount, -amount))
            elif what in ("in", "out"):
                wish = msgspec.structs.replace(moving(Direction(what), amount, number=number), drawer_id=current)
                festival.do(wish)
                sheet[current] += amount if what == "in" else -amount
                safe -= amount if what == "in" else -amount
            elif what == "back" and bookings:
                name, most, moved = bookings[amount % len(bookings)]
                before = {key: cash(festival, key) for key in sheet}
                festival.do(
                    ReverseTransfer(
                        actor_id=actor_id, transfer_id=name, amount=min(amount, most), reason="typo",
                        reversal_id=TransferId(f"r{number}"),
                    )
                )  # fmt: skip
                back = -min(amount, most) if moved > 0 else min(amount, most)
                place = next((key for key in sheet if cash(festival, key) != before[key]), None)
                if place is None:
                    safe += back
                else:
                    assert festival.book.drawers[place].is_open
                    sheet[place] += back
            elif what == "open":
                festival.do(msgspec.structs.replace(OPENING, drawer_id=DrawerId(f"k{number}x"), float_amount=amount))
                current = DrawerId(f"k{number}x")
                sheet[current] = amount
                safe -= amount
            elif what == "close":
                festival.do(msgspec.structs.replace(closing(amount, "x", actor_id=actor_id), drawer_id=current))
                over += amount - sheet[current]
                safe += amount
                sheet[current] = 0
        except Refused:
            continue
        assert {key: cash(festival, key) for key in sheet} == sheet
    assert min(sheet.values()) >= 0
    assert (-festival.account(SAFE), festival.account(DIFFERENCES)) == (safe, over)
    assert sum(account.balance for account in festival.book.accounts.values()) == 0
    _audited(festival)


def _audited(festival: Festival) -> None:
    """The audit finds nothing in all this."""
    found = {transfer.transfer_id: transfer for transfer in festival.transfers}
    for drawer in festival.book.drawers.values():
        names = (float_transfer, difference_transfer, closing_transfer)
        moves = [found[name] for made in names if (name := made(drawer.drawer_id)) in found]
        assert drawer_fault(drawer, moves, festival.account(drawer_account(drawer.drawer_id))) is None
    taken: dict[TransferId, int] = {}
    for transfer in festival.transfers:
        if transfer.reverses is not None:
            taken[transfer.reverses] = taken.get(transfer.reverses, 0) + transfer.amount
            assert reversal_fault(transfer, found[transfer.reverses], taken[transfer.reverses]) is None
    for payout in festival.book.payouts.values():
        asked = f"{payout.payout_id}-asked"
        own = [each for each in festival.transfers if asked in (each.transfer_id, each.reverses)]
        assert payout_fault(payout, own) is None


def test_the_audit_sees_what_is_wrong_with_a_drawer() -> None:
    festival = opened()
    festival.do(closing(9_000, "lost"))
    drawer = festival.book.drawers[GATE]
    moves = festival.transfers
    assert drawer_fault(drawer, moves, 0) is None
    wrong: dict[str, tuple[Any, ...]] = {
        "began with 1, but 10000 came in": (msgspec.structs.replace(drawer, float_amount=1), moves, 0),
        "has given 5 more than it had": (drawer, moves, 5),
        "is closed, but 7 are in it": (drawer, moves, -7),
        "was closed with a difference of -1000, but 0 is booked": (drawer, [moves[0], moves[2]], 0),
        "was closed with 9000, but 0 went to the safe": (drawer, moves[:2], 0),
        "is open, but transfers say that it was closed": (msgspec.structs.replace(drawer, closed_at=None), moves, 0),
    }
    for fault, given_ in wrong.items():
        assert drawer_fault(*given_) == fault
