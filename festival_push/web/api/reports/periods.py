"""Which days a request means, and how a file that has them is called."""

from datetime import date
from typing import Annotated, Final, NamedTuple

import msgspec

from festival_push.domain.reports.days import FIRST_DAY, LAST_DAY, business_day, day_begins, next_day
from festival_push.domain.values import Instant, rfc3339
from festival_push.store.reads.reports.windows import Window, between
from festival_push.web.api.sheets import file_name
from festival_push.web.parsing.fields import matching
from festival_push.web.parsing.problems import field_error
from festival_push.web.routing.endpoint import Call

DAYS_MAX: Final = 92
"""The most days that one request may ask for: a summer, and a bound for what it costs."""

Day = Annotated[
    str,
    matching(
        r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(?![\s\S])", "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
        description="A day of the festival, 2026-07-04: from `festival.day_begins` to the next day's.",
    ),
]  # fmt: skip


class DayQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`?day=`: one day; today, if it is left out."""

    day: Day | None = None


class DaysQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`?from=&to=`: both of them and all between; today, if both are left out, and one day, if one is."""

    first: Day | None = msgspec.field(default=None, name="from")
    to: Day | None = None


class Period(NamedTuple):
    """Some days on end."""

    first: str
    last: str
    begins: Instant
    ends: Instant  # the first instant after it

    @property
    def window(self) -> Window:
        """Return it as a stretch of the ledger."""
        return between(self.begins, self.ends)

    @property
    def name(self) -> str:
        """Return it for the name of a file."""
        return self.first if self.first == self.last else f"{self.first}-to-{self.last}"

    @property
    def begins_at(self) -> str:
        """Return when it begins, as the wire has it."""
        return rfc3339(self.begins)

    @property
    def ends_at(self) -> str:
        """Return when it ends, as the wire has it."""
        return rfc3339(self.ends)


def today(call: Call) -> str:
    """Return the day of the festival that it is."""
    return business_day(call.services.now(), call.services.rules)


def one_day(call: Call, day: str | None) -> Period:
    """Return a day, or today. Raises BadRequest."""
    return _period(call, day or today(call), None, ("day", "day"))


def some_days(call: Call, first: str | None, last: str | None) -> Period:
    """Return some days. Raises BadRequest, also for more than DAYS_MAX of them."""
    if first is None:
        return _period(call, last or today(call), None, ("to", "to"))
    return _period(call, first, last, ("from", "to"))


def _period(call: Call, first: str, last: str | None, fields: tuple[str, str]) -> Period:
    begin, end = _day(first, fields[0]), _day(last or first, fields[1])
    if end < begin:
        raise field_error(fields[1], f"must not be before {fields[0]}")
    if (end - begin).days >= DAYS_MAX:
        raise field_error(fields[1], f"must be at most {DAYS_MAX} days after {fields[0]}, with both of them")
    rules = call.services.rules
    return Period(
        begin.isoformat(), end.isoformat(), day_begins(begin.isoformat(), rules),
        day_begins(next_day(end.isoformat()), rules),
    )  # fmt: skip


def _day(text: str, field: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise field_error(field, "is no day of the calendar") from None
    if not FIRST_DAY <= day <= LAST_DAY:
        raise field_error(field, f"must be from {FIRST_DAY} to {LAST_DAY}")
    return day


def saved_as(call: Call, what: str, days: str) -> str:
    """Return the name of a file: the festival's, what it is of, and the days."""
    return file_name(call.services.settings.festival.name, what, days)
