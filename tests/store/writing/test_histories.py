"""Random histories over all commands come out the same in batches and one by one, and the same on both databases."""

import asyncio
import itertools
import json
import os
import re
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import pytest

from festival_push.domain.log import LogRow
from festival_push.domain.refusals import Refused
from festival_push.domain.values import Instant
from festival_push.domain.words.notifications import MarkRead
from festival_push.ops.audit.audit import audit
from festival_push.store.database import Database
from festival_push.store.errors import Overloaded, Unavailable
from festival_push.store.opening import open_database
from festival_push.store.tables import TABLES
from festival_push.store.writing.answers import Committed, OncePerKey, StoredAnswer
from festival_push.store.writing.committer import Committer
from tests.domain.histories import HISTORY_OPENING, HISTORY_RULES, AnyCommand, history
from tests.support.festival import NOON
from tests.support.servers.sqlite import migrated_file

COMMANDS: Final = 90
WAIT_S: Final = 60.0  # longer than a busy machine takes for anything
SEEDS: Final = range(int(os.environ.get("HISTORIES", "6")))
"""`make histories` tries some hundreds more."""

_AT_ITS_END: Final = (
    "board-updated",
    "queue-updated",
    "stock-updated",
    "new-deed",
)  # told once a batch, after all else
_POSITIONS: Final = re.compile(r'\\*"(?:position|read_up_to|upTo|unread)\\*":\d+,?')
"""Places in the log, and what follows from where they are."""
_PLACES: Final = {"read_up_to", "position"}  # columns that name a place in the log
_LEDGER: Final = {
    "transfers": "seq", "deeds": "seq", "kept_answers": "scope, key", "log_topics": "topic, position",
}  # fmt: skip


class Played(NamedTuple):
    """What became of a history."""

    outcomes: list[str]
    events: list[tuple[object, ...]]
    tables: dict[str, list[dict[str, Any]]]


@asynccontextmanager
async def open_at(url: str) -> AsyncIterator[Database]:
    database = await open_database(url, wait_s=WAIT_S)
    try:
        yield database
    finally:
        await database.close()


async def played(*databases: Database, seed: int, batch_max: int) -> Played:
    """Play a history: some commands at once, then time goes by, then the next ones.

    With several databases, which are one, as so many processes have it open, they take turns.
    """
    rows: list[LogRow] = []
    now = NOON
    committers = [
        Committer(
            database, HISTORY_RULES, batch_max=batch_max, pending_max=1_000, now=lambda: Instant(now),
            monotonic=lambda: now / 1000, on_committed=rows.extend, settle_s=WAIT_S,
        )
        for database in databases
    ]  # fmt: skip
    running = [asyncio.create_task(committer.run()) for committer in committers]
    turns = itertools.cycle(committers)
    outcomes: list[str] = []
    try:
        for command in HISTORY_OPENING:
            await next(turns).submit(command)
        commands = history(seed, COMMANDS)
        while commands:
            committer = next(turns)
            size = 1 + (seed * 7 + len(commands) * 5) % 24
            group, commands = commands[:size], commands[size:]
            now = Instant(now + size * 1_700)
            done = await asyncio.gather(
                *(
                    asyncio.create_task(_given(committer, command, seed + number))
                    for number, command in enumerate(group)
                ),
                return_exceptions=True,
            )
            for command, each in zip(group, done, strict=True):
                if isinstance(each, Unavailable | Overloaded):  # the machine's fault, not the history's
                    raise each
                said = type(each).__name__ if isinstance(command, MarkRead) else _said(each)
                outcomes.append(f"{type(command).__name__}: {said}")
    finally:
        for committer in committers:
            await committer.close()
        await asyncio.gather(*running)
    database = databases[0]
    # A history draws what its Z reports say, though a route counts it.
    assert [finding for finding in await audit(database) if finding.check != "z-reports"] == []
    return Played(outcomes, _told(rows), await _tables(database))


async def _given(committer: Committer, command: AnyCommand, number: int) -> object:
    """A third of the commands come with a key, and some of these keys come again."""
    if number % 3:
        return await committer.submit(command)
    fingerprint = repr(command) if number % 2 else "same"
    return await committer.submit_once(
        command, OncePerKey(type(command).__name__, f"k{number % 7}", fingerprint, _kept)
    )


