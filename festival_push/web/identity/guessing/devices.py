"""Devices that have signed in before: a signed cookie says so, for at most four sign-in names, and names none of them.

A wrong PIN from elsewhere never keeps such a device out: its tries have a count of their own.
"""

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BadBase64
from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import Final

import msgspec

from festival_push.domain.signing_in.sign_in import sign_in_key
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
        keys: The first seals cookies, and all open them, so that devices stay known when the server's secret changes.
    """

    def __init__(self, keys: Sequence[bytes], *, now: Callable[[], Instant]) -> None:
        self._keys = [hmac.digest(key, b"festival-push devices", "sha256") for key in keys]
        self._now = now

    def known(self, cookie: str | None, name: str) -> Device | None:
        """Return the device of this cookie if somebody has signed in with this name on it; else None."""
        device, key = self._read(cookie)
        return device if device is not None and _tag(key, device.device_id, name) in device.tags else None

    def after_sign_in(self, cookie: str | None, name: str) -> str:
        """Return the cookie for a device on which somebody has just signed in with this name."""
        device, key = self._read(cookie)
        if device is None or key != self._keys[0]:  # tags under another key would be no use: one begins anew
            device = Device(secrets.token_bytes(_ID_BYTES), ())
        tag = _tag(self._keys[0], device.device_id, name)
        tags = (*(known for known in device.tags if known != tag), tag)[-NAMES_MAX:]
        until_s = self._now() // 1000 + DEVICE_TTL_S
        body = device.device_id + until_s.to_bytes(_TIME_BYTES, "big") + b"".join(tags)
        return urlsafe_b64encode(body + _seal(self._keys[0], body)).decode().rstrip("=")

    def _read(self, cookie: str | None) -> tuple[Device | None, bytes]:
        """Return the device and the key of its tags; no device if the cookie is none of ours, or too old."""
        nothing = None, b""
        if not cookie or len(cookie) > _CHARS_MAX:
            return nothing
        try:
            sealed = urlsafe_b64decode(cookie.encode("ascii", "replace") + b"=" * (-len(cookie) % 4))
        except BadBase64:
            return nothing
        body, seal = sealed[:-_SEAL_BYTES], sealed[-_SEAL_BYTES:]
        if len(body) not in _BODY_BYTES:
            return nothing
        key = next((key for key in self._keys if hmac.compare_digest(seal, _seal(key, body))), None)
        device_id, rest = body[:_ID_BYTES], body[_ID_BYTES:]
        until, tags = rest[:_TIME_BYTES], rest[_TIME_BYTES:]
        if key is None or int.from_bytes(until, "big") <= self._now() // 1000:
            return nothing
        return Device(device_id, tuple(tags[at : at + _TAG_BYTES] for at in range(0, len(tags), _TAG_BYTES))), key


def _tag(key: bytes, device_id: bytes, name: str) -> bytes:
    return blake2b(device_id + sign_in_key(name).encode(), key=key, digest_size=_TAG_BYTES).digest()


def _seal(key: bytes, body: bytes) -> bytes:
    return blake2b(body, key=key, digest_size=_SEAL_BYTES, person=b"seal").digest()
