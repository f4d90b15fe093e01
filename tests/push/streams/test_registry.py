"""Who is let in, and how streams end: expiry, age, stall, suspension, drain. Time is moved by hand."""

import asyncio
import gc
import json
from collections.abc import AsyncGenerator

import pytest
from msgspec.structs import replace

from festival_push.domain.values import rfc3339
from festival_push.push.hub.backlog import Subscriber
from festival_push.push.hub.unlogged import SessionExpiring, StreamError
from festival_push.push.streams.feed import Feed
from festival_push.push.streams.places import Place, Standing
from festival_push.push.streams.stream import Stream
from tests.push.fake_log import ANNA, CROWD, EPOCH
from tests.push.world import RULES, Client, World
from tests.support.timing import virtual_time
from tests.support.timing.waiting import until
from tests.support.wire.sse import parse_stream

TOPICS = (ANNA, CROWD)

pytestmark = pytest.mark.usefixtures("both_ways")


async def connected(world: World, *, expires_in_s: float | None = None) -> Client:
    client = Client(world, TOPICS)
    await client.connect(expires_in_s=expires_in_s)
    await client.take()
    client.read_in_background()
    await asyncio.sleep(0)
    return client


async def started(*, streams_max: int = 10, heartbeat_s: float = 15, streams_per_user: int = 1_000) -> World:
    rules = replace(RULES, streams_max=streams_max, heartbeat_s=heartbeat_s, streams_per_user=streams_per_user)
    world = World(rules=rules)
    await world.tail.start()
    return world


async def test_beyond_its_capacity_the_newcomer_is_refused_in_a_way_that_a_browser_survives() -> None:
    world = await started(streams_max=2)
    inside = [await connected(world) for _ in range(2)]
    refused = Client(world, TOPICS)
    await refused.connect()
    await refused.take_all()
    (frame,) = refused.frames
    assert (frame.id, frame.event, refused.data(0)["code"]) == (None, "error", "capacity")
    assert frame.retry is not None
    assert frame.retry > RULES.retry_ms
    assert len(world.streams) == 2
    assert world.streams.refused == {"capacity": 1}
    await inside[0].disconnect()
    await refused.connect()
    await refused.take()
    assert refused.names == ["connected"]
    world.commit(ANNA)
    await until(lambda: inside[1].known == [1])
    for client in (*inside, refused):
        await client.disconnect()


async def test_one_person_has_no_more_streams_than_allowed() -> None:
    world = await started(streams_per_user=2)

    async def first(body: AsyncGenerator[bytes, None]) -> str:
        return parse_stream(await anext(body))[0].event

    def follow(user_id: str, place: Place) -> AsyncGenerator[bytes, None]:
        return world.follow(world.request(TOPICS, user_id=user_id, place=place))

    keeper, passer_by = Place(Standing.STAFF, "sun"), Place(Standing.PASSER_BY, "192.0.2.1")
    bodies = [follow("sun", keeper) for _ in range(3)]
    assert [await first(body) for body in bodies] == ["connected", "connected", "error"]
    namesake = Place(Standing.CUSTOMER, "192.0.2.1")
    others = [follow("sun", namesake), *(follow("public", passer_by) for _ in range(4))]
    assert [await first(body) for body in others] == ["connected"] * 4 + ["error"], "half of an address's five"
    await bodies[0].aclose()
    again = follow("sun", keeper)
    assert await first(again) == "connected"
    for body in (*bodies, *others, again):
        await body.aclose()
    left = world.streams, world.streams._of_owner, world.streams._places._of_share
    assert [len(each) for each in left] == [0, 0, 0]


class Untouchable:
    """Stands for the owner of a stream that nobody has a reason to look at."""

    def __getattr__(self, name: str) -> object:
        raise AssertionError(name)


async def test_one_persons_streams_are_found_without_a_look_at_any_other() -> None:
    world = await started(streams_max=200)
    clients = [await connected(world) for _ in range(2)]
    ben = Client(world, TOPICS)
    ben.follow(world.follow(world.request(TOPICS, user_id="ben")))
    await ben.take()
    passer_by = Client(world, TOPICS)
    passer_by.follow(world.follow(world.request(TOPICS, user_id="carl", place=Place(Standing.PASSER_BY, "carl"))))
    await passer_by.take()
    (of_ben,) = world.streams.streams_of("ben")
    owner = of_ben.owner
    of_ben.owner = Untouchable()  # type: ignore[assignment] # that is the point
    try:
        mine = world.streams.streams_of("anna")
    finally:
        of_ben.owner = owner
    assert len(mine) == 2
    assert {stream.owner.user_id for stream in mine} == {"anna"}
    assert world.streams.streams_of("carl") == world.streams.streams_of("nobody") == []
    for client in (*clients, ben, passer_by):
        await client.disconnect()
    assert world.streams.streams_of("anna") == []


