"""People, menus, money and notifications, as pages read them."""

from collections.abc import Sequence

import msgspec
import pytest

from festival_push.domain.events import NewNotification
from festival_push.domain.log import LogRow
from festival_push.domain.money.funds import receipt_id
from festival_push.domain.money.held import AssignFunds
from festival_push.domain.people.keepers import AppointKeeper, DismissKeeper
from festival_push.domain.people.people import SpendToken
from festival_push.domain.people.relations import Person
from festival_push.domain.stalls.displays import AddDisplay, RevokeDisplay
from festival_push.domain.stalls.menus import ChangeMenuItem
from festival_push.domain.stalls.pairings import PAIRING_MS, RequestPairing
from festival_push.domain.topics import own_topics, role_topic, user_topic
from festival_push.domain.values import (
    HELD,
    AccountId,
    DisplayId,
    Instant,
    ItemId,
    PairingId,
    PairingStatus,
    Part,
    ReceiptId,
    Role,
    Topic,
    UserId,
    VendorId,
    till_account,
    user_account,
)
from festival_push.store.database import Database
from festival_push.store.reads.notifications import UNREAD_MAX, count_unread
from festival_push.store.reads.people import SessionSeen
from festival_push.store.reads.reads import Reads
from tests.store.plans import Explaining, analyze, plan_of
from tests.store.populated import populated
from tests.support.festival import (
    ADMIN,
    ANNA,
    AYRAN,
    BAR,
    BAR_KEEPER,
    BEER,
    BEN,
    FALAFEL,
    NOON,
    SUN,
    SUN_KEEPER,
    AnyCommand,
    Festival,
    Put,
    answering,
    funds_of,
    offer_of,
    order_of,
    top_up,
)

OPENED = Festival.opened()


async def test_people_are_found_by_id(database: Database) -> None:
    async with populated(database):
        reads = Reads(database)
        for user_id in OPENED.book.users:
            assert await reads.person(user_id) == OPENED.book.person(user_id)
        assert await reads.person(UserId("nobody")) is None


async def test_people_are_read_with_their_stalls_and_stalls_with_their_keepers(database: Database) -> None:
    async with populated(database) as festival:
        hire = AppointKeeper(actor_id=ADMIN, vendor_id=BAR, user_id=SUN_KEEPER, part=Part.KEEPER)
        await festival.do([hire, msgspec.structs.replace(hire, user_id=ANNA, part=Part.OWNER)])
        reads = Reads(database)
        keeper = await reads.person(SUN_KEEPER)
        assert keeper is not None
        assert list(keeper.stalls.items()) == [(SUN, Part.OWNER), (BAR, Part.KEEPER)]
        assert (await reads.caller("j", SUN_KEEPER))[1] == keeper
        assert {person.user_id: len(person.stalls) for person in await reads.users(limit=3)} == {
            SUN_KEEPER: 2, BEN: 0, BAR_KEEPER: 1,
        }  # fmt: skip
        seen = await reads.keepers(BAR)
        assert {each.user.user_id: each.keeper.part for each in seen} == {
            BAR_KEEPER: Part.OWNER, SUN_KEEPER: Part.KEEPER, ANNA: Part.OWNER,
        }  # fmt: skip
        await festival.do([DismissKeeper(actor_id=ADMIN, vendor_id=BAR, user_id=SUN_KEEPER)])
        assert len(await reads.keepers(BAR)) == 2
        assert (keeper := await reads.person(SUN_KEEPER)) is not None
        assert keeper.stalls == {SUN: Part.OWNER}
        await festival.do([hire, msgspec.structs.replace(hire, part=Part.OWNER)])
        assert (keeper := await reads.person(SUN_KEEPER)) is not None
        assert keeper.stalls == {SUN: Part.OWNER, BAR: Part.OWNER}
        assert await reads.keepers(VendorId("nowhere")) == []


