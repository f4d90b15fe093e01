"""A client that behaves as the contract says: a key for each command, retries at another server until it is decided."""

import asyncio
import json
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import httpx2

from tests.support.ground import Person
from tests.support.wire.history import Try

DECIDED_WITHIN_S: Final = 3600.0
REPEATS: Final = 0.08
"""The share of decided commands that are sent once more, to see whether the answer stays what it was."""


def another(dice: random.Random) -> random.Random:
    """Return dice of one's own, so that what others throw does not change what one does."""
    return random.Random(dice.random())  # noqa: S311 - a plan, no secret


class NeverDecided(AssertionError):
    """A command was refused as "not now", or not answered, for longer than any row lasts."""


class Refused(AssertionError):
    """A command was refused for good, though it is one that everybody may wish for."""


@dataclass(frozen=True, kw_only=True)
class Manners:
    """How a client waits.

    Attributes:
        answer_s: Seconds until it gives up on one request.
        pause_s: Seconds between two tries, on average.
    """

    answer_s: float = 20.0
    pause_s: float = 0.1


class Client:
    """One person's phone, or several: it does one thing after the other.

    Args:
        name: Begins its keys; no two clients of one festival are called alike.
        urls: Of the servers.
        tries: Where it writes what it does.
        dice: Decides which server is asked first, and what is repeated.
    """

    def __init__(
        self,
        name: str,
        http: httpx2.AsyncClient,
        urls: Sequence[str],
        tries: list[Try],
        dice: random.Random,
        manners: Manners,
    ) -> None:
        self.dice = dice
        self._name = name
        self._http = http
        self._urls = urls
        self._tries = tries
        self._manners = manners
        self._keys = 0

    async def do(self, who: Person, path: str, body: Mapping[str, object], *, at: int | None = None) -> dict[str, Any]:
        """Try a command until it is done; return its answer. Raises NeverDecided, Refused.

        Args:
            at: The one server that is asked; None: all of them in turn.
        """
        self._keys += 1
        key = f"{self._name}-{self._keys}"
        content = json.dumps(body).encode()
        server = self.dice.randrange(len(self._urls)) if at is None else at
        until_s = time.monotonic() + DECIDED_WITHIN_S
        while (tried := await self.attempt(who, path, key, content, server)).outcome in {"not-now", "unknown"}:
            if time.monotonic() > until_s:
                raise NeverDecided(f"{path} {key}: {tried.status} {tried.answer[:300]!r}")
            # A phone's own patience, with jitter as the contract asks for; nothing here waits for a condition.
            await asyncio.sleep(self._manners.pause_s * self.dice.uniform(0.5, 1.5))
            server += at is None
        if tried.outcome == "refused":
            raise Refused(f"{path} {key}: {tried.status} {tried.answer[:300]!r}")
        if self.dice.random() < REPEATS:
            await self.attempt(who, path, key, content, server + (at is None))
        answer: dict[str, Any] = json.loads(tried.answer)
        return answer

    async def attempt(self, who: Person, path: str, key: str, content: bytes, server: int) -> Try:
        """Send one request, and write down what came of it."""
        number = server % len(self._urls)
        headers = {**who.bearer, "Idempotency-Key": key, "Content-Type": "application/json"}
        asked_s = time.monotonic()
        status, answer, replayed = None, b"", False
        try:
            response = await self._http.post(
                self._urls[number] + path, content=content, headers=headers, timeout=self._manners.answer_s
            )
        except httpx2.TransportError:
            pass  # nobody listens, the connection broke, or nothing came in time
        else:
            status, answer = response.status_code, response.content
            replayed = response.headers.get("idempotent-replayed") == "true"
        tried = Try(
            who=who.user_id, path=path, key=key, body=content, server=number, asked_s=asked_s,
            answered_s=time.monotonic(), status=status, answer=answer, replayed=replayed,
        )  # fmt: skip
        self._tries.append(tried)
        return tried