async def test_retry_times_differ_from_connection_to_connection() -> None:
    world = await started(streams_max=200)
    told = set()
    for _ in range(100):
        client = await connected(world)
        told.add(client.frames[0].retry)
        await client.disconnect()
    assert len(told) > 50
    assert all(retry is not None and RULES.retry_ms / 2 <= retry <= RULES.retry_ms * 1.5 for retry in told)
    assert max(r or 0 for r in told) - min(r or 0 for r in told) > RULES.retry_ms / 2


async def test_silence_is_broken_by_heartbeats_spread_over_the_interval() -> None:
    world = await started(streams_max=50)
    clients = [await connected(world) for _ in range(40)]
    beats: list[int] = []
    for _ in range(16):
        await world.pass_time(1)
        await asyncio.sleep(0)
        beats.append(sum(client.parser.comments for client in clients))
    assert beats[10] == 0
    assert 0 < beats[12] < 40
    assert beats[15] == 40
    assert all(client.names == ["connected"] for client in clients)
    for client in clients:
        await client.disconnect()


@pytest.mark.parametrize("heartbeat_s", [15, 0.4])
async def test_no_silence_is_longer_than_was_told(heartbeat_s: float) -> None:
    world = await started(heartbeat_s=heartbeat_s, streams_max=50)
    clients = [await connected(world) for _ in range(40)]
    sweep_s = replace(RULES, heartbeat_s=heartbeat_s).times().sweep_s
    await world.pass_time(sweep_s)
    world.commit(ANNA)
    await until(lambda: all(client.knows_everything() for client in clients))
    for _ in range(int(heartbeat_s / sweep_s)):
        await world.pass_time(sweep_s)
    await until(lambda: all(client.parser.comments for client in clients), message="in time")
    for client in clients:
        await client.disconnect()


async def test_a_stream_that_just_wrote_needs_no_heartbeat() -> None:
    world = await started()
    client = await connected(world)
    for _ in range(10):
        await world.pass_time(10)
        world.commit(ANNA)
        await until(client.knows_everything)
    assert client.parser.comments == 0
    await client.disconnect()


async def test_a_session_is_told_a_minute_before_it_expires_and_then_ended() -> None:
    world = await started()
    client = await connected(world, expires_in_s=100)
    expires_at = rfc3339(world.request(TOPICS, expires_in_s=100).owner.expires_at or 0)  # type: ignore[arg-type] # never 0
    await world.pass_time(39.9)
    await asyncio.sleep(0)
    assert client.names == ["connected"]
    await world.pass_time(0.2)
    await world.pass_time(0.2)
    await until(lambda: "session-expiring" in client.names)
    assert client.data(1) == {"expiresAt": expires_at}
    await world.pass_time(59)
    assert not client.ended
    world.commit(ANNA)
    await until(client.knows_everything)
    await world.pass_time(1)
    await until(lambda: client.ended)
    assert client.names == ["connected", "session-expiring", "new-notification", "error"]
    assert client.data(3)["code"] == "token-expired"
    assert client.frames[3].id is None
    assert len(world.streams) == 0


async def test_a_stream_opened_in_the_last_minute_of_a_session_is_told_at_once() -> None:
    world = await started()
    client = await connected(world, expires_in_s=59)
    await world.pass_time(0.25)
    await until(lambda: "session-expiring" in client.names)
    await world.pass_time(58)
    assert client.names == ["connected", "session-expiring"]
    await world.pass_time(1)
    await until(lambda: client.ended)
    assert client.names == ["connected", "session-expiring", "error"]


async def test_a_session_that_is_over_is_not_announced() -> None:
    world = await started()
    client = await connected(world, expires_in_s=5)
    await world.pass_time(6)
    await until(lambda: client.ended)
    assert client.names == ["connected", "error"]


