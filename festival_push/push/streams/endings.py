"""How a stream ends, or is refused: the reasons, and the last frame that tells them to the client."""

import random
from typing import Final

from festival_push.domain.events import StreamError
from festival_push.push.hub.frames import encode_unlogged

UNAVAILABLE: Final = StreamError(code="unavailable", message="The server can't read its log at the moment.")


def jittered(retry_ms: int) -> int:
    """Return `retry_ms` ±50 %, so that clients that were cut off together don't come back together."""
    return round(retry_ms * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, not a secret


def encode_fault(fault: StreamError, *, retry_ms: int) -> bytes:
    """Return a whole last frame, which tells the client why its stream ends and when to come back."""
    return encode_unlogged(fault, retry_ms=jittered(retry_ms))
