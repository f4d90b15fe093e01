"""What is wrong in a running server is found from outside."""

import asyncio
import random
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.faults.seeded.bugs import is_forgotten, is_wrong
from tests.faults.table.load import Load, Size
from tests.faults.table.setups import PAIR, QUICK, Engines, Field
from tests.faults.table.watcher import Watcher
from tests.support.checker import judge, read_records
from tests.support.servers.postgres import PostgresServer
from tests.support.servers.redis_server import RedisServer
from tests.support.servers.server import ServerProcess

TIMES: Final = 3
"""How often a bug has to show itself."""


class SpoiltField(Field):
    """A field whose second server has a bug."""

    spoilt_by = ""

    def _server(self, database_url: str, redis_url: str) -> ServerProcess:
        server = super()._server(database_url, redis_url)
        server.spoilt_by = f"tests.faults.seeded.bugs:{self.spoilt_by}" if len(self.servers) > 1 else ""
        return server


def told_wrongly(load: Load) -> bool:
    """Whether streams that stay at the second server were told some events wrongly, and others after them.

    Which ones, the first server's streams of the same people show.
    """
    here, there = ({each.token: each for each in load.watchers if each.habit.at == at} for at in (0, 1))
    wrong = [
        position
        for token, watcher in here.items()
        for position in positions(watcher)
        if is_wrong(position) and start(there[token]) < position < there[token].position
    ]
    return len(wrong) >= TIMES


def forgot(load: Load) -> bool:
    """Whether the second server has acknowledged commands under forgotten keys that no other server was sent."""
    sent: dict[tuple[str, str, str], set[tuple[int, str]]] = {}
    for each in load.own:
        sent.setdefault(each.command, set()).add((each.server, each.outcome))
    return sum(said == {(1, "done")} and is_forgotten(command[2]) for command, said in sent.items()) >= TIMES


def positions(watcher: Watcher) -> list[int]:
    """Of the events that a stream has told, but for its greetings."""
    frames = [received.frame for received in watcher.watched.received if received.frame.event != "connected"]
    return [int(frame.id.rpartition(".")[2]) for frame in frames if frame.id]


def start(watcher: Watcher) -> int:
    """The position at which a stream was greeted first."""
    return int((watcher.watched.received[0].frame.id or "").rpartition(".")[2])


@pytest.mark.parametrize(
    ("bug", "has_acted", "finding"),
    [
        ("drops_events", told_wrongly, "was lost"),
        ("doubles_events", told_wrongly, "came twice"),
        ("alters_events", told_wrongly, "in the log"),
        ("forgets_keys", forgot, "its answer is not kept"),
    ],
)
def test_it_is_found(
    bug: str, has_acted: Callable[[Load], bool], finding: str, tmp_path: Path, postgres_server: PostgresServer,
    redis_server: RedisServer, dice: random.Random,
) -> None:  # fmt: skip
    field = SpoiltField(PAIR, tmp_path, Engines(postgres=postgres_server, redis=redis_server), QUICK)
    field.spoilt_by = bug
    with field, Load(bug, field.urls, field.cast, field.tries, dice=dice, size=Size()) as load:
        load.until(lambda: has_acted(load), "the bug has shown itself some times")
        load.finish()
        records = asyncio.run(read_records(field.database_url))
        load.catch_up(records, within_s=2)
    found = judge(field.tries, [watcher.watched for watcher in load.watchers], records)
    assert any(finding in each for each in found), found[:10]
