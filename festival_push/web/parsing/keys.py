"""The `Idempotency-Key` header."""

from typing import Final

from starlette.datastructures import Headers

from festival_push.web.parsing.problems import BadRequest

_CHARS_MAX: Final = 255


def idempotency_key(headers: Headers) -> str:
    """Return the key that a request was sent with. Raises BadRequest without one, and for a malformed one."""
    keys = headers.getlist("idempotency-key")
    if not keys:
        raise BadRequest("Send an Idempotency-Key header.", code="idempotency-key-required")
    key = keys[0]
    if len(keys) > 1 or not 1 <= len(key) <= _CHARS_MAX or not all("!" <= char <= "~" for char in key):
        raise BadRequest(
            f"Idempotency-Key: one, of 1 to {_CHARS_MAX} visible ASCII characters.", code="idempotency-key-invalid"
        )
    return key
