"""Devices that have signed in before: a signed cookie says so, for at most four sign-in names, and names none of them.

A wrong PIN from elsewhere never keeps such a device out: its tries have a count of their own.
"""

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BadBase64
from collections.abc import Callable
from hashlib import blake2b
from typing import Final

import msgspec

from festival_push.domain.people.sign_in import sign_in_key
from festival_push.domain.values import Instant

DEVICE_TTL_S: Final = 365 * 24 * 3600
NAMES_MAX: Final = 4
_ID_BYTES: Final = 12
_TIME_BYTES: Final = 5
_TAG_BYTES: Final = 8
_SEAL_BYTES: Final = 16
_BODY_BYTES: Final = frozenset(_ID_BYTES + _TIME_BYTES + _TAG_BYTES * count for count in range(1, NAMES_MAX + 1))
_CHARS_MAX: Final = 100


class Device(msgspec.Struct, frozen=True):
    """A known device, and the tags of the names that have signed in on it, the newest last."""

    device_id: bytes
    tags: tuple[bytes, ...]


class Devices:
    """Makes the values of the cookies, and recognises them.

    Args:
        secret: The server's, ≥ 32 characters; the keys are derived from it. With another secret no device is known.
    """

    def __init__(self, secret: str, *, now: Callable[[], Instant]) -> None:
        self._key = hmac.digest(secret.encode(), b"festival-push devices", "sha256")
        self._now = now

    def known(self, cookie: str | None, name: str) -> Device | None:
        """Return the device of this cookie if somebody has signed in with this name on it; else None."""
        device = self._read(cookie)
        return device if device is not None and self._tag(device.device_id, name) in device.tags else None

    def after_sign_in(self, cookie: str | None, name: str) -> str:
        """Return the cookie for a device on which somebody has just signed in with this name."""
        device = self._read(cookie) or Device(secrets.token_bytes(_ID_BYTES), ())
        tag = self._tag(device.device_id, name)
        tags = (*(known for known in device.tags if known != tag), tag)[-NAMES_MAX:]
        until_s = self._now() // 1000 + DEVICE_TTL_S
        body = device.device_id + until_s.to_bytes(_TIME_BYTES, "big") + b"".join(tags)
        return urlsafe_b64encode(body + self._seal(body)).decode().rstrip("=")

    def _read(self, cookie: str | None) -> Device | None:
        if not cookie or len(cookie) > _CHARS_MAX:
            return None
        try:
            sealed = urlsafe_b64decode(cookie.encode("ascii", "replace") + b"=" * (-len(cookie) % 4))
        except BadBase64:
            return None
        body, seal = sealed[:-_SEAL_BYTES], sealed[-_SEAL_BYTES:]
        if len(body) not in _BODY_BYTES or not hmac.compare_digest(seal, self._seal(body)):
            return None
        device_id, rest = body[:_ID_BYTES], body[_ID_BYTES:]
        until, tags = rest[:_TIME_BYTES], rest[_TIME_BYTES:]
        if int.from_bytes(until, "big") <= self._now() // 1000:
            return None
        return Device(device_id, tuple(tags[at : at + _TAG_BYTES] for at in range(0, len(tags), _TAG_BYTES)))

    def _tag(self, device_id: bytes, name: str) -> bytes:
        return blake2b(device_id + sign_in_key(name).encode(), key=self._key, digest_size=_TAG_BYTES).digest()

    def _seal(self, body: bytes) -> bytes:
        return blake2b(body, key=self._key, digest_size=_SEAL_BYTES, person=b"seal").digest()
