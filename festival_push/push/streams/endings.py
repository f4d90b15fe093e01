"""How a stream ends, or is refused: the reasons, and the last frame that tells them to the client."""

import random
from typing import Final

from festival_push.push.hub.frames import encode_unlogged
from festival_push.push.hub.unlogged import StreamError

CAPACITY: Final = StreamError(code="capacity", message="Too many people are connected. You will be let in soon.")
TOO_MANY: Final = StreamError(code="too-many-streams", message="Too many windows are open. Close one of them.")
DRAINING: Final = StreamError(code="draining", message="The server is restarting. Reconnecting soon.")
UNAVAILABLE: Final = StreamError(code="unavailable", message="The server can't serve this stream now. Reconnecting.")

_FULL: Final = frozenset({CAPACITY.code, TOO_MANY.code})
_FULL_FACTOR: Final = 5  # a client that was refused for lack of room retries so many times later than others


def jittered(retry_ms: int) -> int:
    """Return `retry_ms` ±50 %, so that clients that were cut off together don't come back together."""
    return round(retry_ms * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, not a secret


def encode_fault(fault: StreamError, *, retry_ms: int) -> bytes:
    """Return a whole last frame, which tells the client why its stream ends and when to come back."""
    return encode_unlogged(fault, retry_ms=jittered(retry_ms))


def encode_refusal(refusal: StreamError, *, retry_ms: int) -> bytes:
    """Return the whole body of a stream that is not opened. It goes out with status 200: after any other, an
    EventSource never reconnects.

    Args:
        retry_ms: After which a client reconnects on average, if it is not for lack of room that it is refused.
    """
    return encode_fault(refusal, retry_ms=retry_ms * (_FULL_FACTOR if refusal.code in _FULL else 1))