@pytest.mark.parametrize("limit", [1, 2, 50])
async def test_people_are_listed_newest_first_also_those_of_one_instant(database: Database, limit: int) -> None:
    async with populated(database) as festival:
        newer = msgspec.structs.replace(OPENED.book.users[ANNA], created_at=Instant(NOON + 1))
        await festival.do([Put((newer,))])
        found: list[UserId] = []
        while page := await Reads(database).users(before=found[-1] if found else None, limit=limit):
            assert len(page) <= limit
            found += [user.user_id for user in page]
            assert len(found) <= 10  # a page that comes again would come for ever
    assert found == [ANNA, *sorted(set(OPENED.book.users) - {ANNA}, reverse=True)]


@pytest.mark.parametrize("search", ["Änne", "nne İP", "ANNA", "code-anna"])
async def test_people_are_found_by_what_is_written(database: Database, search: str) -> None:
    async with populated(database) as festival:
        named = msgspec.structs.replace(OPENED.book.users[ANNA], name="Änne İpek", top_up_code="CODE-ANNA")
        await festival.do([Put((named,))])
        reads = Reads(database)
        assert await reads.users(search=search, limit=5) == [Person(named)]
        assert await reads.users(search=search, before=ANNA, limit=5) == []


async def test_screens_and_spent_tokens(database: Database) -> None:
    async with populated(database) as festival:
        left = DisplayId("left")
        add = AddDisplay(actor_id=SUN_KEEPER, vendor_id=SUN, display_id=left, name="Left")
        await festival.do([add, SpendToken(jti="j1", expires_at=NOON)])
        reads = Reads(database)
        assert (display := await reads.display(left)) is not None
        assert (display.vendor_id, display.revoked) == (SUN, False)
        await festival.do([RevokeDisplay(actor_id=SUN_KEEPER, display_id=left)])
        assert (display := await reads.display(left)) is not None
        assert display.revoked
        assert await reads.display(DisplayId("nothing")) is None
        assert [(await reads.session_seen(jti)).ended for jti in ("j1", "j2")] == [True, False]
        anna = await reads.person(ANNA)
        assert await reads.caller("j1", ANNA) == (SessionSeen(ended=True, last_seen_at=None), anna)
        assert await reads.caller("j2", ANNA) == (SessionSeen(ended=False, last_seen_at=None), anna)
        assert await reads.caller("j1", UserId("nobody")) == (SessionSeen(ended=True, last_seen_at=None), None)


async def test_a_pairing_is_read_by_its_id(database: Database) -> None:
    async with populated(database) as festival:
        pairing_id = PairingId("w1")
        await festival.do([offer_of(1), RequestPairing(code_hash="code", secret_hash="secret")])
        reads = Reads(database)
        assert (pairing := await reads.pairing(pairing_id)) is not None
        assert (pairing.vendor_id, pairing.secret_hash, pairing.display_id) == (SUN, "secret", None)
        await festival.do([answering(pairing_id)])
        assert (pairing := await reads.pairing(pairing_id)) is not None
        assert (pairing.status, pairing.display_id) == (PairingStatus.CONFIRMED, "of-w1")
        assert await reads.display(DisplayId("of-w1")) is not None
        assert await reads.pairing(PairingId("nothing")) is None


async def test_the_pairings_that_wait_for_a_stall_are_read_from_an_index_until_they_expire(database: Database) -> None:
    async with populated(database) as festival:
        for number, (keeper, stall) in enumerate([(SUN_KEEPER, SUN), (SUN_KEEPER, SUN), (BAR_KEEPER, BAR)]):
            await festival.do([offer_of(number, keeper, stall), RequestPairing(code_hash="code", secret_hash="secret")])
        await festival.do([offer_of(9)])
        await analyze(database)
        reads = Reads(explaining := Explaining(database))

        async def waiting(now: int, limit: int = 10) -> list[str]:
            return [each.pairing_id for each in await reads.waiting_pairings(SUN, now=Instant(now), limit=limit)]

        assert await waiting(NOON) == ["w1", "w0"]
        assert await waiting(NOON, limit=1) == ["w1"]
        await festival.do([answering(PairingId("w1"))])
        assert await waiting(NOON + PAIRING_MS - 1) == ["w0"]
        assert await waiting(NOON + PAIRING_MS) == []
    if database.dialect == "sqlite":  # the other one reads so few rows without
        assert all("pairings_expiry" in plan for plan in explaining.plans)


