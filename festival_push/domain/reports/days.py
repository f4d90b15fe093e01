"""The festival's days. One begins at a time of the local clock at which nobody sells any more, not at midnight.

All that is counted by the day goes by these: pickup numbers, what a cashier may still take, takings and reports.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from festival_push.domain.values import Instant, Rules

QUARTER_MIN: Final = 15
"""A day begins at a quarter of an hour. All clocks of the world differ by quarters, so each day is whole quarters."""
_MINUTE_MS: Final = 60_000
QUARTER_MS: Final = QUARTER_MIN * _MINUTE_MS
_DAY: Final = timedelta(days=1)
_UNIX_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_DAY: Final = date(1970, 1, 2)
LAST_DAY: Final = date(9998, 12, 30)
"""Between these two, every day has a beginning and an end that are instants."""


def business_day(instant: Instant, rules: Rules) -> str:
    """Return the day that an instant belongs to, `2026-07-04`: the last one that has begun."""
    return _day_of(instant, rules.timezone, rules.day_begins_min).isoformat()


def day_begins(day: str, rules: Rules) -> Instant:
    """Return the first instant of a day, which is the end of the day before.

    Where the clock shows that time twice, it is the first of the two. Where it jumps over it, the day begins as much
    later as the clock jumps, as calendars do it (RFC 5545, 3.3.5).

    Args:
        day: From FIRST_DAY to LAST_DAY.
    """
    return _begin(date.fromisoformat(day), rules.timezone, rules.day_begins_min)


def next_day(day: str) -> str:
    """Return the day after this one."""
    return (date.fromisoformat(day) + _DAY).isoformat()


def calendar_day(instant: Instant, rules: Rules) -> str:
    """Return the day of the calendar that it is by the local clock, as banks have it: another one after midnight."""
    return _local(instant, rules.timezone).date().isoformat()


def local_hour(instant: Instant, rules: Rules) -> str:
    """Return the hour of the local clock that an instant is in, with its offset: `2026-10-25T02:00+02:00`."""
    moment = _local(instant, rules.timezone)
    return moment.replace(minute=0, second=0, microsecond=0).isoformat(timespec="minutes")


def _local(instant: Instant, timezone: ZoneInfo) -> datetime:
    return (_UNIX_EPOCH + timedelta(milliseconds=instant)).astimezone(timezone)


# Cached, because all commands of one batch have the same instant.


@lru_cache(maxsize=64)
def _day_of(instant: Instant, timezone: ZoneInfo, begins_min: int) -> date:
    day = _local(instant, timezone).date() + _DAY  # a clock that went back may show the day before
    while _begin(day, timezone, begins_min) > instant:
        day -= _DAY
    return day


@lru_cache(maxsize=1024)
def _begin(day: date, timezone: ZoneInfo, begins_min: int) -> Instant:
    moment = datetime(day.year, day.month, day.day, *divmod(begins_min, 60), tzinfo=timezone)
    return Instant((moment.astimezone(UTC) - _UNIX_EPOCH) // timedelta(milliseconds=1))
