"""What a caller gets back from the committer, and how an answer is kept for retries."""

from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

import msgspec

from festival_push.domain.refusals import Refused
from festival_push.domain.values import Instant
from festival_push.store.tables import Table

R = TypeVar("R")


class Committed(msgspec.Struct, Generic[R], frozen=True):
    """A command took effect, and it is durable."""

    reply: R
    position: int  # of its last event; of the head of the log when it told none


class StoredAnswer(msgspec.Struct, frozen=True):
    """A whole HTTP answer, as it is kept under an idempotency key."""

    status: int
    body: bytes  # JSON, UTF-8
    replayed: bool = False


class OncePerKey(msgspec.Struct, frozen=True):
    """Do this at most once, and give every retry the first answer."""

    scope: str  # who and where: `<userId> POST /v1/orders`
    key: str  # 1..255 visible ASCII characters, so without a space
    fingerprint: str  # of the request body as parsed
    render: Callable[[Committed[Any] | Refused], StoredAnswer]  # pure; called before the commit


class KeptAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The first answer to a command, given again to every retry with the same idempotency key."""

    scope: str  # who and where: `<userId> POST /v1/orders`
    key: str
    fingerprint: str  # of the request body as parsed
    status: int  # HTTP
    body: str  # JSON
    at: Instant


KEPT_ANSWERS: Final = Table("kept_answers", KeptAnswer)