async def test_stalls_and_menus(database: Database) -> None:
    async with populated(database) as festival:
        reads = Reads(database)
        assert await reads.vendors() == [OPENED.book.vendors[BAR], OPENED.book.vendors[SUN]]
        assert await reads.vendor(SUN) == OPENED.book.vendors[SUN]
        assert await reads.vendor(VendorId("nobody")) is None
        assert {item.item_id for item in await reads.menu(SUN)} == {FALAFEL, AYRAN}
        assert await reads.menu(VendorId("nobody")) == []
        assert await reads.item(BEER) == OPENED.book.items[BEER]
        await festival.do([ChangeMenuItem(actor_id=SUN_KEEPER, item_id=FALAFEL, available=False)])
        assert {item.item_id for item in await reads.menu(SUN)} == {FALAFEL, AYRAN}
        await festival.do([ChangeMenuItem(actor_id=SUN_KEEPER, item_id=FALAFEL, deleted=True)])
        assert {item.item_id for item in await reads.menu(SUN)} == {AYRAN}
        assert await reads.item(FALAFEL) is None
        assert await reads.item(ItemId("nothing")) is None


MONEY: list[AnyCommand] = [
    top_up(ANNA, 9_000, number=1),
    order_of(FALAFEL, 1, number=2),
    funds_of(500, external_id="a", number=3, user_id=None),
    order_of(BEER, 2, number=4),
    top_up(BEN, 100, number=5),
    funds_of(600, external_id="b", number=6, user_id=None),
    funds_of(700, external_id="c", number=7),
]


@pytest.mark.parametrize("limit", [1, 2, 50])
async def test_an_accounts_transfers_are_paged_newest_first(database: Database, limit: int) -> None:
    festival_in_memory = Festival.opened()
    for command in MONEY:
        festival_in_memory.do(command)
    async with populated(database) as festival:
        await festival.do(MONEY)
        for account_id in (user_account(ANNA), till_account(SUN), HELD, AccountId("fees"), AccountId("nobody")):
            found, before = [], None
            while page := await Reads(database).transactions(account_id, before=before, limit=limit):
                assert len(page) <= limit
                found += page
                before = page[-1].seq
                assert len(found) <= 50  # as above
            assert found == [
                transfer
                for transfer in reversed(festival_in_memory.transfers)
                if account_id in (transfer.debit, transfer.credit)
            ]


async def test_a_list_costs_the_same_however_much_was_taken_off_it(database: Database) -> None:
    async with populated(database):
        explaining = Explaining(database)
        assert await Reads(explaining).menu(SUN)
        await Reads(explaining).displays(SUN, limit=5)
    if database.dialect == "sqlite":  # PostgreSQL's planner looks at a few rows without an index
        menu, displays = explaining.plans
        assert "menu_items_on_menu" in menu
        assert "displays_in_use" in displays
        assert "TEMP B-TREE" not in menu + displays


async def test_money_is_read_from_indexes(database: Database) -> None:
    async with populated(database) as festival:
        await festival.do([MONEY[0], *(order_of(AYRAN, 1, number=number) for number in range(100, 140))])
        await festival.do(
            [funds_of(1, external_id=f"x{number}", number=number, user_id=None) for number in range(200, 600)]
        )
        await analyze(database)
        explaining = Explaining(database)
        assert len(await Reads(explaining).transactions(user_account(BEN), before=300, limit=5)) == 0
        (newest, *_) = await Reads(explaining).held(limit=5)
        assert len(await Reads(explaining).held(before=newest.receipt.receipt_id, limit=5)) == 5
    transactions, held, older = explaining.plans
    assert "transfers_debit" in transactions
    assert "transfers_credit" in transactions
    assert "receipts_held" in held
    assert "receipts_held" in older
    assert not any(word in plan for plan in explaining.plans for word in ("Seq Scan", "SCAN transfers"))


