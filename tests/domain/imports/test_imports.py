"""Files as commands: all or nothing, a dry run finds the same, and a second run changes nothing."""

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.imports.people import SOURCE, BalanceRow, ImportBalances, ImportPeople, PersonRow
from festival_push.domain.imports.stalls import ImportMenus, ImportStalls, ItemRow, StallRow
from festival_push.domain.imports.tally import Became, Imported
from festival_push.domain.values import ItemId, TransferId, UserId, VendorId
from tests.support.festival import ANNA, BEER, BEN, RULES, SUN, Festival

WHO = st.sampled_from((ANNA, BEN, UserId("nobody"), UserId("zoe")))
AMOUNT = st.sampled_from((0, 1, 450, RULES.balance_max, RULES.balance_max + 1))


@st.composite
def files(draw: st.DrawFn) -> Any:
    """A file of one kind, with rows that fit and rows that don't."""
    lines = range(2, 2 + draw(st.integers(1, 4)))
    kind = draw(st.sampled_from(("people", "balances", "stalls", "items")))
    if kind == "people":
        return ImportPeople(apply=True, people=tuple(
            PersonRow(
                line=line, user_id=draw(WHO), name=draw(st.sampled_from(("Zoe", "Ann"))),
                sign_in=draw(st.sampled_from((None, "zoe-1", "sun", "anna-2"))), new_sign_in=f"new-{line}",
                top_up_code=f"NEW-{line}",
            ) for line in lines
        ))  # fmt: skip
    if kind == "balances":
        return ImportBalances(apply=True, balances=tuple(
            BalanceRow(
                line=line, user_id=draw(WHO), amount=draw(AMOUNT), transfer_id=TransferId(f"i{draw(st.integers(1, 5))}")
            ) for line in lines
        ))  # fmt: skip
    if kind == "stalls":
        return ImportStalls(apply=True, stalls=tuple(
            StallRow(
                line=line, vendor_id=draw(st.sampled_from((SUN, VendorId("new"), VendorId("other")))),
                name=draw(st.sampled_from(("Sun", "New", "Other"))), owner_id=draw(WHO), open=draw(st.booleans()),
            ) for line in lines
        ))  # fmt: skip
    return ImportMenus(apply=True, items=tuple(
        ItemRow(
            line=line, item_id=draw(st.sampled_from((BEER, ItemId("tea"), ItemId("soup")))), name="Tea",
            vendor_id=draw(st.sampled_from((SUN, VendorId("none")))), price=draw(st.integers(1, 9)), stock=5,
        ) for line in lines
    ))  # fmt: skip


def state(festival: Festival) -> tuple[Any, ...]:
    book = festival.book
    rows: tuple[dict[Any, Any], ...] = (
        book.users,
        book.vendors,
        book.items,
        book.keepers,
        book.vendor_names,
        book.accounts,
        book.transfers,
    )
    return (*(each.copy() for each in rows), book.deed_seq)


@given(files())
def test_all_of_a_file_or_nothing_and_the_same_again_is_nothing(command: Any) -> None:
    festival = Festival.opened()
    before = state(festival)
    dry: Imported = festival.do(msgspec.structs.replace(command, apply=False))
    assert state(festival) == before
    done: Imported = festival.do(command)
    assert done == dry
    if done.faults:
        assert state(festival) == before
        return
    assert len(done.outcomes) == len(getattr(command, command.__struct_fields__[0]))
    after = state(festival)
    again: Imported = festival.do(command)
    assert ({outcome.became for outcome in again.outcomes}, again.faults) == ({Became.LEFT}, ())
    assert state(festival) == after
    held = festival.book.accounts.get(SOURCE)
    moved = sum(each.amount for each in festival.book.transfers.values() if each.debit == SOURCE)
    assert (0 if held is None else -held.balance) == moved
