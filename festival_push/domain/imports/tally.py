"""What became of each row of a file that is imported; a file with one faulty row changes nothing."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.draft import Draft
from festival_push.domain.office.deeds import DeedKind
from festival_push.domain.values import COMMAND_LINE, Instant

ROWS_MAX: Final = 50_000
"""Of one file: it is one transaction, for which everybody else waits."""


class Became(StrEnum):
    """What an import does with a row."""

    MADE = "made"
    CHANGED = "changed"
    LEFT = "left"  # it is there already, just so


class Fault(msgspec.Struct, frozen=True):
    """Why a row can't be imported."""

    line: int  # of the file; the header is line 1
    column: str
    why: str


class Outcome(msgspec.Struct, frozen=True):
    """What becomes of a row."""

    line: int
    name: str
    became: Became


class Imported(msgspec.Struct, frozen=True):
    """What an import has done, or would do; with any fault, it has done nothing."""

    outcomes: tuple[Outcome, ...]
    faults: tuple[Fault, ...]

    def count(self, became: Became) -> int:
        return sum(outcome.became is became for outcome in self.outcomes)


class Tally:
    """The rows of one file, as they are decided.

    Args:
        what: What the file has: `people`, `balances`, `stalls` or `menus`.
    """

    def __init__(self, book: Book, now: Instant, what: str) -> None:
        self.draft = Draft(book, now, actor=COMMAND_LINE)
        self._what = what
        self._outcomes: list[Outcome] = []
        self._faults: list[Fault] = []

    def fault(self, line: int, column: str, why: str) -> None:
        """Note why a row can't be imported."""
        self._faults.append(Fault(line, column, why))

    def note(self, line: int, name: str, became: Became) -> None:
        """Note what becomes of a row."""
        self._outcomes.append(Outcome(line, name, became))

    def decision(self, *, apply: bool) -> Decision[Imported]:
        """Return the decision: with a fault, or if it is not to be applied, it changes nothing."""
        reply = Imported(tuple(self._outcomes), tuple(self._faults))
        made, changed = reply.count(Became.MADE), reply.count(Became.CHANGED)
        if self._faults or not apply or not (made or changed):
            return Decision(reply=reply)
        self.draft.deed(DeedKind.IMPORT, "import", self._what, after={"made": made, "changed": changed})
        return self.draft.decision(reply)


def twice(tally: Tally, rows: Sequence[tuple[int, str]], column: str) -> None:
    """Find fault with rows that have the same value in a column, given with their lines."""
    first: dict[str, int] = {}
    for line, value in rows:
        if (before := first.setdefault(value, line)) != line:
            tally.fault(line, column, f"is the same as in line {before}")
