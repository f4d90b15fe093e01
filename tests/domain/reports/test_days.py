"""The festival's days, on every clock of the world."""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.reports.days import (
    QUARTER_MS,
    business_day,
    day_begins,
    local_hour,
    next_day,
)
from festival_push.domain.values import Instant, Rules
from tests.support.festival import RULES

_HOUR_MS: Final = 3_600_000
_ZONES: Final = sorted(available_timezones() - {"localtime"})
# From 2000 on, when the last clocks had long gone over to quarters of an hour.
_INSTANTS: Final = st.integers(946_684_800_000, 4_102_444_800_000).map(Instant)
_QUARTERS: Final = st.integers(0, 95).map(lambda quarter: quarter * 15)


def clock(zone: str, begins: str) -> Rules:
    """The rules of a festival there, whose days begin then."""
    hours, minutes = begins.split(":")
    timezone = ZoneInfo(zone)
    return msgspec.structs.replace(RULES, timezone=timezone, day_begins_min=int(hours) * 60 + int(minutes))


def at(moment: str) -> Instant:
    """An instant, from RFC 3339."""
    return Instant(round(datetime.fromisoformat(moment).timestamp() * 1000))


_CLOCKS: Final = st.builds(
    lambda zone, minutes: msgspec.structs.replace(RULES, timezone=ZoneInfo(zone), day_begins_min=minutes),
    st.sampled_from(_ZONES), _QUARTERS,
)  # fmt: skip


@pytest.mark.parametrize(
    ("zone", "begins", "moment", "day"),
    [
        ("Europe/Berlin", "06:00", "2026-07-04T18:00:00+02:00", "2026-07-04"),
        ("Europe/Berlin", "06:00", "2026-07-05T00:10:00+02:00", "2026-07-04"),  # a bar that is open since six
        ("Europe/Berlin", "06:00", "2026-07-05T05:59:59.999+02:00", "2026-07-04"),
        ("Europe/Berlin", "06:00", "2026-07-05T06:00:00+02:00", "2026-07-05"),
        ("Europe/Berlin", "00:00", "2026-07-04T23:59:59.999+02:00", "2026-07-04"),
        ("Europe/Berlin", "00:00", "2026-07-05T00:00:00+02:00", "2026-07-05"),
        ("Europe/Berlin", "06:00", "2026-01-05T04:59:59+00:00", "2026-01-04"),  # winter: one hour from UTC
        ("Europe/Berlin", "06:00", "2026-01-05T05:00:00+00:00", "2026-01-05"),
        # The clock jumps from 02:00 to 03:00: 02:30 does not come, and the day begins half an hour after the jump.
        ("Europe/Berlin", "02:30", "2026-03-29T03:29:59+02:00", "2026-03-28"),
        ("Europe/Berlin", "02:30", "2026-03-29T03:30:00+02:00", "2026-03-29"),
        # It goes back from 03:00 to 02:00: 02:30 comes twice, and the day begins once.
        ("Europe/Berlin", "02:30", "2026-10-25T02:29:59+02:00", "2026-10-24"),
        ("Europe/Berlin", "02:30", "2026-10-25T02:30:00+02:00", "2026-10-25"),
        ("Europe/Berlin", "02:30", "2026-10-25T02:15:00+01:00", "2026-10-25"),
        # Midnight itself is jumped over, or the clock goes back over it into the day before.
        ("Africa/Cairo", "00:00", "2026-04-24T01:00:00+03:00", "2026-04-24"),
        ("Africa/Cairo", "00:00", "2026-04-23T23:59:59+02:00", "2026-04-23"),
        ("America/St_Johns", "00:00", "2010-11-07T00:00:30-02:30", "2010-11-07"),
        ("America/St_Johns", "00:00", "2010-11-06T23:30:00-03:30", "2010-11-07"),
        # Samoa went from the 29th to the 31st.
        ("Pacific/Apia", "06:00", "2011-12-29T23:59:59-10:00", "2011-12-29"),
        ("Pacific/Apia", "06:00", "2011-12-31T05:59:59+14:00", "2011-12-29"),
        ("Pacific/Apia", "06:00", "2011-12-31T06:00:00+14:00", "2011-12-31"),
        ("Asia/Kathmandu", "06:15", "2026-07-04T06:14:59+05:45", "2026-07-03"),
        ("Asia/Kathmandu", "06:15", "2026-07-04T06:15:00+05:45", "2026-07-04"),
    ],
)  # fmt: skip
def test_a_day_begins_when_the_clock_says_so(zone: str, begins: str, moment: str, day: str) -> None:
    assert business_day(at(moment), clock(zone, begins)) == day


@given(_INSTANTS, _CLOCKS)
def test_every_instant_is_in_one_day_and_between_its_beginning_and_the_next(instant: Instant, rules: Rules) -> None:
    day = business_day(instant, rules)
    assert day_begins(day, rules) <= instant < day_begins(next_day(day), rules)


@given(_INSTANTS, st.integers(0, 72 * _HOUR_MS), _CLOCKS)
def test_no_day_comes_back(instant: Instant, later: int, rules: Rules) -> None:
    assert business_day(instant, rules) <= business_day(Instant(instant + later), rules)


@given(_INSTANTS, _CLOCKS)
def test_a_day_is_whole_quarters_of_an_hour_and_no_longer_than_two(instant: Instant, rules: Rules) -> None:
    day = business_day(instant, rules)
    begins, ends = day_begins(day, rules), day_begins(next_day(day), rules)
    assert begins % QUARTER_MS == ends % QUARTER_MS == 0
    assert 0 < ends - begins <= 49 * _HOUR_MS


@given(_INSTANTS, _CLOCKS)
def test_an_hour_of_the_clock_is_told_with_its_offset(instant: Instant, rules: Rules) -> None:
    told = datetime.fromisoformat(local_hour(instant, rules))
    assert told.minute == 0
    assert timedelta() <= datetime.fromtimestamp(instant / 1000, rules.timezone) - told < timedelta(hours=1.5)


def test_the_hour_that_comes_twice_is_two_hours() -> None:
    rules = clock("Europe/Berlin", "06:00")
    first, second = at("2026-10-25T02:10:00+02:00"), at("2026-10-25T02:10:00+01:00")
    assert (local_hour(first, rules), local_hour(second, rules)) == ("2026-10-25T02:00+02:00", "2026-10-25T02:00+01:00")
