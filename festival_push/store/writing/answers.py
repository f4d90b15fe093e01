"""The answers that a caller gets from the committer, and the form in which they are kept for retries."""

from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

import msgspec

from festival_push.domain.refusals import Refused
from festival_push.domain.values import Instant
from festival_push.store.tables import Table

R = TypeVar("R")


class Committed(msgspec.Struct, Generic[R], frozen=True):
    """The result of a command that was committed durably."""

    reply: R
    position: int  # of the command's last event; without events, of the newest event at that time


class StoredAnswer(msgspec.Struct, frozen=True):
    """A whole HTTP answer, in the form in which it is kept under an idempotency key."""

    status: int
    body: bytes  # JSON, UTF-8
    replayed: bool = False  # True: this is the answer to an earlier request with the same key


class OncePerKey(msgspec.Struct, frozen=True):
    """An idempotency key: commit the command at most once, and give every retry the first answer."""

    scope: str  # caller and route: `<userId> POST /v1/orders`
    key: str  # 1..255 visible ASCII characters, so without a space
    fingerprint: str  # of the request body as parsed
    render: Callable[[Committed[Any] | Refused], StoredAnswer]  # pure; called before the commit


class KeptAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The first answer to a command, given again to every retry with the same idempotency key."""

    scope: str  # caller and route: `<userId> POST /v1/orders`
    key: str
    fingerprint: str  # of the request body as parsed
    status: int  # HTTP
    body: str  # JSON
    at: Instant


KEPT_ANSWERS: Final = Table("kept_answers", KeptAnswer)
