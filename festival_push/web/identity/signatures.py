"""Verify who sent a webhook, from the headers and the raw body, before anything is parsed.

Standard Webhooks: `webhook-id`, `webhook-timestamp` (seconds) and `webhook-signature`, a list of `v1,<base64>` divided
by spaces, each an HMAC-SHA256 over `id.timestamp.body`. Stripe: `Stripe-Signature: t=<seconds>,v1=<hex>`, each v1 an
HMAC-SHA256 over `t.body`. Relays that cannot sign send `Authorization: Bearer <secret>`.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Sequence
from typing import Final

from starlette.datastructures import Headers

from festival_push.domain.values import Instant

TOLERANCE_S: Final = 300  # both ways: clocks go wrong both ways
SIGNATURES_MAX: Final = 16  # of one request: a rotation needs two, a flood of them would only cost us time
_SECRET_PREFIX: Final = "whsec_"  # noqa: S105  # the mark of a secret, not one
_ID: Final = re.compile(r"[!-~]{1,255}")
_TIMESTAMP: Final = re.compile(r"[0-9]{1,12}")
_HEX: Final = re.compile(r"[0-9a-fA-F]{64}")


class BadSignature(Exception):
    """The sender did not prove who it is. The reason is for our log, never for the sender."""


def verify_signed(headers: Headers, body: bytes, secrets: Sequence[str], now: Instant) -> None:
    """Check a request signed as Standard Webhooks says, against every active secret.

    Args:
        secrets: `whsec_<base64>` each, or any text without that mark, which is the key itself; more than one during a
            rotation.
    Raises:
        BadSignature: The request is not proved, for whatever reason; also when there is no secret.
    """
    message_id = _one(headers, "webhook-id")
    timestamp = _one(headers, "webhook-timestamp")
    if not _ID.fullmatch(message_id):
        raise BadSignature("webhook-id is malformed")
    if not _TIMESTAMP.fullmatch(timestamp):
        raise BadSignature("webhook-timestamp is malformed")
    if abs(now - int(timestamp) * 1000) > TOLERANCE_S * 1000:
        raise BadSignature("webhook-timestamp is too far from our clock")
    offered = _signatures(_one(headers, "webhook-signature"))
    signed = f"{message_id}.{timestamp}.".encode() + body
    expected = [hmac.digest(_key(secret), signed, hashlib.sha256) for secret in secrets]
    _require_match(offered, expected)


def verify_stripe(headers: Headers, body: bytes, secrets: Sequence[str], now: Instant) -> None:
    """Check a request signed as Stripe does, against every active secret.

    Args:
        secrets: As Stripe shows them; the whole text is the key, `whsec_` too.
    Raises:
        BadSignature: The request is not proved, for whatever reason; also when there is no secret.
    """
    parts = _one(headers, "stripe-signature").split(",", SIGNATURES_MAX)[:SIGNATURES_MAX]
    pairs = [(name.strip(), value.strip()) for name, _, value in (part.partition("=") for part in parts)]
    times = [value for name, value in pairs if name == "t"]
    if len(times) != 1 or not _TIMESTAMP.fullmatch(times[0]):
        raise BadSignature("stripe-signature has no time, or several")
    if abs(now - int(times[0]) * 1000) > TOLERANCE_S * 1000:
        raise BadSignature("stripe-signature is too far from our clock")
    offered = [bytes.fromhex(value) for name, value in pairs if name == "v1" and _HEX.fullmatch(value)]
    signed = f"{times[0]}.".encode() + body
    _require_match(offered, [hmac.digest(secret.encode(), signed, hashlib.sha256) for secret in secrets])


def verify_bearer(headers: Headers, secrets: Sequence[str]) -> None:
    """Check the shared secret of a relay. Raises BadSignature."""
    scheme, _, token = _one(headers, "authorization").partition(" ")
    if scheme.lower() != "bearer":
        raise BadSignature("authorization is not a bearer")
    # Starlette gives header bytes as Latin-1; digests are compared, so that no length leaks either.
    _require_match([_digest(token.strip().encode("latin-1"))], [_digest(secret.encode()) for secret in secrets])


def _one(headers: Headers, name: str) -> str:
    values = headers.getlist(name)
    if len(values) != 1:
        raise BadSignature(f"{name} is there {len(values)} times")
    return values[0]


def _signatures(header: str) -> list[bytes]:
    """Return the v1 signatures of the header. Skip other versions, for newer readers than us, and malformed ones."""
    found = []
    for part in header.split(" ", SIGNATURES_MAX)[:SIGNATURES_MAX]:
        version, _, text = part.partition(",")
        if version == "v1":
            try:
                found.append(base64.b64decode(text, validate=True))
            except (binascii.Error, ValueError):  # ValueError: not ASCII
                continue
    return found


def _key(secret: str) -> bytes:
    if not secret.startswith(_SECRET_PREFIX):
        return secret.encode()
    text = secret.removeprefix(_SECRET_PREFIX)
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise BadSignature("our own secret is not base64 after whsec_") from None


def _digest(text: bytes) -> bytes:
    return hashlib.sha256(text).digest()


def _require_match(offered: Sequence[bytes], expected: Sequence[bytes]) -> None:
    """Raises BadSignature unless one matches. All pairs are compared, so that the time taken tells nothing."""
    matches = [hmac.compare_digest(mine, theirs) for mine in expected for theirs in offered]
    if not any(matches):
        raise BadSignature("no signature matches")
