"""Finding guests, as the desk types and scans: the surest first, by indexes, on both databases."""

import msgspec
import pytest

from festival_push.domain.people.keepers import AppointKeeper
from festival_push.domain.people.name_words import words_of
from festival_push.domain.people.people import AddUser
from festival_push.domain.rows import User
from festival_push.domain.values import Instant, OrderId, OrderStatus, Part, Role, UserId
from festival_push.store.database import Database
from festival_push.store.reads.guests.finding import RECENT_MS
from festival_push.store.reads.reads import Reads
from tests.store.plans import Explaining, analyze
from tests.store.populated import Populated, populated
from tests.support.festival import (
    ADMIN,
    ANNA,
    BAR,
    BAR_KEEPER,
    BEER,
    BEN,
    FALAFEL,
    NOON,
    SUN_KEEPER,
    Put,
    order_of,
    step,
    top_up,
)

NAMES = {
    "u1": "Anna-Lena Müller",
    "u2": "Hannah Mulligan",
    "u3": "José García",
    "u4": "Joséphine O'Brien",
    "u5": "Annabel Annason",
    "u6": "100% Müll_er",
}


async def guests(festival: Populated) -> None:
    """Six people with names of all sorts."""
    await festival.do(
        AddUser(user_id=UserId(key), role=Role.CUSTOMER, name=name, pin_hash=None, top_up_code=f"K7MPX3WD{key}")
        for key, name in NAMES.items()
    )


async def found(festival: Populated, text: str, *, limit: int = 10, now: int = NOON) -> list[str]:
    reads = Reads(festival.database)
    return [each.person.user_id for each in await reads.find_people(text, now=Instant(now), limit=limit)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("anna", ["anna", "u1", "u5"]),
        ("ANNA", ["anna", "u1", "u5"]),  # not Hannah: words are found by how they begin
        ("mull", ["u6", "u1", "u2"]),
        ("MÜLLER", ["u1"]),
        ("mül lena", ["u1"]),
        ("lena anna mul", ["u1"]),
        ("anna mulligan", []),
        ("jose", ["u3", "u4"]),
        ("jose gar", ["u3"]),
        ("obrien", ["u4"]),
        ("O\u2019Brien", ["u4"]),
        ("100%", ["u6"]),
        ("%", []),
        ("_", []),
        ('"', []),
        ("🌞", []),
        ("zz", []),
    ],
)
async def test_names(database: Database, text: str, expected: list[str]) -> None:
    async with populated(database) as festival:
        await guests(festival)
        assert await found(festival, text) == expected


async def test_a_code_however_it_is_typed_and_an_id(database: Database) -> None:
    async with populated(database) as festival:
        await guests(festival)
        for text in ("K7MPX3WDU1", "k7mp-x3wd-u1", " k7mp x3wd u 1", "K7MPX3WDUl"):
            assert await found(festival, text) == ["u1"]
        assert await found(festival, "u2") == ["u2"]
        assert await found(festival, "K7MPX3WD") == [], "not a part of a code: money goes to nobody by guess"


async def test_the_code_comes_before_the_name(database: Database) -> None:
    async with populated(database) as festival:
        await guests(festival)
        anna = AddUser(user_id=UserId("z"), role=Role.CUSTOMER, name="Zoe", pin_hash=None, top_up_code="ANNA")
        await festival.do([anna])
        assert await found(festival, "anna") == ["z", "anna", "u1", "u5"]
        assert await found(festival, "anna", limit=2) == ["z", "anna"]


async def test_pickup_numbers_of_open_orders_and_of_those_just_handed_out(database: Database) -> None:
    async with populated(database) as festival:
        await festival.do([top_up(ANNA, 9_000, number=1), top_up(BEN, 9_000, number=2)])
        await festival.do([order_of(BEER, 1, customer_id=ANNA, number=3), order_of(BEER, 1, customer_id=BEN, number=4)])
        await festival.do([order_of(FALAFEL, 1, customer_id=ANNA, number=5)])
        reads = Reads(festival.database)
        both = await reads.find_people("1", now=NOON, limit=10)
        assert [(each.person.user_id, each.order and each.order.vendor_name) for each in both] == [
            ("anna", "Sun"), ("anna", "Bar"),
        ]  # fmt: skip
        assert [(each.order and each.order.number, each.balance) for each in both] == [(1, 7_900), (1, 7_900)]
        assert await found(festival, "#2") == ["ben"]
        assert await found(festival, "2", limit=1) == ["ben"]
        for status in (OrderStatus.READY, OrderStatus.COMPLETED):
            await festival.do([step(OrderId("o4"), BAR_KEEPER, status)])
            assert await found(festival, "2") == ["ben"], "whoever has got the wrong food comes back"
        assert await found(festival, "2", now=NOON + RECENT_MS + 1) == []
        await festival.do([step(OrderId("o3"), ADMIN, OrderStatus.CANCELLED)])
        assert await found(festival, "1") == ["anna"]
        assert await found(festival, "99999999999999999999999") == []
        assert await found(festival, "007") == []


async def test_people_come_with_their_parts_and_the_erased_not_at_all(database: Database) -> None:
    async with populated(database) as festival:
        await guests(festival)
        await festival.do([AppointKeeper(actor_id=ADMIN, vendor_id=BAR, user_id=SUN_KEEPER, part=Part.KEEPER)])
        [sun] = await Reads(festival.database).find_people("sun", now=NOON, limit=5)
        assert len(sun.person.stalls) == 2
        known = await Reads(festival.database).person(UserId("u3"))
        assert known is not None
        await festival.do([Put((msgspec.structs.replace(known.user, erased_at=NOON),))])
        assert await found(festival, "jose") == ["u4"]


async def test_a_name_that_changes_is_found_by_its_new_words_alone(database: Database) -> None:
    async with populated(database) as festival:
        await guests(festival)
        known = await Reads(festival.database).person(UserId("u3"))
        assert known is not None

        async def renamed(user: User, name: str) -> User:
            changed = msgspec.structs.replace(user, name=name, name_words=words_of(name))
            await festival.do([Put((changed,))])
            return changed

        changed = await renamed(known.user, "Zoë")
        assert await found(festival, "zoe") == ["u3"]
        assert await found(festival, "garcia") == []
        await renamed(changed, "...")
        assert await found(festival, "zoe") == []


async def test_the_search_reads_indexes(database: Database) -> None:
    async with populated(database) as festival:
        await festival.do(
            AddUser(
                user_id=UserId(f"g{number}"), role=Role.CUSTOMER, name=f"Anna Guest{number}", pin_hash=None,
                top_up_code=f"G{number}",
            )
            for number in range(400)
        )  # fmt: skip
        await analyze(database)
        explaining = Explaining(database)
        reads = Reads(explaining)
        for text in ("anna guest39", "G7"):
            await reads.find_people(text, now=NOON, limit=10)
        for plan in (plan for plan in explaining.plans if "keepers" not in plan):  # of those who are found, all is read
            assert "SCAN users" not in plan
            assert "Seq Scan on users" not in plan
            assert "SCAN led\n" not in plan
            assert "Seq Scan on name_words led" not in plan
