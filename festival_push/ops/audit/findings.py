"""The findings of the audit."""

from typing import Final, Literal

import msgspec

FINDINGS_MAX: Final = 200
"""Findings kept of one check; a broken database breaks the same promise many times."""

Check = Literal[
    "sum", "balances", "overdrawn", "held", "transfers", "chain", "orders", "numbers", "payment-requests", "receipts",
    "payouts", "totals", "keepers", "factors",
    "log", "topics", "new-transaction", "balance-updated", "new-deed", "deeds", "actors", "sqlite",
]  # fmt: skip


class Finding(msgspec.Struct, frozen=True):
    """One broken promise, or an allowed state that the organiser should know of."""

    check: Check
    text: str  # one sentence, with the ids
    failure: bool = True  # False if the state is allowed

    def __str__(self) -> str:
        return f"{self.check if self.failure else f'{self.check} (note)'}: {self.text}"


class Findings:
    """Collects the findings of an audit, up to FINDINGS_MAX of each check."""

    def __init__(self) -> None:
        self._found: list[Finding] = []
        self._counts: dict[Check, int] = {}

    def add(self, check: Check, text: str, *, failure: bool = True) -> None:
        """Keep a finding, unless the check has FINDINGS_MAX already; then only count it."""
        self._counts[check] = count = self._counts.get(check, 0) + 1
        if count <= FINDINGS_MAX:
            self._found.append(Finding(check, text, failure))

    def all(self) -> list[Finding]:
        """Return the findings in the order they were added, then one for each check that had more than were kept."""
        more = [
            Finding(check, f"There are {count - FINDINGS_MAX} more findings of this kind.")
            for check, count in self._counts.items()
            if count > FINDINGS_MAX
        ]
        return self._found + more
