"""What the audit has to say."""

from typing import Final, Literal

import msgspec

FINDINGS_MAX: Final = 200
"""Findings kept of one check; a broken database breaks one thing many times over."""

Check = Literal[
    "sum", "balances", "overdrawn", "held", "transfers", "chain", "orders", "numbers", "payment-requests", "receipts",
    "payouts", "totals",
    "log", "topics", "new-transaction", "balance-updated", "sqlite",
]  # fmt: skip


class Finding(msgspec.Struct, frozen=True):
    """One promise that does not hold, or something worth a look."""

    check: Check
    text: str  # one sentence, with the ids
    failure: bool = True  # False: allowed, but the organiser should know

    def __str__(self) -> str:
        return f"{self.check if self.failure else f'{self.check} (note)'}: {self.text}"


class Findings:
    """Findings as they are made, bounded."""

    def __init__(self) -> None:
        self._found: list[Finding] = []
        self._counts: dict[Check, int] = {}

    def add(self, check: Check, text: str, *, failure: bool = True) -> None:
        """Keep one, unless the check has found FINDINGS_MAX already."""
        self._counts[check] = count = self._counts.get(check, 0) + 1
        if count <= FINDINGS_MAX:
            self._found.append(Finding(check, text, failure))

    def all(self) -> list[Finding]:
        """The findings in the order they were made, then how many more there were."""
        more = [
            Finding(check, f"There are {count - FINDINGS_MAX} more findings of this kind.")
            for check, count in self._counts.items()
            if count > FINDINGS_MAX
        ]
        return self._found + more
