"""The one-snapshot profile: what a page shows, and that events bring an old page to where a new one is."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from festival_push.domain.log import LogRow
from festival_push.domain.open_orders import QUEUED, band
from festival_push.domain.orders.rows import Order
from festival_push.domain.people.keepers import AppointKeeper
from festival_push.domain.people.relations import Person
from festival_push.domain.stalls.menus import AddMenuItem
from festival_push.domain.topics import own_topics
from festival_push.domain.values import OrderId, OrderStatus, Part, UserId
from festival_push.store.database import Database
from festival_push.store.log import EventLog
from festival_push.store.reads.reads import FINISHED_MAX, Profile, Reads
from tests.store.plans import Explaining, analyze
from tests.store.populated import Populated, populated, populated_file
from tests.support.festival import (
    ADMIN,
    ANNA,
    BAR,
    BAR_KEEPER,
    BEER,
    BEN,
    FALAFEL,
    NOON,
    OPENING,
    SUN,
    SUN_KEEPER,
    AnyCommand,
    Put,
    coming,
    funds_of,
    order_of,
    step,
    top_up,
    wishes,
)

KINDS = {"wallet": "user", "till": "till", "allowance": "allowance"}
READY, COMPLETED, CANCELLED = OrderStatus.READY, OrderStatus.COMPLETED, OrderStatus.CANCELLED


async def profile_of(reads: Reads, user_id: UserId) -> Profile:
    profile = await reads.profile(user_id)
    assert profile is not None
    return profile


def ids(profile: Profile) -> list[tuple[str, int | None]]:
    return [(seen.order.order_id, seen.queue_position) for seen in profile.orders]


async def test_a_customer_sees_wallet_orders_and_queue(database: Database) -> None:
    async with populated(database) as festival:
        await festival.do([top_up(BEN, 5_000, number=1), order_of(FALAFEL, 1, customer_id=BEN, number=2)])
        await festival.do([top_up(ANNA, 5_000, number=3), order_of(FALAFEL, 2, number=4), order_of(BEER, 1, number=5)])
        await festival.do([step(order_of(BEER, 1, number=5).order_id, BAR_KEEPER, READY)])
        profile = await profile_of(Reads(database), ANNA)
        head = await EventLog(database).head()
    assert (profile.position, profile.epoch) == (head.position, head.epoch)
    assert (profile.person.user_id, profile.stall, profile.balance) == (ANNA, None, 5_000 - 1_300 - 450)
    assert ids(profile) == [("o5", None), ("o4", 2)]
    assert profile.unread == 4  # the top-up, two payments, and the call to the stall


async def test_who_waits_is_given_a_measured_time_or_the_stalls_own(database: Database) -> None:
    async with populated(database) as festival:
        await festival.do(
            [top_up(ANNA, 9_000, number=1), *(order_of(FALAFEL, 1, number=number) for number in (2, 3, 4))]
        )
        steps = [step(OrderId(f"o{number}"), SUN_KEEPER, OrderStatus.PREPARING) for number in (3, 4)]
        await festival.do([msgspec.structs.replace(steps[0], estimated_time=30), order_of(BEER, 1, number=5)])
        reads = Reads(database)
        assert await estimates(reads) == [("o5", None), ("o4", None), ("o3", 30), ("o2", None)]
        stall = (await profile_of(reads, SUN_KEEPER)).stall
        assert stall is not None
        await festival.do([Put((msgspec.structs.replace(stall.vendor, pace_ms=90_000, measured=5),))])
        assert await estimates(reads) == [("o5", None), ("o4", 5), ("o3", 30), ("o2", 2)]
        await festival.do([step(OrderId("o2"), SUN_KEEPER, READY)])
        assert dict(await estimates(reads))["o2"] is None, "it is there"
        stall = (await profile_of(reads, SUN_KEEPER)).stall
        assert stall is not None
        assert (stall.vendor.pace_ms, stall.vendor.measured, stall.vendor.free_at) == (75_000, 6, NOON), (
            "it was ready at once"
        )


async def estimates(reads: Reads) -> list[tuple[str, int | None]]:
    """Anna's orders and their times: on her page, in her list, and one by one."""
    page = [(seen.order.order_id, seen.estimated_time) for seen in (await profile_of(reads, ANNA)).orders]
    listed = [(seen.order.order_id, seen.estimated_time) for seen in await reads.orders(user_id=ANNA, limit=50)]
    single = [await reads.order(OrderId(order_id)) for order_id, _ in page]
    assert page == listed == [(seen.order.order_id, seen.estimated_time) for seen in single if seen is not None]
    return [(str(order_id), minutes) for order_id, minutes in page]


