"""The book: what it holds, what it lends, and that a refusal leaves no trace in it."""

import copy
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.book import OPEN_STATUSES, Book, Decision
from festival_push.domain.events import OrderChange
from festival_push.domain.needs import merge
from festival_push.domain.open_orders import Untold
from festival_push.domain.people.codes import owner_of
from festival_push.domain.people.relations import Act
from festival_push.domain.refusals import Forbidden, NotFound, Refused, Suspended
from festival_push.domain.row_kinds import Needs
from festival_push.domain.rows import COUNTED, KINDS, Account
from festival_push.domain.values import HELD, AccountId, Instant, ItemId, OrderId, OrderStatus, UserId, VendorId
from tests.support.festival import (
    ADMIN,
    ANNA,
    BAR,
    BEN,
    FALAFEL,
    RULES,
    SUN,
    SUN_KEEPER,
    AnyCommand,
    Festival,
    order_of,
    step,
    wishes,
)

ids = st.lists(st.sampled_from("abcd"), max_size=4).map(tuple)
needs = st.builds(
    lambda *columns: Needs(**dict(zip(Needs.__struct_fields__, columns, strict=True))),
    *[ids for _ in Needs.__struct_fields__],
)


def outcome(decide: Callable[..., Decision[Any]], *args: Any) -> object:
    """The decision, or what was refused and why."""
    try:
        return decide(*args)
    except Refused as refusal:
        return type(refusal), refusal.params()


@given(st.lists(needs, max_size=4))
def test_merged_needs_name_every_row_once(some: list[Needs]) -> None:
    union = merge(some)
    for name in Needs.__struct_fields__:
        keys = getattr(union, name)
        assert len(keys) == len(set(keys))
        assert set(keys) == {key for one in some for key in getattr(one, name)}


@given(wishes())
def test_deciding_changes_nothing_and_a_refusal_leaves_the_book_as_it_was(commands: list[AnyCommand]) -> None:
    festival = Festival.opened(funds=3_000)
    for command in commands:
        before = copy.deepcopy(vars(festival.book))
        with suppress(Refused):
            command.decide(festival.book, festival.now)
        assert vars(festival.book) == before
        with suppress(Refused):
            festival.do(command)
            continue
        assert vars(festival.book) == before


@given(wishes())
def test_a_command_decides_the_same_over_its_needs_as_over_the_whole_book(commands: list[AnyCommand]) -> None:
    festival = Festival.opened(funds=3_000)
    for command in commands:
        whole = outcome(command.decide, festival.book, festival.now)
        assert outcome(festival.decided, command) == whole


@given(wishes(max_size=60))
def test_what_is_counted_along_is_what_counting_gives(commands: list[AnyCommand]) -> None:
    festival = Festival.opened(funds=3_000)
    for command in commands:
        with suppress(Refused):
            festival.do(command)
    for kind, counted in COUNTED.items():
        rows = getattr(festival.book, KINDS[kind].name).values()
        truth = Counter(getattr(row, counted.group) for row in rows if counted.counts(row))
        assert getattr(festival.book, counted.name) == truth


def test_applying_a_decision_moves_position_and_sequence_on() -> None:
    festival = Festival.opened(funds=3_000)
    position, seq = festival.book.position, festival.book.transfer_seq
    decision = festival.decided(order_of(FALAFEL, 1, number=1))
    assert festival.book.position == position + len(decision.events)
    assert festival.book.transfer_seq == seq + len(decision.transfers)


def test_an_order_is_among_the_open_ones_until_it_is_finished() -> None:
    festival = Festival.opened(funds=3_000)
    order = festival.placed()
    ready, preparing, completed = OrderStatus.READY, OrderStatus.PREPARING, OrderStatus.COMPLETED
    for status in (ready, preparing, ready, completed, ready, completed):
        festival.now = Instant(festival.now + 1_000)
        festival.do(step(order.order_id, SUN_KEEPER, status))
        assert (order.order_id in festival.book.open_orders[SUN]) is (status in OPEN_STATUSES)
        if open_order := festival.book.open_orders[SUN].get(order.order_id):
            assert (open_order.status, open_order.placed, open_order.number) == (status, order.placed, order.number)
            assert open_order.called_at == festival.book.orders[order.order_id].called_at