async def test_an_old_stream_ends_in_peace_with_all_its_events() -> None:
    world = await started()
    client = await connected(world)
    world.commit(ANNA)
    await until(lambda: world.hub.position == 1)
    retry = client.parser.retry_ms
    client.parser.retry_ms = None
    await world.pass_time(RULES.max_age_s + 1)
    await until(lambda: client.ended)
    assert client.knows_everything()
    assert "error" not in client.names
    assert client.parser.retry_ms is not None
    assert retry is not None


async def test_a_write_that_does_not_end_is_given_up() -> None:
    world = await started()
    client = Client(world, TOPICS)
    await client.connect()
    await client.take()  # and not resumed: the chunk is still being sent
    (subscriber,) = world.hub.subscribers
    world.commit(ANNA)
    await until(lambda: subscriber.backlog)
    await world.pass_time(RULES.write_stall_s - 1)
    assert not subscriber.closed
    await world.pass_time(2)
    assert subscriber.closed
    assert subscriber.backlog is None
    await client.take_all()
    assert client.names == ["connected"]
    await client.connect()
    await client.take_until(client.knows_everything)
    await client.disconnect()


async def test_a_suspended_person_is_told_and_gets_nothing_more() -> None:
    world = await started()
    anna, other = await connected(world), await connected(world)
    ben = Client(world, TOPICS)
    ben.follow(world.follow(world.request(TOPICS, user_id="ben")))
    await ben.take()
    ben.read_in_background()
    assert world.streams.end_where(lambda owner: owner.user_id == "anna", "suspended", "Ask at the info point.") == 2
    world.commit(CROWD)
    await until(lambda: anna.ended and other.ended and ben.knows_everything())
    assert anna.names == ["connected", "error"]
    assert anna.data(1) == {"code": "suspended", "message": "Ask at the info point."}
    assert [owner.user_id for owner in world.streams.owners()] == ["ben"]
    await ben.disconnect()


async def test_what_waited_for_a_suspended_person_is_not_sent() -> None:
    world = await started()
    client = Client(world, TOPICS)
    await client.connect()
    await client.take()
    (subscriber,) = world.hub.subscribers
    world.commit(ANNA)
    await client.take()
    world.commit(ANNA)
    await until(lambda: subscriber.backlog)
    world.streams.end_where(lambda _: True, "suspended", "")
    await client.take_all()
    assert client.names == ["connected", "new-notification", "error"]


def parts_alive() -> int:
    return sum(isinstance(each, Stream | Feed | Subscriber) for each in gc.get_objects())


@pytest.mark.parametrize("by", ["the client", "the server", "the hub"])
async def test_an_ended_stream_leaves_nothing_to_the_garbage_collector(by: str) -> None:
    world = World(rules=replace(RULES, backlog_bytes_max=1_000))
    await world.tail.start()
    gc.collect()
    gc.disable()
    gc.freeze()  # what was there before is left out of each count, which would look at all of it
    before = parts_alive()
    try:
        client = await connected(world)
        (stream,) = world.streams._streams
        assert parts_alive() == before + 3
        if by == "the server":
            stream.end()
        elif by == "the hub":
            world.commit(ANNA, data='"' + "x" * 2_000 + '"')
        if by != "the client":
            await until(lambda: client.ended)
        del stream
        await client.disconnect()
        await until(lambda: parts_alive() == before, message="nobody holds the stream any more")
        assert len(world.streams) == 0
    finally:
        gc.unfreeze()
        gc.enable()


async def test_a_board_is_repeated_as_an_event_for_screens_that_know_only_that() -> None:
    world = await started()
    request = replace(world.request(TOPICS), repeat_snapshot=lambda snapshot: SessionExpiring(expires_at=str(snapshot)))
    client = Client(world, TOPICS)
    client.follow(world.follow(request))
    await client.take()
    assert client.names == ["connected", "session-expiring"]
    assert (client.data(1), client.frames[1].id) == ({"expiresAt": "{'seen': []}"}, None)
    await client.disconnect()
    client.follow(world.follow(replace(request, cursor=f"{EPOCH}.0")))
    await client.take()
    assert client.names == ["connected"]
    await client.disconnect()


