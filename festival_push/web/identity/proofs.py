"""Proofs of work: a small sum that a phone does to get in where others have used up its address' budget.

    429, proof {challenge, bits} --> the phone looks for a nonce --> Proof-Of-Work: <challenge>.<nonce>

One phone can't do the work of many, so many phones that each do it once outweigh one that does it all the time. The
server keeps nothing of a challenge: it recognises its own keyed hash.
"""

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BadBase64
from collections.abc import Callable, Sequence
from hashlib import blake2b, sha256
from typing import Final

import msgspec

from festival_push.domain.values import Instant
from festival_push.settings import Settings
from festival_push.web.identity.limits import RateLimiter

BITS: Final = 15
"""Zero bits that a proof must begin with: 32,768 hashes on average, three times as many for one phone in twenty.

Chromium takes 14 µs of CPU for each, its own overhead included, on a server's core: half a second. A cheap phone is
three to five times slower: one and a half to two and a half seconds. (Measured on the server; reckoned for the phone.)
"""
TTL_S: Final = 120
PROOF_CHARS_MAX: Final = 100
_ID_BYTES: Final = 13  # with the rest a multiple of three: base64 without padding
_TIME_BYTES: Final = 4
_SEAL_BYTES: Final = 16
_CHALLENGE_CHARS: Final = (_ID_BYTES + _TIME_BYTES + _SEAL_BYTES) * 4 // 3


class WantedWork(msgspec.Struct, frozen=True):
    """Work to do: find a nonce for which SHA-256 of `<challenge>.<nonce>` begins with so many zero bits."""

    challenge: str
    bits: int


class Proofs:
    """Asks for proofs, and accepts each once.

    Args:
        secret: The server's, ≥ 32 characters; the key of the challenges is derived from it.
        older: Secrets that it has replaced; their challenges are accepted.
        limiter: Remembers the proofs that were used, for all processes if it is shared.
        now: The wall clock; the processes' clocks should agree within seconds.
    """

    def __init__(
        self,
        secret: str,
        *,
        older: Sequence[str] = (),
        limiter: RateLimiter,
        now: Callable[[], Instant],
        bits: int = BITS,
    ) -> None:
        self._keys = [
            hmac.digest(each.encode(), b"festival-push proofs of work", "sha256") for each in (secret, *older)
        ]
        self._limiter = limiter
        self._now = now
        self._bits = bits

    def challenge(self, address: str, route: str) -> WantedWork:
        """Return new work for a client at this address that wants to call this route, within `TTL_S` seconds."""
        expires_s = self._now() // 1000 + TTL_S
        body = secrets.token_bytes(_ID_BYTES) + expires_s.to_bytes(_TIME_BYTES, "big")
        sealed = body + _seal(self._keys[0], body, address, route)
        return WantedWork(challenge=urlsafe_b64encode(sealed).decode(), bits=self._bits)

    async def accept(self, proof: str, address: str, route: str) -> bool:
        """Return whether the work was done, for a challenge of ours to this address and route that neither expired nor
        was used before. Whoever did not work costs one SHA-256."""
        text = proof.encode("latin-1", "replace")
        if len(text) > PROOF_CHARS_MAX or not self._is_worked_for(text):
            return False
        body = self._opened(text, address, route)
        if body is None or int.from_bytes(body[_ID_BYTES:], "big") <= self._now() // 1000:
            return False
        # Remembered for longer than the challenge lives, because clocks differ.
        used = await self._limiter.take(f"proof:{body[:_ID_BYTES].hex()}", 1, period_s=2.0 * TTL_S)
        return used.allowed

    def _is_worked_for(self, text: bytes) -> bool:
        return int.from_bytes(sha256(text).digest()[:4], "big") >> (32 - self._bits) == 0

    def _opened(self, text: bytes, address: str, route: str) -> bytes | None:
        """Return the body of the challenge that the proof begins with; None if it is not one of ours, for them."""
        challenge, dot = text[:_CHALLENGE_CHARS], text[_CHALLENGE_CHARS : _CHALLENGE_CHARS + 1]
        try:
            sealed = urlsafe_b64decode(challenge)
        except BadBase64:
            return None
        body, seal = sealed[:-_SEAL_BYTES], sealed[-_SEAL_BYTES:]
        whole = len(body) == _ID_BYTES + _TIME_BYTES and dot == b"."
        ours = any([hmac.compare_digest(seal, _seal(key, body, address, route)) for key in self._keys])
        return body if whole and ours else None


def build_proofs(settings: Settings, limiter: RateLimiter, now: Callable[[], Instant], *, bits: int = BITS) -> Proofs:
    """Return what asks for proofs by the server's own secrets."""
    secret, *older = [secret.reveal() for secret in settings.auth.jwt_secret]
    return Proofs(secret, older=older, limiter=limiter, now=now, bits=bits)


def _seal(key: bytes, body: bytes, address: str, route: str) -> bytes:
    return blake2b(body + f"{address} {route}".encode(), key=key, digest_size=_SEAL_BYTES).digest()