async def test_what_was_read_is_not_counted_as_unread(database: Database) -> None:
    async with populated(database) as festival:
        await festival.do([top_up(ANNA, 5_000, number=1), order_of(FALAFEL, 1, number=2)])
        reads = Reads(database)
        profile = await profile_of(reads, ANNA)
        assert profile.unread == 2
        (newest, oldest) = await reads.notifications(own_topics(profile.person), limit=10)
        for seen, unread in ((oldest, 1), (newest, 0)):
            await festival.do([Put((msgspec.structs.replace(profile.person.user, read_up_to=seen.row.position),))])
            assert (await profile_of(reads, ANNA)).unread == unread


async def test_a_stall_keeper_sees_the_stall(database: Database) -> None:
    async with populated(database) as festival:
        await festival.do([top_up(ANNA, 5_000, number=1), order_of(FALAFEL, 1, number=2), order_of(BEER, 1, number=3)])
        await festival.do(
            [order_of(FALAFEL, 1, number=4), step(order_of(FALAFEL, 1, number=2).order_id, SUN_KEEPER, READY)]
        )
        profile = await profile_of(Reads(database), SUN_KEEPER)
    assert profile.stall is not None
    assert (profile.stall.vendor.vendor_id, profile.balance) == (SUN, 2 * (650 - 16))
    assert ids(profile) == [("o4", 1), ("o2", None)]
    assert profile.unread == 0


async def test_a_second_keeper_sees_the_same_stall_and_its_till(database: Database) -> None:
    async with populated(database) as festival:
        await festival.do([top_up(ANNA, 5_000, number=1), order_of(FALAFEL, 1, number=2)])
        hire = AppointKeeper(actor_id=ADMIN, vendor_id=SUN, user_id=BEN, part=Part.KEEPER)
        await festival.do([top_up(BEN, 2_000, number=3), order_of(BEER, 1, customer_id=BEN, number=4), hire])
        profile = await profile_of(Reads(database), BEN)
        assert (profile.balance, ids(profile)) == (634, [("o2", 1)])
        assert (profile.wallet, [seen.order.order_id for seen in profile.ordered]) == (1_550, ["o4"]), "and their own"
        assert [(seen.vendor.vendor_id, seen.part, seen.balance) for seen in profile.stalls] == [
            (SUN, Part.KEEPER, 634)
        ]
        await festival.do([msgspec.structs.replace(hire, vendor_id=BAR, part=Part.OWNER)])
        profile = await profile_of(Reads(database), BEN)
    assert [(seen.vendor.vendor_id, seen.part, seen.balance) for seen in profile.stalls] == [
        (BAR, Part.OWNER, 439), (SUN, Part.KEEPER, 634),
    ]  # fmt: skip
    assert (profile.stall, profile.balance, ids(profile)) == (profile.stalls[0], 439, [("o4", 1)])


async def test_all_open_orders_and_only_the_newest_finished_ones_are_shown(database: Database) -> None:
    async with populated(database) as festival:
        await festival.do([top_up(ANNA, 19_000, number=1), order_of(FALAFEL, 1, number=2)])
        for number in range(100, 100 + FINISHED_MAX + 3):
            wish = order_of(FALAFEL, 1, number=number)
            await festival.do(
                [wish, step(wish.order_id, SUN_KEEPER, READY), step(wish.order_id, SUN_KEEPER, COMPLETED)]
            )
        for user_id in (ANNA, SUN_KEEPER):
            profile = await profile_of(Reads(database), user_id)
            newest = [(f"o{number}", None) for number in range(100 + FINISHED_MAX + 2, 102, -1)]
            assert ids(profile) == [*newest, ("o2", 1)]


