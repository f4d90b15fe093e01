"""Count, for each law, what was checked and what was found wrong."""

from collections import Counter
from enum import StrEnum
from typing import Final

TEXTS_MAX: Final = 50  # one fault often breaks a law a thousand times


class Law(StrEnum):
    """What must hold, in the words of the verdict."""

    ONCE = "every event once"
    COMPLETE = "no event missing"
    ORDER = "events in order"
    STEPS = "orders step by step"
    BOARDS = "boards show the orders"
    ROOMS = "rooms tell their orders"
    BALANCES = "balances add up"
    MONEY = "money conserved"
    CASH = "cash in the drawer"
    FIGURES = "reports = what was sold"
    REPEATS = "repeats count once"
    REFUSALS = "refused what is forbidden"
    ANSWERS = "answers as promised"


class Findings:
    """Checks and breaches by law, and texts of the first `TEXTS_MAX` breaches."""

    def __init__(self) -> None:
        self.checked: Counter[Law] = Counter()
        self.broken: Counter[Law] = Counter()
        self.texts: list[str] = []

    def check(self, law: Law, holds: bool, text: str) -> bool:  # noqa: FBT001 - what is checked
        """Count one check; `text` says what is wrong if it does not hold. Return `holds`."""
        self.checked[law] += 1
        if not holds:
            self.broken[law] += 1
            if len(self.texts) < TEXTS_MAX:
                self.texts.append(f"{law}: {text}")
        return holds
