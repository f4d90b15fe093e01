"""Secrets, which show themselves to nobody; and the server's own, of which there are several during a rotation."""

from collections.abc import Iterator
from hashlib import blake2b
from typing import Final

SECRET_BYTES_MIN: Final = 32


class Secret:
    """A string that does not show itself in logs, tracebacks or `repr`."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the secret itself; only for the place that signs or verifies with it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)


class Secrets:
    """The server's own secrets: the first signs, and all of them verify, so that nothing ends when one is replaced.

    None at all is `Secrets()`, which is false.
    """

    __slots__ = ("_secrets",)

    def __init__(self, *secrets: Secret) -> None:
        self._secrets = secrets

    def reveal(self) -> str:
        """Return the secret that signs; empty if there is none."""
        return self._secrets[0].reveal() if self._secrets else ""

    def derived(self, purpose: bytes) -> tuple[bytes, ...]:
        """Return a key of 32 bytes made of each secret: make with the first, accept what any of them has made.

        Args:
            purpose: At most 16 bytes. One for each, so that none can stand in for another.
        """
        return tuple(
            blake2b(secret.reveal().encode(), person=purpose, digest_size=32).digest() for secret in self._secrets
        )

    def __iter__(self) -> Iterator[Secret]:
        return iter(self._secrets)

    def __bool__(self) -> bool:
        return bool(self.reveal())

    def __repr__(self) -> str:
        return "Secrets(…)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secrets) and other._secrets == self._secrets

    def __hash__(self) -> int:
        return hash(self._secrets)
