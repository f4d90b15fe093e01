"""The event log: replay by topic, each event once, at a cost that doesn't grow with the past."""

import json
import re

import msgspec
import pytest

from festival_push.domain.log import LogPage, LogRow
from festival_push.domain.values import Instant, Position, Topic
from festival_push.store.database import Database
from festival_push.store.log import TOPICS_MAX, CursorTrimmed, EventLog, read_after_sql
from festival_push.store.sql import Param
from festival_push.store.sqlite.joining import for_each
from tests.store.plans import analyze, plan_of
from tests.store.populated import populated
from tests.support.festival import ANNA, FALAFEL, order_of, top_up

NAMES = [Topic(name) for name in ("user:anna", "user:ben", "role:customer", "all", "system")]
LOG_ROW = "INSERT INTO event_log (position, topics, type, data, at) VALUES ($1, $2, $3, $4, $5)"
LOG_TOPIC = "INSERT INTO log_topics (topic, position) VALUES ($1, $2)"


async def append(database: Database, topics_of: list[tuple[Topic, ...]]) -> list[LogRow]:
    """Write a log with these topics, from position 1 on."""
    rows = [
        LogRow(Position(position), topics, "new-order", f'{{"n":{position}}}', Instant(position))
        for position, topics in enumerate(topics_of, 1)
    ]
    writer = database.writer()
    await writer.begin()
    await writer.commit(
        (LOG_ROW, [(row.position, json.dumps(row.topics), row.type, row.data, row.at) for row in rows]),
        (LOG_TOPIC, [(topic, row.position) for row in rows for topic in row.topics]),
        ("UPDATE log_head SET position = $1", [(len(rows),)]),
    )
    return rows


def mixed(count: int) -> list[tuple[Topic, ...]]:
    """Topics of every combination, in a fixed order."""
    return [
        tuple(name for bit, name in enumerate(NAMES) if number >> bit & 1) or (NAMES[0],) for number in range(count)
    ]


async def test_a_new_log_is_empty_and_has_an_epoch(database: Database) -> None:
    log = EventLog(database)
    head = await log.head()
    assert (head.position, head.trimmed_to) == (0, 0)
    assert head.epoch
    assert await log.read_range(0, 10) == []
    assert await log.read_after([NAMES[0]], 0, 0, 10) == LogPage(0, 0, [])


async def test_replay_is_the_log_filtered_by_topics_each_event_once_in_order(database: Database) -> None:
    rows = await append(database, mixed(96))
    log = EventLog(database)
    for chosen in range(1, 32):
        topics = [name for bit, name in enumerate(NAMES) if chosen >> bit & 1]
        for after, up_to, limit in ((0, 96, 100), (0, 96, 7), (40, 80, 100), (95, 96, 1), (96, 96, 5), (50, 50, 5)):
            expected = [row for row in rows if after < row.position <= up_to and set(row.topics) & set(topics)][:limit]
            assert await log.read_after(topics, after, up_to, limit) == LogPage(96, 0, expected)


async def test_pages_follow_one_another_without_gap_or_double(database: Database) -> None:
    rows = await append(database, mixed(64))
    log, cursor, received = EventLog(database), 0, list[LogRow]()
    while page := (await log.read_after(NAMES[:2], cursor, 64, 5)).rows:
        assert len(page) <= 5
        received += page
        cursor = page[-1].position
        assert len(received) <= 64  # a page that comes again would come for ever
    assert received == [row for row in rows if set(row.topics) & set(NAMES[:2])]


async def test_a_stream_may_follow_many_topics_but_not_any_number(database: Database) -> None:
    rows = await append(database, [(Topic(f"order:{number}"),) for number in range(TOPICS_MAX + 10)])
    topics = [Topic(f"order:{number}") for number in range(TOPICS_MAX)]
    log = EventLog(database)
    assert (await log.read_after(topics, 0, len(rows), 1_000)).rows == rows[:TOPICS_MAX]
    assert (await log.read_after([], 0, len(rows), 1_000)).rows == []
    with pytest.raises(AssertionError):
        await log.read_after([*topics, Topic("one more")], 0, len(rows), 1)


async def test_the_tail_reads_every_row(database: Database) -> None:
    rows = await append(database, mixed(20))
    log = EventLog(database)
    assert await log.read_range(0, 100) == rows
    assert await log.read_range(15, 3) == rows[15:18]
    assert await log.read_range(20, 3) == []


async def test_what_is_trimmed_is_never_skipped_silently(database: Database) -> None:
    rows = await append(database, mixed(20))
    writer = database.writer()
    await writer.begin()
    await writer.commit(
        ("UPDATE log_head SET trimmed_to = $1", [(10,)]),
        ("DELETE FROM log_topics WHERE position <= $1", [(10,)]),
        ("DELETE FROM event_log WHERE position <= $1", [(10,)]),
    )
    log = EventLog(database)
    assert (await log.head()).trimmed_to == 10
    assert await log.read_range(10, 100) == rows[10:]
    assert await log.read_after(NAMES, 10, 20, 100) == LogPage(20, 10, rows[10:])
    assert (await log.read_after(NAMES, 9, 20, 100)).trimmed_to == 10
    with pytest.raises(CursorTrimmed):
        await log.read_range(9, 100)


async def test_a_log_that_does_not_reach_so_far_says_so(database: Database) -> None:
    await append(database, mixed(5))
    assert (await EventLog(database).read_after(NAMES, 0, 6, 100)).position == 5


async def test_what_the_committer_tells_is_what_the_log_holds(database: Database) -> None:
    async with populated(database) as festival:
        await festival.do([top_up(ANNA, 5_000, number=1), order_of(FALAFEL, 1, number=2)])
        log = EventLog(database)
        assert await log.read_range(0, 1_000) == festival.rows
        assert (await log.head()).position == festival.rows[-1].position == len(festival.rows)


@pytest.mark.parametrize("count", [1, 3, TOPICS_MAX])
async def test_a_replay_reads_index_ranges_and_sorts_no_more_than_its_pages(database: Database, count: int) -> None:
    await append(database, mixed(3_000))
    await analyze(database)
    topics = [*NAMES, *(Topic(f"order:{number}") for number in range(TOPICS_MAX))][:count]
    sql = read_after_sql(count, 5)
    params: list[Param] = [2_000, 3_000, *topics]
    plan = await plan_of(database, (sql, params))
    if database.dialect == "sqlite":
        plan = await plan_of(
            database, (for_each(sql, len(params), 7), (msgspec.json.encode([params, params]).decode(),))
        )
        assert plan.count("SEARCH log_topics USING PRIMARY KEY (topic=? AND position>? AND position<?)") == count
        assert "SEARCH e USING INTEGER PRIMARY KEY (rowid=?)" in plan
        assert not re.search(r"SCAN (log_topics|e)\b", plan)
    else:
        assert not re.search(r"Seq Scan on (?!log_head)", plan)  # of one row
        assert plan.count("log_topics_pkey") == count
        assert "event_log_pkey" in plan
