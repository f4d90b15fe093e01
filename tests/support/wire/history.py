"""What clients asked for and what they saw, as they wrote it down: plain records for a checker, which judges them."""

from dataclasses import dataclass, field
from typing import Literal

from tests.support.wire.sse import Frame

Outcome = Literal["done", "refused", "not-now", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One POST of a command, and what came of it. The same command may be tried many times, at any server.

    Attributes:
        who: The id of the person who asks. With path and key it names the command.
        server: The number of the server that was asked.
        asked_s: When it was sent, by the clock that never goes back.
        answered_s: When the answer, or the end of the connection, came.
        status: The answer's; None: there was none, so that nobody knows what became of it.
        answer: The answer's body, byte for byte.
        replayed: The answer says that it repeats the first one.
    """

    who: str
    path: str
    key: str
    body: bytes
    server: int
    asked_s: float
    answered_s: float
    status: int | None
    answer: bytes = b""
    replayed: bool = False

    @property
    def command(self) -> tuple[str, str, str]:
        """What this is one try of."""
        return (self.who, self.path, self.key)

    @property
    def outcome(self) -> Outcome:
        """What the contract says of such an answer: after `not-now` and `unknown` a client asks again."""
        if self.status is None:
            return "unknown"
        if self.status >= 500 or self.status == 429:
            return "not-now"
        return "done" if self.status < 300 else "refused"


@dataclass(frozen=True, slots=True)
class Opened:
    """One connection of a stream: the cursor that it sent, the number of the server, and when it was opened.

    Attributes:
        opened_s: By the clock of `Try.asked_s`; None: nobody looked.
    """

    cursor: str | None
    server: int
    opened_s: float | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """One event of a stream, and on which of its connections it came, from 0 on."""

    connection: int
    frame: Frame


@dataclass(kw_only=True)
class Watched:
    """What one client saw of one stream over all its connections.

    Attributes:
        topics: What the stream follows from the beginning to the end.
        account: Whose balance it tells (`user:anna`, `till:bar`, as the accounts are called); empty: none.
        received: Every event in the order in which it came, those without an id too.
    """

    name: str
    topics: frozenset[str]
    account: str = ""
    opened: list[Opened] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
