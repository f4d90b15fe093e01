"""What only a stream that writes itself can do: be paused, be cut in the middle, and lose its line at any moment."""

import asyncio
import gc
import weakref

import pytest
from msgspec.structs import replace

from festival_push.domain.event import Event
from festival_push.domain.values import Topic, UserId
from festival_push.push.hub.frames import HEARTBEAT, LAST_CHUNK, encode_chunk
from festival_push.push.streams.direct import DirectStream
from festival_push.push.streams.request import FollowedRooms
from tests.push.fake_log import ANNA, CROWD, EPOCH
from tests.push.line import FakeLine, decode_chunks
from tests.push.world import RULES, World
from tests.support.timing.waiting import until
from tests.support.wire.sse import parse_stream

TOPICS = (ANNA, CROWD)
HEAD = b"HTTP/1.1 200 OK\r\n\r\n"


class RecordingLine(FakeLine):
    """Never asks for a pause by itself; notes whom it carries."""

    writer: DirectStream

    def attach(self, writer: DirectStream) -> None:
        super().attach(writer)
        self.writer = writer

    def write(self, data: bytes) -> None:
        self.pieces.append(data)


async def opened(world: World, cursor: str | None = None) -> RecordingLine:
    line = RecordingLine()
    await world.streams.write(world.request(TOPICS, cursor), line)
    return line


@pytest.mark.usefixtures("instant_hub")
async def test_whoever_waits_gets_all_in_one_write_and_everybody_the_same_bytes() -> None:
    world = World()
    await world.tail.start()
    lines = [await opened(world) for _ in range(3)]
    for _ in range(5):
        world.commit(CROWD)
    await until(lambda: all(len(line.pieces) == 2 for line in lines))
    assert len({line.pieces[1] for line in lines}) == 1
    world.commit(CROWD)
    await until(lambda: all(len(line.pieces) == 3 for line in lines))
    assert len({id(line.pieces[2]) for line in lines}) == 1  # not even a copy


async def test_while_it_is_paused_frames_wait_and_then_go_out_in_one_write() -> None:
    world = World()
    await world.tail.start()
    line = await opened(world)
    line.writer.pause()
    for _ in range(3):
        world.commit(ANNA)
    await until(lambda: (backlog := line.writer.feed.subscriber.backlog) is not None and len(backlog.frames) == 3)
    assert len(line.pieces) == 1
    line.writer.resume()
    assert [frame.data for frame in parse_stream(decode_chunks(line.pieces[1])[0])] == [
        row.data for row in world.log.rows
    ]
    line.writer.resume()
    assert len(line.pieces) == 2


async def test_a_reader_that_is_stuck_keeps_nobody_waiting() -> None:
    world = World()
    await world.tail.start()
    stuck, others = await opened(world), [await opened(world) for _ in range(3)]
    stuck.writer.pause()
    for _ in range(50):
        world.commit(CROWD)
    logged = [row.data for row in world.log.rows]
    await until(lambda: all(told(line) == logged for line in others))
    backlog = stuck.writer.feed.subscriber.backlog
    assert backlog is not None, "it was cut off; so it is not known whether the others have waited for that"
    assert len(backlog.frames) == 50
    assert told(stuck) == []


def told(line: RecordingLine) -> list[str]:
    """What the line has carried of the log, behind its greeting."""
    body = b"".join(decode_chunks(piece)[0] for piece in line.pieces)
    return [frame.data for frame in parse_stream(body) if frame.event != "connected"]


async def test_too_much_behind_a_pause_aborts_the_line() -> None:
    world = World(rules=replace(RULES, backlog_bytes_max=1_000))
    await world.tail.start()
    line = await opened(world)
    line.writer.pause()
    for _ in range(3):
        world.commit(ANNA, data='"' + "x" * 400 + '"')
    await until(lambda: line.is_lost)
    assert (line.is_aborted, line.writer.feed.subscriber.backlog, len(world.streams)) == (True, None, 0)


async def test_a_pause_that_never_ends_is_cut_after_the_stall_and_a_short_one_is_not() -> None:
    world = World()
    await world.tail.start()
    line = await opened(world)
    line.writer.pause()
    await world.pass_time(RULES.write_stall_s - 1)
    line.writer.pause()  # said twice: the first counts
    await world.pass_time(2)
    assert line.is_aborted
    other = await opened(world)
    for _ in range(5):
        other.writer.pause()
        await world.pass_time(RULES.write_stall_s - 1)
        other.writer.resume()
    assert not other.is_aborted
    await world.pass_time(1)
    assert other.pieces[-1] == encode_chunk(HEARTBEAT)


async def test_a_client_that_does_not_take_its_last_words_is_cut() -> None:
    world = World()
    await world.tail.start()
    line = await opened(world)
    line.writer.end()
    data, is_last = decode_chunks(line.pieces[-1])
    assert (data.startswith(b"retry: "), is_last, line.is_closing) == (True, True, True)
    line.writer.resume()  # some of it has gone out, not all
    world.commit(ANNA)
    await until(lambda: world.hub.position == 1)
    await world.pass_time(RULES.write_stall_s + 1)
    assert line.is_aborted
    assert line.pieces == type(line.pieces)()
    await until(lambda: len(world.streams) == 0)