def _kept(outcome: Committed[Any] | Refused) -> StoredAnswer:
    if isinstance(outcome, Refused):
        return StoredAnswer(409, json.dumps(_said(outcome)).encode())
    return StoredAnswer(200, json.dumps(_said(outcome)).encode())


def _said(outcome: object) -> str:
    match outcome:
        case Committed():
            said = msgspec.json.encode(outcome.reply, enc_hook=str).decode()
        case Refused():
            said = f"{outcome.code} {outcome}"
        case BaseException():
            said = type(outcome).__name__
        case _:
            said = repr(outcome)
    return _POSITIONS.sub("", said)


def _told(rows: Sequence[LogRow]) -> list[tuple[object, ...]]:
    return [(row.type, row.topics, row.data, row.at) for row in rows]


async def _tables(database: Database) -> dict[str, list[dict[str, Any]]]:
    """All rows, by table. What differs by nature is left out: the log's name and the writers' own."""
    found: dict[str, list[dict[str, Any]]] = {}
    orders = {**{table.name: table.key for table in TABLES.values()}, **_LEDGER}
    for name, order in orders.items():
        columns = await _columns(database, name)
        [rows] = await database.read((f"SELECT {', '.join(columns)} FROM {name} ORDER BY {order}", ()))  # noqa: S608
        found[name] = [dict(zip(columns, row, strict=True)) for row in rows]
    return found


async def _columns(database: Database, table: str) -> list[str]:
    sql = {
        "sqlite": f"SELECT name FROM pragma_table_info('{table}')",  # noqa: S608  # tables of our own
        "postgres": f"SELECT column_name::text FROM information_schema.columns WHERE table_name = '{table}'",  # noqa: S608
    }[database.dialect]
    [rows] = await database.read((sql, ()))
    return sorted(str(name) for (name,) in rows)


def _in_order(told: list[tuple[object, ...]]) -> dict[str, list[tuple[object, ...]]]:
    """Events in their order, but for those that a batch tells at its end, and without places in the log."""
    kept: dict[str, list[tuple[object, ...]]] = {"all": [], "new-deed": []}
    for kind, topics, data, at in told:
        which = "new-deed" if kind == "new-deed" else "all"
        if kind == "new-deed" or kind not in _AT_ITS_END:
            kept[which].append((kind, topics, _POSITIONS.sub("", str(data)), at))
    return kept


def _placeless(tables: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    return {
        name: [{column: value for column, value in row.items() if column not in _PLACES} for row in rows]
        for name, rows in tables.items()
        if name != "log_topics"
    }


@pytest.mark.parametrize("seed", SEEDS)
async def test_in_batches_as_one_by_one(seed: int, tmp_path: Path) -> None:
    files = migrated_file(tmp_path / "many.db"), migrated_file(tmp_path / "single.db")
    async with open_at(files[0]) as many, open_at(files[1]) as single:
        batches = await played(many, seed=seed, batch_max=24)
        singles = await played(single, seed=seed, batch_max=1)
    assert batches.outcomes == singles.outcomes
    assert _in_order(batches.events) == _in_order(singles.events)
    assert _placeless(batches.tables) == _placeless(singles.tables)
    assert Counter(said.partition(":")[0] for said in batches.outcomes).total() == COMMANDS


@pytest.mark.parametrize("seed", SEEDS)
async def test_on_sqlite_as_on_postgresql(seed: int, tmp_path: Path, migrated_postgres_url: str) -> None:
    async with open_at(migrated_file(tmp_path / "one.db")) as one, open_at(migrated_postgres_url) as other:
        here = await played(one, seed=seed, batch_max=24)
        there = await played(other, seed=seed, batch_max=24)
    assert here.outcomes == there.outcomes
    assert here.events == there.events
    assert here.tables == there.tables


@pytest.mark.parametrize("seed", SEEDS)
async def test_by_two_processes_as_by_one(seed: int, tmp_path: Path, database: Database, database_url: str) -> None:
    async with open_at(migrated_file(tmp_path / "alone.db")) as alone, open_at(database_url) as second:
        by_one = await played(alone, seed=seed, batch_max=24)
        by_two = await played(database, second, seed=seed, batch_max=24)
    assert by_two.outcomes == by_one.outcomes
    assert by_two.events == by_one.events
    assert by_two.tables == by_one.tables