async def test_money_without_an_owner_is_listed_until_it_has_one(database: Database) -> None:
    async with populated(database) as festival:
        await festival.do(MONEY)
        reads = Reads(database)
        held = await reads.held(limit=10)
        assert {wanted.receipt.external_id for wanted in held} == {"a", "b"}
        ids = [wanted.receipt.receipt_id for wanted in held]
        assert ids == sorted(ids, reverse=True)
        assert await reads.held(limit=1) == held[:1]
        assert await reads.held(before=held[0].receipt.receipt_id, limit=10) == held[1:]
        assert await reads.held(before=held[1].receipt.receipt_id, limit=10) == []
        assert await reads.held(before=ReceiptId("nothing"), limit=10) == []
        await festival.do([AssignFunds(actor_id=ADMIN, funds_id=receipt_id("zeffy", "a"), user_id=BEN)])
        assert {wanted.receipt.external_id for wanted in await reads.held(limit=10)} == {"b"}


async def unread(database: Database, topics: Sequence[Topic], after: int) -> int:
    """How many notifications a snapshot, which reads them with much else, would count."""
    [[(count,)]] = await database.read(count_unread(topics, after))
    return int(count)


async def rows_of(reads: Reads, topics: Sequence[Topic], *, before: int | None = None, limit: int) -> list[LogRow]:
    """A page of notifications, none of which is an announcement."""
    found = await reads.notifications(topics, before=before, limit=limit)
    assert {each.announcement for each in found} <= {None}
    return [each.row for each in found]


async def test_notifications_are_paged_newest_first_and_counted(database: Database) -> None:
    async with populated(database) as festival:
        await festival.do(MONEY)
        reads = Reads(database)
        for topics in (
            [user_topic(ANNA)],
            [role_topic(Role.ADMIN)],
            own_topics(OPENED.book.person(ADMIN)),
            [Topic("all")],
        ):
            expected = [
                row
                for row in reversed(festival.rows)
                if row.type == NewNotification.TYPE and set(row.topics) & set(topics)
            ]
            assert await rows_of(reads, topics, limit=50) == expected
            assert await unread(database, topics, 0) == len(expected)
            for seen, row in enumerate(expected):
                older = await rows_of(reads, topics, before=row.position, limit=1)
                assert older == expected[seen + 1 : seen + 2]
                assert await unread(database, topics, row.position) == seen
        assert await unread(database, [user_topic(ANNA)], 0) == 4


async def test_a_notification_under_several_topics_is_one(database: Database) -> None:
    async with populated(database) as festival:
        await festival.do(MONEY)
        before = await unread(database, [user_topic(ANNA), user_topic(BEN)], 0)
        (position,) = [
            row.position for row in festival.rows if row.type == NewNotification.TYPE and user_topic(BEN) in row.topics
        ]
        await festival.write(
            "INSERT INTO log_topics (topic, position, notice) VALUES ($1, $2, 1)", user_topic(ANNA), position
        )
        assert await unread(database, [user_topic(ANNA), user_topic(BEN)], 0) == before
        assert len(await Reads(database).notifications([user_topic(ANNA), user_topic(BEN)], limit=50)) == before


async def test_counting_the_unread_is_bounded_and_reads_notifications_only(database: Database) -> None:
    async with populated(database) as festival:
        writer = festival.database.writer()
        await writer.begin()
        positions = range(1_000, 1_000 + UNREAD_MAX * 10)
        await writer.commit((
            "INSERT INTO log_topics (topic, position, notice) VALUES ($1, $2, $3)",
            [("role:admin", position, int(position % 8 == 0)) for position in positions],
        ))  # fmt: skip
        await analyze(database)
        assert await unread(database, [Topic("role:admin")], 0) == UNREAD_MAX
        plan = await plan_of(database, count_unread([Topic("role:admin"), Topic("all")], 0))
    assert plan.count("log_topics_notices") == 2
    assert "SCAN log_topics" not in plan
    assert "Seq Scan on log_topics" not in plan
