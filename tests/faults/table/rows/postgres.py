"""What happens to PostgreSQL: it ends, freezes, is locked, or is cut off, once and again; and what was paid is paid."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from tests.faults.table.load import Load
from tests.faults.table.row import Pace, Row
from tests.faults.table.setups import Field, Setup
from tests.support.servers.postgres import program

_ALL_BACKENDS: Final = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
_LOCK: Final = "BEGIN; SELECT * FROM log_head FOR UPDATE;\n"
_PROXIED: Final = Setup(proxied=True)


def _backends_ended(field: Field, load: Load, pace: Pace) -> None:
    for _ in range(5 * pace.turns):
        field.postgres.execute(_ALL_BACKENDS)
        load.goes_on(2)


def _restarted(field: Field, load: Load, pace: Pace) -> None:
    for _ in range(pace.turns):
        field.postgres.stop()
        field.postgres.start()
        pace.hold(load, pace.turns)


def _crashed(field: Field, load: Load, pace: Pace) -> None:
    for _ in range(pace.turns):
        field.postgres.kill()
        field.postgres.start()
        pace.hold(load, pace.turns)


def _away(field: Field, load: Load, pace: Pace) -> None:
    field.postgres.kill()
    pace.hold_up(load, 0, 1)


def _back_again(field: Field, load: Load, pace: Pace) -> None:
    if not field.postgres.is_running:
        field.postgres.start()


def _frozen(field: Field, load: Load, pace: Pace) -> None:
    field.postgres.freeze()
    pace.hold_up(load, 0, 1)


def _thawed(field: Field, load: Load, pace: Pace) -> None:
    field.postgres.thaw()


def _commits_cut(field: Field, load: Load, pace: Pace) -> None:
    for _ in range(3 * pace.turns):
        field.proxies.commits.cut = "before"
        load.until(lambda: field.proxies.commits.cut is None, "a COMMIT did not arrive")
        load.goes_on(2)
        field.proxies.commits.cut = "after"
        load.until(lambda: field.proxies.commits.cut is None, "the reply to a COMMIT did not arrive")
        load.goes_on(2)


def _cut_from_one(field: Field, load: Load, pace: Pace) -> None:
    field.proxies.lose(sql=True)
    pace.hold_up(load, 1)
    pace.hold(load)


def _all_cut_from_one(field: Field, load: Load, pace: Pace) -> None:
    field.proxies.lose(sql=True, news=True)
    pace.hold_up(load, 1)
    pace.hold(load)


def _joined(field: Field, load: Load, pace: Pace) -> None:
    field.proxies.heal()


@contextmanager
def _psql(field: Field, statements: str) -> Iterator[None]:
    """Somebody's session at the database, in which these statements were sent, and which is left open."""
    command = [program("psql"), "-X", "-q", field.database_url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as psql:
        assert psql.stdin is not None
        try:
            psql.stdin.write(statements.encode())
            psql.stdin.flush()
            yield
        finally:
            psql.kill()


def _head_locked(field: Field, load: Load, pace: Pace) -> None:
    with _psql(field, _LOCK):
        pace.hold_up(load, 0, 1)
        load.until(lambda: len(field.unready()) == len(field.servers), "every server says that it takes no commands")


ROWS: Final = (
    Row(name="PostgreSQL: all backends terminated, again and again", inflict=_backends_ended, not_now=True),
    Row(name="PostgreSQL: restarted", inflict=_restarted, heal=_back_again, not_now=True, gap_s=5.0),
    Row(name="PostgreSQL: crashed and restarted", inflict=_crashed, heal=_back_again, not_now=True, gap_s=5.0),
    Row(name="PostgreSQL: away", inflict=_away, heal=_back_again, not_now=True, gap_s=None),
    Row(name="PostgreSQL: all its processes SIGSTOPped", inflict=_frozen, heal=_thawed, not_now=True, gap_s=None),
    Row(name="PostgreSQL: log_head locked in psql", inflict=_head_locked, not_now=True, gap_s=None),
    Row(
        name="COMMIT cut before it arrives, and after",
        inflict=_commits_cut, heal=_joined, setup=_PROXIED, not_now=True,
    ),
    Row(
        name="one of two servers cut from PostgreSQL",
        inflict=_cut_from_one, heal=_joined, setup=_PROXIED, not_now=True,
    ),
    Row(
        name="one of two servers cut from PostgreSQL and Redis",
        inflict=_all_cut_from_one, heal=_joined, setup=_PROXIED, not_now=True,
    ),
)  # fmt: skip
