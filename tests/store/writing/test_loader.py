"""The book of a batch holds what its commands need, and what that leads to."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest

from festival_push.domain.book import Book
from festival_push.domain.orders.orders import ChangeOrderStatus
from festival_push.domain.orders.payment_requests import RequestPayment
from festival_push.domain.orders.placing import WantedLine
from festival_push.domain.payouts.payouts import RequestPayout, SettlePayout
from festival_push.domain.people.codes import code_key
from festival_push.domain.people.keepers import AppointKeeper
from festival_push.domain.refusals import MenuFull
from festival_push.domain.row_kinds import Needs
from festival_push.domain.stalls.displays import AddDisplay, RevokeDisplay
from festival_push.domain.stalls.menus import AddMenuItem, ChangeMenuItem
from festival_push.domain.stalls.pairings import OfferPairing, RequestPairing
from festival_push.domain.values import (
    DisplayId,
    Instant,
    ItemId,
    OrderId,
    OrderStatus,
    PairingId,
    Part,
    PaymentRequestId,
    PayoutId,
    PayoutStatus,
    Role,
    UserId,
    VendorId,
    user_account,
)
from festival_push.domain.words.rooms import JoinRoom, Room
from festival_push.store.database import Database
from festival_push.store.writing.loader import _LOADS, Kept, load_book
from festival_push.store.writing.open_orders_cache import OpenOrdersCache
from tests.store.plans import plan_of
from tests.store.world import BAR, BEER, BOSS, PRICE, RULES, World, once

ANNA = UserId("anna")
SYSTEM = {"desk:cash", "fees"}


@pytest.fixture
async def world(database: Database) -> AsyncIterator[World]:
    """Anna has placed two orders, and one of them is picked up."""
    async with World(database) as world:
        await world.ground()
        await world.add_user(ANNA, money=3 * PRICE)
        await world.committer.submit(world.order(ANNA, "o1"))
        for status in (OrderStatus.READY, OrderStatus.COMPLETED):
            await world.committer.submit(ChangeOrderStatus(order_id=OrderId("o1"), actor_id=BOSS, status=status))
        await world.committer.submit_once(world.order(ANNA, "o2"), once("k"))
        yield world


async def load(
    world: World, needs: Needs, *keys: tuple[str, str], queues: OpenOrdersCache | None = None
) -> tuple[Book, Kept]:
    """What a batch with these needs would get."""
    loaded = await load_book(world.database.writer(), RULES, needs, keys, queues or OpenOrdersCache())
    await world.database.writer().rollback()
    return loaded


async def test_a_customer_brings_the_wallet_and_nobody_else(world: World) -> None:
    book, kept = await load(world, Needs(users=(ANNA,), items=(BEER,)))
    assert set(book.users) == {ANNA}
    assert set(book.accounts) == {"user:anna", *SYSTEM}
    assert book.accounts[user_account(ANNA)].balance == PRICE
    assert not any((book.vendors, book.open_orders, book.orders, kept))
    assert set(book.items) == {BEER}
    [[(position, transfer_seq)]] = await world.database.read(("SELECT position, transfer_seq FROM log_head", ()))
    assert (book.position, book.transfer_seq) == (position, transfer_seq)


async def test_a_stall_brings_the_till_and_its_open_orders(world: World) -> None:
    await world.committer.submit(world.order(ANNA, "o0"))
    book, _ = await load(world, Needs(vendors=(BAR,)))
    assert set(book.vendors) == {BAR}
    assert set(book.accounts) == {"till:bar", *SYSTEM}
    assert list(book.open_orders[BAR]) == ["o2", "o0"], "in placing order, without the finished one"


async def test_open_orders_are_carried_to_the_next_batch_while_nobody_else_writes(world: World) -> None:
    queues = OpenOrdersCache()
    book, _ = await load(world, Needs(vendors=(BAR,)), queues=queues)
    book.open_orders[BAR].drop(OrderId("o2"))  # as a batch does that finishes it
    queues.leave(book.position)
    again, _ = await load(world, Needs(vendors=(BAR,)), queues=queues)
    assert again.open_orders[BAR] is book.open_orders[BAR], "not read again"
    third, _ = await load(world, Needs(vendors=(BAR,)), queues=queues)
    assert set(third.open_orders[BAR]) == {"o2"}, "the batch before did not leave: it came to nothing"


async def test_open_orders_are_read_again_when_somebody_else_has_written(world: World) -> None:
    queues = OpenOrdersCache()
    book, _ = await load(world, Needs(vendors=(BAR,)), queues=queues)
    queues.leave(book.position)
    await world.committer.submit(world.order(ANNA, "o0"))
    for needs in (Needs(vendors=(BAR,)), Needs(orders=(OrderId("o2"),)), Needs(users=(UserId(BAR),))):
        again, _ = await load(world, needs, queues=queues)
        assert list(again.open_orders[BAR]) == ["o2", "o0"]
        queues.leave(again.position - 1)


async def test_open_orders_are_read_again_over_a_new_connection(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    queues = OpenOrdersCache()
    book, _ = await load(world, Needs(vendors=(BAR,)), queues=queues)
    queues.leave(book.position)
    writer = world.database.writer()
    await writer.begin()  # what a standby has that took over: another history, of the same length
    await writer.commit(("UPDATE orders SET number = 77 WHERE order_id = 'o2'", [()]))
    monkeypatch.setattr(writer, "connections", writer.connections + 1)
    again, _ = await load(world, Needs(vendors=(BAR,)), queues=queues)
    assert again.open_orders[BAR].numbers == {77}


async def test_a_recalled_order_is_open_again_where_it_was(world: World) -> None:
    queues = OpenOrdersCache()
    book, _ = await load(world, Needs(vendors=(BAR,)), queues=queues)
    queues.leave(book.position)
    recall = ChangeOrderStatus(order_id=OrderId("o1"), actor_id=BOSS, status=OrderStatus.READY)
    world.time = Instant(world.time + 60_000)
    await world.committer.submit(recall)
    for cache in (queues, OpenOrdersCache()):
        again, _ = await load(world, Needs(vendors=(BAR,)), queues=cache)
        assert list(again.open_orders[BAR]) == ["o1", "o2"], "in the order of placing"
        assert again.open_orders[BAR][OrderId("o1")].called_at == world.time
        assert again.open_orders[BAR][OrderId("o2")].called_at is None


async def test_a_batch_keeps_recalled_orders_in_their_order_and_their_rooms(world: World) -> None:
    """The committer's own open orders, from batch to batch, say the same as the database."""
    await world.committer.submit(JoinRoom(actor_id=ANNA, room=Room(order_id=OrderId("o1"))))
    steps = [OrderStatus.READY, OrderStatus.PREPARING]
    for status in steps:
        await world.committer.submit(ChangeOrderStatus(order_id=OrderId("o1"), actor_id=BOSS, status=status))
    o2 = await world.committer.submit(
        ChangeOrderStatus(order_id=OrderId("o2"), actor_id=BOSS, status=OrderStatus.PREPARING)
    )
    assert o2.reply.queue_position == 2
    book, _ = await load(world, Needs(rooms=(ANNA,)))
    assert book.finished == set()


