"""The findings of the audit."""

from enum import StrEnum
from typing import Final, Literal

import msgspec

FINDINGS_MAX: Final = 200
"""Findings kept of one check; a broken database breaks the same promise many times."""

Check = Literal[
    "sum", "balances", "overdrawn", "held", "transfers", "chain", "orders", "numbers", "payment-requests", "receipts",
    "payouts", "give-backs", "z-reports", "totals", "keepers", "factors",
    "accounts", "reversals", "drawers", "answers",
    "log", "topics", "new-transaction", "balance-updated", "new-deed", "deeds", "actors", "sqlite", "unreadable",
]  # fmt: skip


class Severity(StrEnum):
    """How much a finding matters."""

    BROKEN = "broken"  # a promise does not hold: don't go on without looking
    PAST = "past"  # something in the history is not as it would be made today; nothing is lost by going on
    NOTE = "note"  # an allowed state that the organiser should know of


class Finding(msgspec.Struct, frozen=True):
    """One broken promise, or something that the organiser should know of."""

    check: Check
    text: str  # one sentence, with the ids
    severity: Severity = Severity.BROKEN

    @property
    def failure(self) -> bool:
        """Return whether a promise is broken: only this ends with exit code 1, and keeps back backup and restore."""
        return self.severity is Severity.BROKEN

    def __str__(self) -> str:
        return f"{self.check if self.failure else f'{self.check} ({self.severity})'}: {self.text}"


class Findings:
    """Collects the findings of an audit, up to FINDINGS_MAX of each check."""

    def __init__(self) -> None:
        self._found: list[Finding] = []
        self._counts: dict[tuple[Check, Severity], int] = {}

    def add(self, check: Check, text: str, severity: Severity = Severity.BROKEN) -> None:
        """Keep a finding, unless the check has FINDINGS_MAX of this severity already; then only count it."""
        kind = check, severity
        self._counts[kind] = count = self._counts.get(kind, 0) + 1
        if count <= FINDINGS_MAX:
            self._found.append(Finding(check, text, severity))

    def all(self) -> list[Finding]:
        """Return the findings in the order they were added, then one for each check that had more than were kept."""
        more = [
            Finding(check, f"There are {count - FINDINGS_MAX} more findings of this kind.", severity)
            for (check, severity), count in self._counts.items()
            if count > FINDINGS_MAX
        ]
        return self._found + more
