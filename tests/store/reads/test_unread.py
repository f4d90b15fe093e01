"""What the committer knows of unread notifications when someone marks them read."""

import pytest

from festival_push.domain.refusals import NotFound
from festival_push.domain.topics import own_topics, user_topic
from festival_push.domain.values import Audience, UserId
from festival_push.domain.words.announcements import WithdrawAnnouncement
from festival_push.domain.words.notifications import MarkRead
from festival_push.store.database import Database
from festival_push.store.reads.reads import Reads
from festival_push.store.writing.answers import Committed
from tests.store.populated import populated
from tests.store.world import outcomes
from tests.support.festival import ADMIN, ANNA, BEN, FALAFEL, announcement_of, order_of, top_up


async def test_the_count_agrees_with_the_profile(database: Database) -> None:
    async with populated(database) as festival:
        reads = Reads(database)
        await festival.do([top_up(ANNA, 5_000, number=1), top_up(BEN, 1, number=2), order_of(FALAFEL, 1, number=3)])
        last = (await reads.notifications([user_topic(ANNA)], limit=9))[-1].row.position
        committed = await festival.committer.submit(MarkRead(actor_id=ANNA, up_to=last))
        profile = await reads.profile(ANNA)
        assert profile is not None
        assert committed.reply == profile.unread == 1
        assert profile.person.user.read_up_to == last


async def test_what_comes_in_the_same_batch_counts(database: Database) -> None:
    async with populated(database) as festival:
        submit, head = festival.committer.submit, len(festival.rows)
        commands = (top_up(ANNA, 5, number=1), top_up(BEN, 5, number=2), top_up(ANNA, 5, number=3))
        reading = MarkRead(actor_id=ANNA, up_to=head + 3)  # the first top-up's notification
        before, batches = festival.committer.stats.sizes.total, sum(festival.committer.stats.sizes.counts)
        *_, committed = await outcomes(*(submit(command) for command in (*commands, reading)))
        assert festival.committer.stats.sizes.total == before + 4
        assert sum(festival.committer.stats.sizes.counts) == batches + 1
        assert committed.reply == 1
        profile = await Reads(database).profile(ANNA)
        assert profile is not None
        assert profile.unread == 1


@pytest.mark.parametrize("together", [True, False])
async def test_nobody_has_unread_what_was_withdrawn(database: Database, together: bool) -> None:  # noqa: FBT001
    announced, other = (announcement_of(Audience.ALL, number=number) for number in (1, 2))
    withdraw = WithdrawAnnouncement(actor_id=ADMIN, announcement_id=announced.announcement_id)
    async with populated(database) as festival:
        reads, submit = Reads(database), festival.committer.submit
        await festival.do([top_up(ANNA, 5, number=1)])
        reading = MarkRead(actor_id=ANNA, up_to=0)
        assert (await submit(reading)).reply == 1
        if together:
            *_, committed = await outcomes(*(submit(each) for each in (announced, other, withdraw, reading)))
        else:
            await festival.do([announced, other, withdraw])
            committed = await submit(reading)
        profile = await reads.profile(ANNA)
        assert profile is not None
        listed = await reads.notifications(own_topics(profile.person), limit=9)
        assert committed.reply == profile.unread == len(listed) == 2
        assert [each.announcement and each.announcement.announcement_id for each in listed] == ["a2", None]


async def test_several_readers_in_one_batch(database: Database) -> None:
    async with populated(database) as festival:
        await festival.do([top_up(ANNA, 5, number=1)])
        submit = festival.committer.submit
        people = (ANNA, BEN, ADMIN, UserId("nobody"))
        found = await outcomes(*(submit(MarkRead(actor_id=user_id, up_to=0)) for user_id in people))
        replies = [each.reply if isinstance(each, Committed) else type(each) for each in found]
        assert replies == [1, 0, 0, NotFound]