async def test_an_unknown_person_has_no_profile(database: Database) -> None:
    assert await Reads(database).profile(UserId("nobody")) is None


async def test_a_person_whose_stall_changed_meanwhile_is_read_again(database: Database) -> None:
    async with populated(database) as festival:
        await festival.do([top_up(ANNA, 5_000, number=1), order_of(BEER, 1, number=2)])
        hire = AppointKeeper(actor_id=ADMIN, vendor_id=BAR, user_id=BEN, part=Part.KEEPER)

        class Moved(Reads):
            async def person(self, user_id: UserId) -> Person | None:
                found = await super().person(user_id)
                await festival.do([hire])
                return found

        profile = await profile_of(Moved(database), BEN)
    assert profile.stall is not None
    assert (profile.stall.vendor.vendor_id, ids(profile)) == (BAR, [("o2", 1)])


async def test_a_profile_is_read_from_indexes(database: Database) -> None:
    async with populated(database) as festival:
        await festival.do([top_up(ANNA, 5_000, number=1), order_of(FALAFEL, 1, number=2)])
        await analyze(database)
        explaining = Explaining(database)
        for user_id in (ANNA, SUN_KEEPER):
            await profile_of(Reads(explaining), user_id)
    if database.dialect == "sqlite":  # PostgreSQL rightly scans tables of three rows
        scans = {line for plan in explaining.plans for line in plan.splitlines() if line.startswith("SCAN")}
        assert {line for line in scans if "orders" in line or "event_log" in line or "log_topics" in line} == set()


def folded_queue_positions(profile: Profile, rows: list[LogRow]) -> dict[str, int]:
    """The queue positions that an old page shows after the events since."""
    shown: dict[str, int | None] = {str(seen.order.order_id): seen.queue_position for seen in profile.orders}
    for row in rows:
        data = json.loads(row.data)
        if row.type == "queue-updated":
            shown[data["orderId"]] = data["queuePosition"]
        elif row.type == "order-status-changed" and data["status"] not in QUEUED:
            shown[data["orderId"]] = None
    return {order_id: position for order_id, position in shown.items() if position is not None}


def with_lines_back(order: Order, back: Mapping[int, int]) -> Order:
    """An order after so many of its lines were given back, by their index; of a cancelled one it is all of each."""
    lines = [
        msgspec.structs.replace(line, refunded=(line.refunded or 0) + back.get(at, 0) if back else line.quantity)
        if at in back or not back
        else line
        for at, line in enumerate(order.lines)
    ]
    return msgspec.structs.replace(order, lines=tuple(lines))


def folded(profile: Profile, rows: list[LogRow], announced: Mapping[str, int]) -> tuple[int, dict[str, Order], int]:
    """An old page after the events since: balance, orders, unread notifications.

    `announced` has the position of each announcement's notification, which a page knows from its list.
    """
    balance, unread, read_up_to = profile.balance, profile.unread, profile.person.user.read_up_to
    orders = {str(seen.order.order_id): seen.order for seen in profile.orders}
    owner = profile.person.account_id
    for row in rows:
        data = json.loads(row.data)
        if row.type == "balance-updated" and f"{KINDS[data['account']]}:{data['userId']}" == owner:
            assert data["oldBalance"] == balance
            balance = data["newBalance"]
        elif row.type == "order-status-changed" and (order := orders.get(data["orderId"])):
            status = OrderStatus(data["status"])
            changes: dict[str, Any] = {"status": status, "estimated_time": data["estimatedTime"]}
            changes["completed_at"] = row.at if status is COMPLETED else None
            if status is READY:
                changes |= {"ready_at": order.ready_at or row.at, "called_at": row.at, "coming_at": None}
            orders[order.order_id] = msgspec.structs.replace(order, **changes, reason=data.get("reason", order.reason))
            if status is CANCELLED:
                orders[order.order_id] = with_lines_back(orders[order.order_id], {})
        elif row.type == "order-refunded" and "lines" in data and (order := orders.get(data["orderId"])):
            orders[order.order_id] = with_lines_back(order, {line["index"]: line["quantity"] for line in data["lines"]})
        elif row.type == "customer-coming" and (order := orders.get(data["orderId"])):
            orders[order.order_id] = msgspec.structs.replace(order, coming_at=row.at)
        elif row.type == "queue-updated" and (order := orders.get(data["orderId"])):
            orders[order.order_id] = msgspec.structs.replace(order, estimated_time=data["estimatedTime"])
        elif row.type == "new-notification":
            unread += 1
        elif row.type == "notifications-read":
            unread, read_up_to = data["unread"], data["upTo"]
        elif row.type == "announcement-withdrawn":
            unread -= announced[data["announcementId"]] > read_up_to
    return balance, orders, unread


