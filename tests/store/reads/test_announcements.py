"""Announcements as organisers, people and screens read them, and how many people each has reached."""

import random
from itertools import chain

import msgspec
import pytest

from festival_push.domain.rows import Announcement, Keeper, User, keeper_id
from festival_push.domain.topics import own_topics
from festival_push.domain.values import AnnouncementId, Audience, Instant, Part, Position, Role, UserId
from festival_push.domain.words.announcements import EditAnnouncement, WithdrawAnnouncement
from festival_push.store.database import Database
from festival_push.store.reads.reads import Reads
from tests.store.plans import Explaining, analyze
from tests.store.populated import populated
from tests.support.festival import ADMIN, ANNA, NOON, SUN, SUN_KEEPER, Put, announcement_of

HOUR = 3600 * 1000


def person(number: int, role: Role, *, read_up_to: int, suspended: bool) -> tuple[User | Keeper, ...]:
    """The rows of somebody who is this; a vendor keeps the sun."""
    user = User(
        user_id=UserId(f"p{number}"), name="P", pin_hash=None, admin=role is Role.ADMIN, top_up_code=f"P{number}",
        suspended=suspended, read_up_to=read_up_to, created_at=NOON,
    )  # fmt: skip
    if role is not Role.VENDOR:
        return (user,)
    key = keeper_id(SUN, user.user_id)
    return user, Keeper(keeper_id=key, vendor_id=SUN, user_id=user.user_id, part=Part.KEEPER, created_at=NOON)


def announcement(
    position: int, audience: Audience = Audience.ALL, *, hours_ago: float = 0, withdrawn: bool = False
) -> Announcement:
    return Announcement(
        announcement_id=AnnouncementId(f"a{position}"), message="Storm.", title=None, audience=audience,
        priority="normal", position=Position(position), created_at=Instant(NOON - int(hours_ago * HOUR)),
        created_by=ADMIN, withdrawn_at=NOON if withdrawn else None,
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
async def test_reach_counts_the_audience_and_those_who_have_read(database: Database, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311  # no secret
    people = [
        person(number, dice.choice(list(Role)), read_up_to=dice.randint(0, 400), suspended=dice.random() < 0.2)
        for number in range(60)
    ]
    made = [
        announcement(position, dice.choice(list(Audience)), withdrawn=dice.random() < 0.2)
        for position in sorted(dice.sample(range(1, 400), 25), reverse=True)
    ]
    async with populated(database) as festival:
        await festival.do([Put((*chain.from_iterable(people), *made))])
        reads = Reads(database)
        everyone = await reads.users(limit=200)
        assert len(everyone) == 65
        before, found = None, []
        while page := await reads.announcements(before=before, limit=7):
            assert len(page) <= 7
            found += page
            before = page[-1].announcement.position
    assert [each.announcement for each in found] == made
    for each in found:
        stalls_only = each.announcement.audience is Audience.VENDORS
        audience = [one for one in everyone if not one.user.suspended and (one.stalls or not stalls_only)]
        assert each.people == len(audience)
        assert each.have_read == sum(one.user.read_up_to >= each.announcement.position for one in audience)


async def test_there_may_be_no_announcement(database: Database) -> None:
    async with populated(database):
        reads = Reads(database)
        assert await reads.announcements(limit=9) == []
        assert await reads.standing_announcements([*Audience], since=Instant(0), limit=9) == []


async def test_what_stands_is_recent_for_this_audience_and_not_withdrawn(database: Database) -> None:
    made = (
        announcement(1, hours_ago=13), announcement(2, hours_ago=12), announcement(3, Audience.CUSTOMERS, hours_ago=2),
        announcement(4, Audience.VENDORS, hours_ago=2), announcement(5, withdrawn=True), announcement(6),
    )  # fmt: skip
    async with populated(database) as festival:
        await festival.do([Put(made)])
        reads, since = Reads(database), Instant(NOON - 12 * HOUR)
        for audiences, limit, positions in (
            ([Audience.ALL], 9, [6, 2]),
            ([Audience.ALL, Audience.CUSTOMERS], 9, [6, 3, 2]),
            ([Audience.ALL, Audience.VENDORS], 9, [6, 4, 2]),
            ([Audience.ALL, Audience.VENDORS], 2, [6, 4]),
        ):
            found = await reads.standing_announcements(audiences, since=since, limit=limit)
            assert [each.position for each in found] == positions


async def test_notifications_have_the_present_words_and_not_what_was_withdrawn(database: Database) -> None:
    first, second = announcement_of(Audience.ALL, number=1), announcement_of(Audience.CUSTOMERS, number=2)
    edit = EditAnnouncement(actor_id=ADMIN, announcement_id=first.announcement_id, message="Sun.")
    withdraw = WithdrawAnnouncement(actor_id=ADMIN, announcement_id=second.announcement_id)
    async with populated(database) as festival:
        await festival.do([first, second])
        reads = Reads(database)
        user = await reads.person(ANNA)
        assert user is not None
        listed = await reads.notifications(own_topics(user), limit=9)
        assert [each.announcement and each.announcement.message for each in listed] == ["Storm.", "Storm."]
        await festival.do([edit, withdraw])
        [left] = await reads.notifications(own_topics(user), limit=9)
        assert left.announcement is not None
        assert (left.announcement.message, left.row.position) == ("Sun.", left.announcement.position)
        assert await reads.notifications(own_topics(user), limit=1) == [left], "a page is as full as it can be"


async def test_announcements_are_read_from_indexes(database: Database) -> None:
    made = tuple(announcement(number, hours_ago=number, withdrawn=number % 3 == 0) for number in range(1, 1_000))
    people = tuple(person(number, Role.CUSTOMER, read_up_to=number, suspended=False) for number in range(1_000))
    async with populated(database) as festival:
        await festival.do([Put((*chain.from_iterable(people), *made))])
        await analyze(database)
        explaining = Explaining(database)
        reads = Reads(explaining)
        keeper = await Reads(database).person(SUN_KEEPER)
        assert keeper is not None
        assert len(await reads.standing_announcements([Audience.ALL], since=Instant(NOON - HOUR), limit=5)) == 1
        assert len(await reads.announcements(before=500, limit=5)) == 5
        assert await reads.notifications(own_topics(keeper), limit=5) == []
    standing, reached, listed = explaining.plans
    assert "announcements_standing" in standing
    assert "announcements_position" in reached
    assert "announcements_position" in listed
    scans = ("SCAN announcements", "SCAN a ", "Seq Scan on announcements")
    assert not any(scan in plan for plan in (standing, reached) for scan in scans)


async def test_an_announcement_comes_back_as_it_was_decided(database: Database) -> None:
    wish = announcement_of(Audience.VENDORS, number=1, title="Gas", priority="high")
    async with populated(database) as festival:
        committed = await festival.committer.submit(wish)
        [reached] = await Reads(database).announcements(limit=9)
        assert reached.announcement == committed.reply
        assert (committed.reply.position, reached.people, reached.have_read) == (committed.position, 2, 0)
        said = next(row for row in reversed(festival.rows) if row.type == "new-notification")
        told = msgspec.json.decode(said.data)
    assert (said.position, told["announcementId"]) == (committed.position, wish.announcement_id)