async def test_a_stall_keeper_brings_the_stall(world: World) -> None:
    book, _ = await load(world, Needs(users=(UserId(BAR),)))
    assert set(book.vendors) == {BAR}
    assert set(book.open_orders[BAR]) == {"o2"}


async def test_rooms_bring_which_of_their_orders_are_finished(world: World) -> None:
    joined = [JoinRoom(actor_id=ANNA, room=Room(order_id=OrderId(each))) for each in ("o1", "o2")]
    for command in joined:
        await world.committer.submit(command)
    book, _ = await load(world, Needs(rooms=(ANNA,)))
    assert book.finished == {"o1"}
    assert not book.orders


async def test_a_top_up_code_brings_its_owner_and_the_wallet(world: World) -> None:
    book, _ = await load(world, Needs(top_up_codes=(code_key("code-anna"), code_key("code-nobody"))))
    assert set(book.users) == {ANNA}
    assert "user:anna" in book.accounts


async def test_an_order_brings_the_customer_the_stall_and_the_customers_own_stall(world: World) -> None:
    await world.add_user(UserId("grill"), Role.VENDOR)
    hire = AppointKeeper(actor_id=BOSS, vendor_id=VendorId("grill"), user_id=ANNA, part=Part.KEEPER)
    await world.committer.submit(hire)
    book, _ = await load(world, Needs(orders=(OrderId("o1"),)))
    assert set(book.orders) == {"o1"}
    assert set(book.users) == {ANNA}
    assert set(book.vendors) == set(book.open_orders) == {BAR, "grill"}
    assert book.open_orders[VendorId("grill")] == {}
    assert set(book.accounts) == {"user:anna", "till:bar", "till:grill", *SYSTEM}
    assert book.person(ANNA).stalls == {"grill": Part.KEEPER}


async def test_a_stall_brings_its_keepers_only_if_they_are_asked_for(world: World) -> None:
    for user_id, stall in ((ANNA, BAR), (UserId("ben"), BAR), (UserId("ben"), VendorId("grill"))):
        if stall != BAR:
            await world.add_user(UserId(stall), Role.VENDOR)
        elif user_id != ANNA:
            await world.add_user(user_id)
        await world.committer.submit(AppointKeeper(actor_id=BOSS, vendor_id=stall, user_id=user_id, part=Part.KEEPER))
    book, _ = await load(world, Needs(vendors=(BAR,)))
    assert (book.keepers, book.users) == ({}, {})
    for needs in (Needs(vendors=(BAR,), keepers_of=(BAR,)), Needs(users=(ANNA,), colleagues=(ANNA,))):
        book, _ = await load(world, needs)
        assert [keeper.user_id for keeper in book.keepers_of(BAR)] == ["anna", "bar", "ben"]
        assert book.person(UserId("ben")).stalls == {BAR: Part.KEEPER, "grill": Part.KEEPER}
        assert set(book.users) == {ANNA, "bar", "ben"}, "and nobody of the other stall"
    book, _ = await load(world, Needs(admins=(1,)))
    assert set(book.users) == {BOSS}


