"""Rate limits: how often one caller, or one address, may do something."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from enum import StrEnum
from typing import Final, Protocol

import msgspec

_KEYS_MAX: Final = 100_000  # about 15 MB; the least recently seen are forgotten first
_NOISE_S: Final = 1e-6  # the rounding error of floats; a microsecond more or less does no harm


class BudgetKind(StrEnum):
    """Which budget a route takes from. `READS` and `COMMANDS` are the caller's; where a route is also open to people
    who are not signed in, these take from `PUBLIC`."""

    SIGN_IN = "sign-in"  # of the address
    REGISTRATION = "registration"  # of the address
    PUBLIC = "public"  # of the address: all else that needs no sign-in
    COMMANDS = "commands"
    READS = "reads"  # each process counts for itself: a read must not wait for Redis
    NONE = "none"


WITH_PROOF: Final = frozenset({BudgetKind.SIGN_IN, BudgetKind.REGISTRATION})
"""Budgets that a whole festival may share behind one address: whoever finds them empty may work to get in."""


class Budget(msgspec.Struct, frozen=True):
    """What a key has left after one take. Nothing was taken when `retry_after_s` is above 0."""

    limit: int  # takes per minute, and at once
    remaining: int
    reset_s: int  # until the whole budget is back
    retry_after_s: int = 0

    @property
    def allowed(self) -> bool:
        """Whether the caller may go on."""
        return self.retry_after_s == 0

    def headers(self) -> dict[str, str]:
        """Return the `RateLimit-*` headers, and `Retry-After` after a refusal."""
        fields = {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset_s),
        }
        return fields if self.allowed else fields | {"Retry-After": str(self.retry_after_s)}


class RateLimiter(Protocol):
    """Budgets by key. Never raises, never waits noticeably."""

    async def take(self, key: str, limit: int, *, period_s: float = 60.0) -> Budget:
        """Use one of the `limit` takes of each `period_s` seconds. Always give a key the same limit and period."""
        ...


def budget_after(limit: int, period_s: float, ahead_s: float) -> Budget:
    """Return the budget of a key whose takes, the last one included, are paid up to `ahead_s` seconds from now.

    GCRA: each take costs `period_s / limit` seconds of time, of which a whole period may be spent ahead.
    """
    cost_s = period_s / limit
    over_s = ahead_s - period_s
    if over_s > _NOISE_S:  # the last take went over the limit: it is refused, and not counted
        return Budget(limit, 0, math.ceil(ahead_s - cost_s - _NOISE_S), max(1, math.ceil(over_s - _NOISE_S)))
    return Budget(limit, int((period_s - ahead_s + _NOISE_S) / cost_s), math.ceil(ahead_s - _NOISE_S))


class LocalRateLimiter:
    """Keeps the budgets of this process alone, in bounded memory."""

    def __init__(self, *, clock_s: Callable[[], float] = time.monotonic, keys_max: int = _KEYS_MAX) -> None:
        self._clock_s = clock_s
        self._keys_max = keys_max
        self._paid_until_s: OrderedDict[str, float] = OrderedDict()

    async def take(self, key: str, limit: int, *, period_s: float = 60.0) -> Budget:
        """As `RateLimiter.take`."""
        return self.take_now(key, limit, period_s)

    def take_now(self, key: str, limit: int, period_s: float) -> Budget:
        """Do the same as `take`, without `await`."""
        now_s = self._clock_s()
        self._forget(now_s)
        paid_until_s = max(now_s, self._paid_until_s.get(key, 0.0)) + period_s / limit
        budget = budget_after(limit, period_s, paid_until_s - now_s)
        if budget.allowed:
            self._paid_until_s[key] = paid_until_s
            self._paid_until_s.move_to_end(key)
            if len(self._paid_until_s) > self._keys_max:
                self._paid_until_s.popitem(last=False)
        return budget

    def _forget(self, now_s: float) -> None:
        """Forget up to two of the keys that were seen longest ago, if their budgets are whole again."""
        for _ in range(2):
            oldest = next(iter(self._paid_until_s.items()), None)
            if oldest is None or oldest[1] > now_s:
                return
            del self._paid_until_s[oldest[0]]