def test_an_order_does_not_change_without_an_event_that_names_it() -> None:
    festival = Festival.opened(funds=5_000)
    ordered = festival.placed()
    other = festival.decided(order_of(FALAFEL, 1, number=2))
    ready = step(ordered.order_id, SUN_KEEPER, OrderStatus.READY).decide(festival.book, festival.now)
    changes = [told for told in ready.events if isinstance(told.event, OrderChange)]
    silent = msgspec.structs.replace(ready, events=tuple(told for told in ready.events if told not in changes))
    of_another = msgspec.structs.replace(silent, events=silent.events + other.events)
    before = copy.deepcopy(vars(festival.book))
    for untold in (silent, of_another):
        with pytest.raises(Untold):
            festival.book.apply(untold)
        assert vars(festival.book) == before
    festival.book.apply(ready)
    assert festival.book.order(ordered.order_id).status is OrderStatus.READY


def test_organisers_are_those_and_are_not_suspended() -> None:
    book = Festival.opened().book
    assert book.organiser(ADMIN, Act.ANNOUNCE).user_id == ADMIN
    with pytest.raises(Forbidden):
        book.organiser(ANNA, Act.ANNOUNCE)
    with pytest.raises(NotFound):
        book.organiser(UserId("nobody"), Act.ANNOUNCE)
    book.users[ANNA] = msgspec.structs.replace(book.users[ANNA], suspended=True)
    with pytest.raises(Suspended):
        book.organiser(ANNA, Act.ANNOUNCE)  # said first: a suspended person learns nothing else
    with pytest.raises(Suspended):
        book.actor(ANNA)


def test_what_is_not_in_the_book_is_not_found() -> None:
    book = Festival.opened().book
    lookups: dict[str, Callable[[], object]] = {
        "user": lambda: book.user(UserId("?")),
        "vendor": lambda: book.vendor(VendorId("?")),
        "item": lambda: book.item(ItemId("?")),
        "order": lambda: book.order(OrderId("?")),
    }
    for what, look_up in lookups.items():
        with pytest.raises(NotFound) as raised:
            look_up()
        assert raised.value.what == what


def test_a_system_account_begins_with_nothing_and_a_persons_account_is_never_made_up() -> None:
    book = Book(RULES, position=0, transfer_seq=0)
    assert book.account(HELD) == Account(account_id=HELD, balance=0, overdraft=True)
    with pytest.raises(AssertionError):
        book.account(AccountId("user:nobody"))


def test_a_top_up_code_names_its_owner() -> None:
    book = Festival.opened().book
    assert (found := owner_of("CODE-ben", book.users.values())) is not None
    assert found.user_id == BEN
    assert owner_of("CODE-?", book.users.values()) is None


@pytest.mark.parametrize("actor_id", [SUN_KEEPER, ADMIN])
def test_a_stall_is_its_keepers_and_the_organisers(actor_id: UserId) -> None:
    book = Festival.opened().book
    assert book.own_stall(actor_id, SUN, Act.CHANGE_STALL) is book.vendors[SUN]


@pytest.mark.parametrize(
    ("actor_id", "vendor_id", "refused"),
    [
        (SUN_KEEPER, BAR, NotFound),
        (SUN_KEEPER, VendorId("nowhere"), NotFound),
        (ADMIN, VendorId("nowhere"), NotFound),
        (ANNA, SUN, Forbidden),
        (ANNA, VendorId(ANNA), Forbidden),
    ],
)
def test_a_stall_is_nobody_elses(actor_id: UserId, vendor_id: VendorId, refused: type[Refused]) -> None:
    with pytest.raises(refused):
        Festival.opened().book.own_stall(actor_id, vendor_id, Act.CHANGE_STALL)