async def check_zulips_law(festival: Populated, first: list[AnyCommand], then: list[AnyCommand]) -> None:
    """Snapshot + events after it = newer snapshot; for everyone at once."""
    reads, log = Reads(festival.database), EventLog(festival.database)
    people = [ANNA, BEN, ADMIN, SUN_KEEPER, BAR_KEEPER]
    await festival.do(first)
    older = {user_id: await profile_of(reads, user_id) for user_id in people}
    await festival.do(then)
    [found] = await festival.database.read(("SELECT announcement_id, position FROM announcements", ()))
    announced: dict[str, int] = {announcement_id: position for announcement_id, position in found}
    for user_id in people:
        newer = await profile_of(reads, user_id)
        if newer.person.account_id != older[user_id].person.account_id:
            continue  # given a stall, or without it: another page, which is loaded anew
        topics = own_topics(newer.person)
        rows = (await log.read_after(topics, older[user_id].position, newer.position, 10_000)).rows
        balance, orders, unread = folded(older[user_id], rows, announced)
        assert (balance, unread) == (newer.balance, newer.unread)
        known = {seen.order.order_id: seen.order for seen in newer.orders}
        for order_id, order in orders.items():
            if order_id in known:
                fields = ["status", "reason", "number", "total", "lines"]
                fields += ["ready_at", "called_at", "coming_at", "completed_at"]
                if known[order.order_id].estimated_time is not None:  # what the stall said; what is measured comes near
                    fields.append("estimated_time")
                assert [getattr(order, name) for name in fields] == [
                    getattr(known[order.order_id], name) for name in fields
                ]
        if not newer.person.stalls:  # stalls see their queue whole, and are told of no queue position
            true = {str(seen.order.order_id): seen.queue_position for seen in newer.orders}
            for order_id, position in folded_queue_positions(older[user_id], rows).items():
                now = true[order_id]
                assert now is not None
                assert band(now) == band(position), "among the first ten it is the very position"
        told = {json.loads(row.data)["orderId"] for row in rows if row.type == "order-status-changed"}
        assert {*known} <= {*orders, *told}  # no order appears without an event


@given(st.data())
@settings(max_examples=25)
def test_a_snapshot_and_the_events_after_it_are_a_newer_snapshot(data: st.DataObject) -> None:
    first, then = wishes_in_two(data)

    async def run() -> None:
        with TemporaryDirectory() as folder:
            async with populated_file(str(Path(folder) / "festival.db")) as festival:
                await check_zulips_law(
                    festival, [top_up(ANNA, 8_000, number=1), top_up(BEN, 8_000, number=2), *first], then
                )

    asyncio.run(run())


def wishes_in_two(data: st.DataObject) -> tuple[list[AnyCommand], list[AnyCommand]]:
    commands = data.draw(wishes(max_size=24))
    cut = data.draw(st.integers(0, len(commands)))
    return commands[:cut], commands[cut:]


async def test_the_law_holds_on_both_databases(database: Database) -> None:
    again = [command for command in OPENING if not isinstance(command, AddMenuItem)]  # an item's id is taken
    async with populated(database) as festival:
        orders = [order_of(FALAFEL, 1, number=number) for number in (10, 11, 12)]
        first = orders[0].order_id
        steps = [step(first, SUN_KEEPER, READY), step(orders[1].order_id, SUN_KEEPER, CANCELLED, "burnt")]
        steps += [step(first, SUN_KEEPER, COMPLETED), step(first, SUN_KEEPER, READY)]
        await check_zulips_law(
            festival,
            [top_up(ANNA, 5_000, number=1), *orders[:2]],
            [*steps, coming(first), orders[2], funds_of(700, external_id="p", number=2), *again],
        )