async def test_a_payment_request_brings_its_stall_and_its_items(world: World) -> None:
    wanted = (WantedLine(item_id=BEER, quantity=2),)
    await world.committer.submit(
        RequestPayment(request_id=PaymentRequestId("q1"), actor_id=UserId(BAR), wanted=wanted, expires_s=60)
    )
    book, _ = await load(world, Needs(payment_requests=(PaymentRequestId("q1"),)))
    assert (set(book.payment_requests), set(book.items)) == ({"q1"}, {BEER})
    assert set(book.vendors) == set(book.open_orders) == {BAR}
    assert set(book.accounts) == {"till:bar", *SYSTEM}


async def test_a_pairing_is_found_by_its_id_its_code_and_as_the_offer_of_its_stall(world: World) -> None:
    for number in (1, 2):
        await world.committer.submit(
            OfferPairing(actor_id=BOSS, vendor_id=BAR, pairing_id=PairingId(f"w{number}"), code_hash="c", name="Left")
        )
        if number == 1:
            await world.committer.submit(RequestPairing(code_hash="c", secret_hash="s"))
    for needs, found in (
        (Needs(pairings=(PairingId("w1"),)), {"w1"}),
        (Needs(pairing_codes=("c",)), {"w2"}),
        (Needs(offers=(BAR,)), {"w2"}),
    ):
        book, _ = await load(world, needs)
        assert (set(book.pairings), set(book.vendors)) == (found, {BAR})


async def test_what_may_be_many_is_counted_by_an_index_and_not_loaded(world: World) -> None:
    for number in range(3):
        item_id, display_id = ItemId(f"i{number}"), DisplayId(f"d{number}")
        await world.committer.submit(
            AddMenuItem(
                actor_id=BOSS, vendor_id=BAR, item_id=item_id, name="Nuts", description="", price=1, available=False
            )
        )
        await world.committer.submit(AddDisplay(actor_id=BOSS, vendor_id=BAR, display_id=display_id, name="Left"))
        await world.committer.submit(
            RequestPayout(actor_id=ANNA, payout_id=PayoutId(f"p{number}"), amount=1, note=None)
        )
    await world.committer.submit(ChangeMenuItem(actor_id=BOSS, item_id=ItemId("i0"), deleted=True))
    await world.committer.submit(RevokeDisplay(actor_id=BOSS, display_id=DisplayId("d0")))
    await world.committer.submit(
        SettlePayout(actor_id=BOSS, payout_id=PayoutId("p0"), status=PayoutStatus.COMPLETED, reason=None)
    )
    counted = Needs(
        menu_sizes=(BAR, VendorId("x")), display_counts=(BAR, VendorId("x")), payout_counts=(ANNA, UserId("x"))
    )
    book, _ = await load(world, counted)
    assert (book.menu_sizes, book.display_counts, book.payout_counts) == ({BAR: 3}, {BAR: 2}, {ANNA: 2})
    assert not any((book.items, book.displays, book.payouts))
    again = AddMenuItem(
        actor_id=BOSS, vendor_id=BAR, item_id=ItemId("i9"), name="", description="", price=1, available=True
    )
    together = [world.committer.submit(msgspec.structs.replace(again, item_id=ItemId(f"i9-{n}"))) for n in range(400)]
    outcomes = await asyncio.gather(*together, return_exceptions=True)
    assert sum(isinstance(outcome, MenuFull) for outcome in outcomes) == 400 - (RULES.menu_items_max - 3)
    book, _ = await load(world, counted)
    assert book.menu_sizes[BAR] == RULES.menu_items_max


async def test_counts_are_read_by_their_indexes(database: Database) -> None:
    async with World(database) as world:
        await world.ground()
    indexes = {"menu_sizes": "menu_items_on_menu", "display_counts": "displays_in_use", "payout_counts": "payouts_user"}
    for name, index in indexes.items():
        if database.dialect == "sqlite":
            assert f"INDEX {index} (" in await plan_of(database, (_LOADS[name].select, (["bar"],)))


async def test_what_does_not_exist_is_not_in_the_book(world: World) -> None:
    missing = Needs(
        users=(UserId("x"),), vendors=(VendorId("x"),), orders=(OrderId("x"),), tokens=("x",), vendor_codes=("x",)
    )
    book, kept = await load(world, missing, ("anna POST /v1/orders", "x"))
    assert not any((book.users, book.vendors, book.orders, book.tokens, book.vendor_codes, book.open_orders, kept))


async def test_kept_answers_are_found_by_scope_and_key(world: World) -> None:
    scope = "anna POST /v1/orders"
    _, kept = await load(world, Needs(), (scope, "k"), ("ben POST /v1/orders", "k"))
    assert set(kept) == {(scope, "k")}
