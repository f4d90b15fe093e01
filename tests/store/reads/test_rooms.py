"""Rooms as streams and snapshots read them."""

from festival_push.domain.topics import order_topic, user_topic
from festival_push.domain.values import OrderId, UserId
from festival_push.domain.words.rooms import JoinRoom, LeaveRoom, Room
from festival_push.store.database import Database
from festival_push.store.log import EventLog
from festival_push.store.reads.reads import Reads
from tests.store.populated import populated
from tests.support.festival import ADMIN, ANNA, BEN, FALAFEL, order_of, top_up

O2, O3 = OrderId("o2"), OrderId("o3")


async def test_rooms_are_read_with_their_position_and_stand_in_the_snapshot(database: Database) -> None:
    async with populated(database) as festival:
        reads, log = Reads(database), EventLog(database)
        await festival.do(
            [top_up(ANNA, 5_000, number=1), order_of(FALAFEL, 1, number=2), order_of(FALAFEL, 1, number=3)]
        )
        assert (await reads.rooms(ANNA)).topics == ()
        await festival.do([JoinRoom(actor_id=ANNA, room=Room(order_id=order_id)) for order_id in (O3, O2)])
        await festival.do([JoinRoom(actor_id=ADMIN, room=Room(user_id=BEN))])
        rooms = await reads.rooms(ANNA)
        assert rooms.topics == (order_topic(O3), order_topic(O2))
        assert rooms.position == (await log.head()).position
        assert (await reads.rooms(ADMIN)).topics == (user_topic(BEN),)
        await festival.do([LeaveRoom(actor_id=ANNA, room=Room(order_id=O3))])
        profile = await reads.profile(ANNA)
        assert profile is not None
        assert profile.rooms == (await reads.rooms(ANNA)).topics == (order_topic(O2),)
        assert (await reads.rooms(BEN)).topics == (await reads.rooms(UserId("nobody"))).topics == ()
