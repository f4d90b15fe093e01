"""What happens to a standby, and what it takes over: replicas that lag or go, a synchronous one, a failover."""

import time
from typing import Final

from tests.faults.table.load import Load
from tests.faults.table.row import Pace, Row
from tests.faults.table.setups import Field, Setup

_SPARE, _HISTORY = Setup(standby="spare"), Setup(standby="history")


def _late(field: Field, load: Load, pace: Pace) -> None:
    """The replica shows nothing new, and Redis is gone meanwhile."""
    field.standby.pause()
    field.redis.kill()
    pace.hold(load)


def _in_time(field: Field, load: Load, pace: Pace) -> None:
    field.standby.resume()
    if not field.redis.is_running:
        field.redis.start()


def _gone(field: Field, load: Load, pace: Pace) -> None:
    field.standby.kill()
    pace.hold(load)


def _there(field: Field, load: Load, pace: Pace) -> None:
    for engine in (field.postgres, field.standby):
        if not engine.is_running:
            engine.start()


def _primary_gone(field: Field, load: Load, pace: Pace) -> None:
    field.postgres.kill()
    pace.hold_up(load, 0, 1)
    load.until(lambda: len(field.unready()) == len(field.servers), "every server says that it takes no commands")


def _synchronous_gone(field: Field, load: Load, pace: Pace) -> None:
    field.postgres.execute(
        f"ALTER SYSTEM SET synchronous_standby_names = '{field.standby.name}'", "SELECT pg_reload_conf()"
    )
    pace.hold(load)
    field.standby.kill()
    gone_s = time.monotonic()
    pace.hold_up(load, 0, 1)
    early = [each for each in load.own if each.outcome == "done" and each.asked_s > gone_s and not each.replayed]
    load.findings += [f"{each.path} {each.key} was acknowledged without the standby" for each in early]


def _not_waited_for(field: Field, load: Load, pace: Pace) -> None:
    _there(field, load, pace)
    field.postgres.execute("ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()")


def _failed_over(field: Field, load: Load, pace: Pace) -> None:
    """What was committed last is lost with the primary."""
    field.standby.catch_up()
    field.standby.cut_off()
    pace.hold(load)
    field.postgres.kill()


def _taken_over(field: Field, load: Load, pace: Pace) -> None:
    field.standby.promote(at_port=field.postgres.port)


ROWS: Final = (
    Row(name="the replica shows nothing new, and Redis is gone", inflict=_late, heal=_in_time, setup=_HISTORY),
    Row(name="the replica is gone", inflict=_gone, heal=_there, setup=_HISTORY),
    Row(
        name="the primary is gone, its replica is not",
        inflict=_primary_gone, heal=_there, setup=_HISTORY, not_now=True, gap_s=None,
    ),
    Row(
        name="the synchronous standby is gone",
        inflict=_synchronous_gone, heal=_not_waited_for, setup=_SPARE, not_now=True, gap_s=None,
    ),
    Row(
        name="PostgreSQL fails over, and the last commits are lost",
        inflict=_failed_over, heal=_taken_over, setup=_SPARE, not_now=True, fails_over=True, gap_s=None,
    ),
)  # fmt: skip
