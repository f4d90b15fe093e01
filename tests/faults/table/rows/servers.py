"""What happens to the servers: they are killed, stopped, frozen, at the worst moment too, and overrun."""

import asyncio
import os
import signal
from typing import Final

from tests.faults.table.client import another
from tests.faults.table.load import Load
from tests.faults.table.row import Pace, Row
from tests.faults.table.setups import Field, Setup
from tests.faults.table.watcher import Habit, Watcher
from tests.support.checker import read_records
from tests.support.proc import children, command_line, open_files, waits_for
from tests.support.servers.server import ServerProcess
from tests.support.wire.history import Watched

_HOLDERS: Final = """
    SELECT a.pid, a.xact_start FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)
     WHERE l.relation = 'log_head'::regclass AND l.mode = 'RowShareLock' AND a.state = 'idle in transaction'
"""


def _killed_in_turn(field: Field, load: Load, pace: Pace) -> None:
    for _ in range(pace.turns):
        for server in field.servers:
            server.kill()
            pace.hold(load, 2 * pace.turns)
            server.start()


def _started(field: Field, load: Load, pace: Pace) -> None:
    for server in field.servers:
        if server.exit_code is not None:
            server.start()


def _ended_in_turn(field: Field, load: Load, pace: Pace) -> None:
    for _ in range(pace.turns):
        for number, server in enumerate(field.servers):
            if code := server.terminate():
                load.findings.append(f"server {number} ended with {code}")
            pace.hold(load, 2 * pace.turns)
            server.start()


def _frozen(field: Field, load: Load, pace: Pace) -> None:
    field.servers[1].send(signal.SIGSTOP)
    pace.hold(load)


def _woken(field: Field, load: Load, pace: Pace) -> None:
    for server in field.servers:
        if server.exit_code is None:
            server.send(signal.SIGCONT)
        else:
            server.start()


def _frozen_with_the_head(field: Field, load: Load, pace: Pace) -> None:
    _freeze_with_the_head(field, load, field.servers[1])
    pace.hold(load)


def _killed_with_the_head(field: Field, load: Load, pace: Pace) -> None:
    for _ in range(pace.turns):
        for server in field.servers:
            _freeze_with_the_head(field, load, server)
            server.kill()
            pace.hold(load, 2 * pace.turns)
            server.start()


def _freeze_with_the_head(field: Field, load: Load, server: ServerProcess) -> None:
    """Freeze a server at a moment in which its transaction holds the head of the log."""

    def holders() -> str:
        return field.postgres.execute(_HOLDERS, database=field.database)

    def holds() -> bool:
        server.send(signal.SIGSTOP)
        # The other server holds it now and then, too, but never for as long as it takes to look twice.
        if (found := holders()) and found == holders():
            return True
        server.send(signal.SIGCONT)
        load.goes_on(1)
        return False

    load.until(holds, "the server is frozen while it holds the head")


def _workers_killed(field: Field, load: Load, pace: Pace) -> None:
    [server] = field.servers
    for _ in range(2 * pace.turns):
        before = _workers(server)
        victim = load.dice.choice(before)
        os.kill(victim, signal.SIGKILL)
        load.until(lambda now=before, gone=victim: _replaced(server, now, gone), "a worker takes its place")  # type: ignore[misc]
        pace.hold(load, 2 * pace.turns)


def _workers(server: ServerProcess) -> list[int]:
    return [pid for pid in children(server.pid) if b"spawn_main" in command_line(pid)]


def _replaced(server: ServerProcess, before: list[int], gone: int) -> bool:
    now = _workers(server)
    listening = {file for file in open_files(server.pid) if file.startswith("socket:")}
    # One that is still starting serves nobody: to kill the other one then would be an outage that a row of its own is.
    return gone not in now and len(now) == len(before) and all(listening & waits_for(pid) for pid in now)


def _overrun(field: Field, load: Load, pace: Pace) -> None:
    """As many newcomers, and as many who have missed some hundred events, come at the same moment."""
    records = asyncio.run(read_records(field.database_url))
    old = f"{records.epoch}.{max(0, records.head - 200)}"
    anna = field.cast.customers[0]
    crowd = [
        Watcher(
            watched=Watched(name=f"{cursor or 'new'} {number}", topics=anna.topics, account=f"user:{anna.user_id}"),
            token=anna.token, path="/v1/stream", urls=field.urls, habit=Habit(at=number), dice=another(load.dice),
            heartbeat_s=load.size.heartbeat_s, pause_s=load.size.manners.pause_s, cursor=cursor,
        )
        for number in range(pace.crowd) for cursor in (None, old)
    ]  # fmt: skip
    load.join(crowd)
    load.until(lambda: all(watcher.position >= records.head for watcher in crowd), "all have come in")
    pace.hold(load)


_SQLITE: Final = Setup(database="sqlite", redis="none")
ROWS: Final = (
    Row(name="a server: kill -9, in turn", inflict=_killed_in_turn, heal=_started),
    Row(
        name="a server: kill -9 while it holds the head, in turn",
        inflict=_killed_with_the_head, heal=_woken, not_now=True,
    ),
    Row(name="both servers: SIGTERM in turn", inflict=_ended_in_turn, heal=_started),
    Row(name="a server: SIGSTOP", inflict=_frozen, heal=_woken, not_now=True),
    Row(name="a server: SIGSTOP while it holds the head", inflict=_frozen_with_the_head, heal=_woken, not_now=True),
    Row(name="newcomers and old cursors at once", inflict=_overrun),
    Row(name="two workers: kill -9, PostgreSQL and Redis", inflict=_workers_killed, setup=Setup(workers=2)),
    Row(
        name="two workers: kill -9, SQLite without Redis", inflict=_workers_killed,
        setup=Setup(database="sqlite", redis="none", workers=2),
    ),
    Row(name="two servers on one SQLite file", inflict=_killed_in_turn, heal=_started, setup=_SQLITE),
    Row(
        name="two servers on one SQLite file, with Redis", inflict=_killed_in_turn, heal=_started,
        setup=Setup(database="sqlite"),
    ),
)  # fmt: skip