@pytest.mark.parametrize("missed", [0, 2])
async def test_the_head_goes_out_with_the_first_frames_in_one_write(missed: int) -> None:
    world = World()
    await world.tail.start()
    for _ in range(missed):
        world.commit(ANNA)
    await until(lambda: world.hub.position == missed)
    line = RecordingLine()
    await world.streams.write(world.request(TOPICS, f"{EPOCH}.0"), line, head=HEAD)
    (piece,) = line.pieces
    assert piece.startswith(HEAD)
    data, _ = decode_chunks(piece.removeprefix(HEAD))
    assert [frame.event for frame in parse_stream(data)][:1] == ["connected"]
    assert data.count(b"id: ") == missed


async def test_a_refusal_is_a_whole_body_and_closes_the_line() -> None:
    world = World(rules=replace(RULES, streams_max=0))
    line = RecordingLine()
    await world.streams.write(world.request(TOPICS), line, head=HEAD)
    (piece,) = line.pieces
    assert piece.startswith(HEAD)
    piece = piece.removeprefix(HEAD)
    assert piece.endswith(LAST_CHUNK)
    assert [frame.event for frame in parse_stream(decode_chunks(piece)[0])] == ["error"]
    assert (line.is_closing, len(world.streams)) == (True, 0)


@pytest.mark.parametrize("way", ["lost", "cut", "end", "pause"])
@pytest.mark.parametrize("cursor", [None, f"{EPOCH}.0"])
async def test_the_client_goes_at_each_await_of_the_opening(way: str, cursor: str | None) -> None:
    """Whatever happens there, nothing is held afterwards, and nothing that would hide an event is written."""
    step = 1
    while await open_with_trouble_at(step, way, cursor):
        step += 1
    assert step > 2


async def open_with_trouble_at(step: int, way: str, cursor: str | None) -> bool:
    world = World(window_events_max=0, replay_page=2)
    for _ in range(7):
        world.log.commit(ANNA)
    await world.tail.start()
    line, steps = RecordingLine(), 0

    async def trouble() -> None:
        nonlocal steps
        steps += 1
        if steps == step:
            world.commit(ANNA)
            {"lost": line.lose, "cut": line.writer.cut, "end": line.writer.end, "pause": line.writer.pause}[way]()

    world.log.on_step = trouble
    opening = asyncio.create_task(world.streams.write(world.request(TOPICS, cursor), line, head=HEAD))
    if way == "pause":
        await until(lambda: opening.done() or (hasattr(line, "writer") and line.writer._writable is not None))
        line.writer.resume()
    await asyncio.wait_for(opening, 20)
    world.log.on_step = None
    written = b"".join(line.pieces)
    assert written.startswith(HEAD) or not written
    ids = [frame.id for frame in parse_stream(decode_chunks(written.removeprefix(HEAD))[0]) if frame.id]
    positions = [int(text.rpartition(".")[2]) for text in ids]
    if way == "pause":
        await until(lambda: world.hub.position == world.log.position)
        assert not line.is_closing
        line.lose()
    elif steps >= step:
        assert positions == list(range(1, len(positions) + 1)) if cursor else len(positions) <= 1
    else:
        line.lose()
    await until(lambda: len(world.streams) == 0 or way == "end")
    if way == "end":
        line.lose()
    assert (len(world.streams), world.hub.subscribers) == (0, set())
    return steps >= step


@pytest.mark.parametrize("way", ["resume", "lost", "cut", "end"])
async def test_a_replay_waits_for_a_client_that_does_not_read(way: str) -> None:
    world = World(replay_page=2, window_events_max=0)
    for _ in range(9):
        world.log.commit(ANNA)
    await world.tail.start()
    line = FakeLine()  # full with each piece
    opening = asyncio.create_task(world.streams.write(world.request(TOPICS, f"{EPOCH}.0"), line))
    (writer,) = await until(lambda: [each for each in world.streams._streams if isinstance(each, DirectStream)])
    await until(lambda: writer._writable is not None)
    assert len(line.pieces) == 1
    assert line.pieces[0].count(b"id: ") == 2
    if way == "resume":
        await line.piece()
        line.taken()
        await until(lambda: writer._writable is not None)
        assert [piece.count(b"id: ") for piece in line.pieces] == [2]
        line.lose()
        await asyncio.wait_for(opening, 20)
    else:
        {"lost": line.lose, "cut": writer.cut, "end": writer.end}[way]()
        await asyncio.wait_for(opening, 20)
        assert sum(piece.count(b"id: ") for piece in line.pieces) <= 2, "nothing more"
    assert world.hub.subscribers == set()


async def test_an_opening_that_breaks_lets_go_of_everything() -> None:
    world = World()
    await world.tail.start()
    line = RecordingLine()

    def broken(_: object) -> Event:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await world.streams.write(replace(world.request(TOPICS), repeat_snapshot=broken), line)
    assert line.is_aborted
    await until(lambda: len(world.streams) == 0)
    assert world.hub.subscribers == set()


async def test_what_opened_a_stream_is_not_kept_while_it_is_open() -> None:
    class Rooms:
        async def read(self) -> tuple[int, list[Topic]]:
            return 0, []

    world, rooms, line = World(), Rooms(), RecordingLine()
    await world.tail.start()
    called = weakref.ref(rooms)
    gc.disable()
    try:
        request = replace(world.request(TOPICS), rooms=FollowedRooms(UserId("anna"), rooms.read))
        await world.streams.write(request, line)
        del request, rooms
        assert called() is None
    finally:
        gc.enable()
    assert line.writer.owner.user_id == "anna"
    assert not hasattr(line.writer, "__dict__")
    assert not hasattr(line.writer.feed, "__dict__")