@pytest.mark.parametrize("at", [0, 1, 2, 3])
@pytest.mark.parametrize("fault", [True, False])
async def test_a_stream_ended_while_it_opens_sends_no_event_that_would_hide_another(at: int, fault: bool) -> None:  # noqa: FBT001 - by name
    world = World(window_events_max=0, replay_page=2)
    for _ in range(10):
        world.log.commit(ANNA)
    await world.tail.start()
    steps = 0

    async def end_here() -> None:
        nonlocal steps
        steps += 1
        if steps == 1 + 3 * at:
            world.commit(ANNA)
            await until(lambda: world.hub.position == 11)
            for stream in world.streams._streams:
                stream.end(StreamError(code="suspended", message="") if fault else None)

    world.log.on_step = end_here
    client = Client(world, TOPICS)
    await client.connect(f"{EPOCH}.0")
    await client.take_all()
    assert client.known == world.log.positions(TOPICS)[: len(client.known)]
    assert len(client.known) < 10
    assert (client.names[-1:] == ["error"]) == fault
    assert client.parser.retry_ms is not None


async def test_draining_refuses_newcomers_and_lets_streams_go_one_after_the_other() -> None:
    world = await started(streams_max=100)
    clients = [await connected(world) for _ in range(50)]
    world.commit(ANNA)
    draining = asyncio.create_task(world.streams.drain(0.5))
    gone: set[int] = set()

    def note() -> bool:
        gone.add(sum(client.ended for client in clients))
        return draining.done()

    await asyncio.sleep(0)
    refused = parse_stream(await anext(world.follow(world.request(TOPICS))))[0]
    assert json.loads(refused.data)["code"] == "draining"
    assert refused.retry is not None
    assert refused.retry <= RULES.retry_ms * 1.5
    await until(note)
    assert len(gone) >= 5
    assert all(client.ended and client.knows_everything() for client in clients)
    assert "error" not in {name for client in clients for name in client.names}
    assert len({client.parser.retry_ms for client in clients}) > 25
    await draining


async def test_draining_nobody_is_quick() -> None:
    world = await started()
    began_s = asyncio.get_running_loop().time()
    await world.streams.drain(60)
    assert asyncio.get_running_loop().time() == began_s


async def test_the_sweeper_runs_by_itself() -> None:
    world = await started()
    sweeping = asyncio.create_task(world.streams.run())
    client = await connected(world, expires_in_s=1)
    world.monotonic_s += 1
    await until(lambda: client.ended, within_s=1)  # of the token's expiry
    sweeping.cancel()
    await asyncio.gather(sweeping, return_exceptions=True)


async def stuck(world: World) -> Client:
    """A client that doesn't read on: its last words will never go out."""
    client = Client(world, TOPICS)
    await client.connect()
    await client.take()
    client.parser.retry_ms = None
    return client


async def assert_cut(client: Client) -> None:
    """It reads on, too late: its stream ends without what waited for it."""
    await client.take_all()
    assert (client.names, client.parser.retry_ms) == (["connected"], None)


@pytest.mark.parametrize("over_s", [0.0, 0.25, 5.0, 60.0])
def test_a_drain_takes_its_time_and_no_longer_and_cuts_what_is_left(
    over_s: float, caplog: pytest.LogCaptureFixture
) -> None:
    async def drain() -> None:
        world, loop = await started(), asyncio.get_running_loop()
        client, reader = await stuck(world), await connected(world)
        began = loop.time()
        await world.streams.drain(over_s)
        assert loop.time() - began == pytest.approx(max(over_s, 0.25))
        assert reader.ended
        await assert_cut(client)

    virtual_time.run(drain())
    assert "1 streams are cut: they did not end in time" in caplog.text


def test_a_stuck_stream_has_all_of_the_drains_time_to_take_its_last_words(caplog: pytest.LogCaptureFixture) -> None:
    async def drain() -> None:
        world, loop = await started(), asyncio.get_running_loop()
        client, began = await stuck(world), loop.time()
        loop.call_later(59, client.read_in_background)
        await world.streams.drain(60)
        assert loop.time() - began == pytest.approx(59)
        assert client.ended
        assert client.parser.retry_ms is not None

    virtual_time.run(drain())
    assert "cut" not in caplog.text


def test_a_drain_that_is_cancelled_cuts_at_once_what_it_has_not_ended(caplog: pytest.LogCaptureFixture) -> None:
    async def drain() -> None:
        world = await started()
        clients = [await stuck(world) for _ in range(5)]
        draining = asyncio.create_task(world.streams.drain(60))
        await asyncio.sleep(1)
        draining.cancel()
        with pytest.raises(asyncio.CancelledError):
            await draining
        for client in clients:
            await assert_cut(client)

    virtual_time.run(drain())
    assert "5 streams are cut" in caplog.text
