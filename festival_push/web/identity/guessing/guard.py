"""What a process has to count guesses, to know devices again, and to tell of storms."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from festival_push.domain.values import Instant
from festival_push.web.identity.guessing.devices import Devices
from festival_push.web.identity.guessing.keys import GuessKeys
from festival_push.web.identity.guessing.watch import GuessWatch


@dataclass(frozen=True, slots=True)
class Guessing:
    """Made once a process."""

    keys: GuessKeys
    devices: Devices
    watch: GuessWatch

    @classmethod
    def of(cls, keys: Sequence[bytes], *, now: Callable[[], Instant]) -> "Guessing":
        """Return it for keys made of the server's secrets, the present one first."""
        return cls(GuessKeys(keys[0]), Devices(keys, now=now), GuessWatch())
