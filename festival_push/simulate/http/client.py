"""Send requests as a patient client does: again, with the same key, after no answer, a 429 or a 503."""

import asyncio
import random
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.cookiejar import CookieJar, DefaultCookiePolicy
from itertools import cycle
from typing import Final, TypeVar

import httpx2
import msgspec

from festival_push.simulate.findings import Findings, Law
from festival_push.simulate.http.known import Known
from festival_push.simulate.http.proof import header_for
from festival_push.simulate.http.sse import Take
from festival_push.simulate.http.stream import Connection, Opened, connect
from festival_push.simulate.http.wire import Problem

T = TypeVar("T")

PATIENCE_S: Final = 60.0  # without any answer but 503; a restart takes a few seconds
_TIMEOUT_S: Final = 30.0
_PAUSE_S: Final = 0.5
_PAUSE_S_MAX: Final = 60.0
CONNECTIONS: Final = 64
_NOT_NOW: Final = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)


class ServerGone(Exception):
    """The server has not answered for `PATIENCE_S`, or only that it is unavailable."""


@dataclass(eq=False, kw_only=True)
class Person:
    """A person who is signed in.

    Attributes:
        rests_until_s: Until when the server asked them to wait (monotonic clock).
    """

    user_id: str
    token: str
    top_up_code: str = ""
    pin: str = ""
    rests_until_s: float = 0.0

    @property
    def bearer(self) -> dict[str, str]:
        """The header that authenticates the person."""
        return {"Authorization": f"Bearer {self.token}"}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The final answer to a request, after all repetitions.

    Attributes:
        sent_s: When the request that got this answer was sent (monotonic clock).
    """

    status: int
    content: bytes
    replayed: bool
    sent_s: float

    def read(self, kind: type[T]) -> T:
        """Return the body as `kind`. Raises msgspec.ValidationError if it is not what was promised."""
        return msgspec.json.decode(self.content, type=kind)

    @property
    def code(self) -> str:
        """The code of the refusal; empty if there was none, or the answer does not say."""
        try:
            return self.read(Problem).code
        except msgspec.DecodeError:
            return ""

    def __str__(self) -> str:
        return f"{self.status} {self.code}".rstrip()


@dataclass(frozen=True)
class Sent:
    """A command with an idempotency key, which may be sent again."""

    path: str
    content: bytes
    who: Person | None
    headers: Mapping[str, str]

    @property
    def key(self) -> str:
        """The idempotency key."""
        return self.headers["Idempotency-Key"]


@dataclass(kw_only=True)
class Client:
    """The HTTP client that all people share.

    Attributes:
        others: URLs of other servers over the same database. Each request goes to the next of all, and so does each
            repetition of it: an answer must not depend on whom one asks.
        post_s: How long each answered command took, in seconds.
        waited: How often the server asked to wait (429, 503).
        unanswered: How many requests got no answer because the connection failed.
        away_s: Of each stream that was lost, how long it took until it was greeted again.
        calm: How many times longer than usual streams stay, and people who tell everybody something wait.
        known: Events that were read lately.
        before: Called before each command that has a key.
        after: Called with its answer.
    """

    url: str
    findings: Findings
    dice: random.Random
    others: tuple[str, ...] = ()
    post_s: list[float] = field(default_factory=list)
    waited: int = 0
    unanswered: int = 0
    away_s: list[float] = field(default_factory=list)
    calm: float = 1.0
    known: Known = field(default_factory=Known)
    before: Callable[[Sent], Awaitable[None]] | None = None
    after: Callable[[Sent, Answer], None] | None = None
    http: httpx2.AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        self._tls = ssl.create_default_context()  # one for all: loading the CA certificates takes a tenth of a second
        self.http = self._new_http()
        self._turns = cycle((self.url, *self.others))
        # People wait here, and not for a connection of the pool: its time would count as the server's.
        self._free = asyncio.Semaphore(CONNECTIONS)

    def at_next(self, path: str) -> str:
        """Return the URL of a path at the server whose turn it is."""
        return next(self._turns) + path

    def _new_http(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(
            base_url=self.url,
            verify=self._tls,
            timeout=_TIMEOUT_S,
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=CONNECTIONS),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # no session may be sent for another person
        )

    async def close(self) -> None:
        """Close every connection."""
        await self.http.aclose()

    async def stream(self, path: str, headers: Mapping[str, str], opened: Opened, take: Take) -> Connection:
        """Open a stream at the next server. Raises StreamError."""
        return await connect(self.at_next(path), headers, self._tls, opened, take)

    async def get(self, path: str, *, who: Person | None) -> Answer:
        """Send a GET; return the answer, whatever its status. Raises ServerGone."""
        return await self._insist("GET", path, who=who, headers={}, content=None)

    async def post(self, path: str, body: object, *, who: Person | None, key: str | None = None) -> Answer:
        """POST JSON; return the answer, whatever its status. Raises ServerGone."""
        headers = {} if key is None else {"Idempotency-Key": key}
        return await self.post_raw(path, msgspec.json.encode(body), who=who, headers=headers)

    async def post_raw(self, path: str, body: bytes, *, who: Person | None, headers: Mapping[str, str]) -> Answer:
        """POST a body that is JSON already. Raises ServerGone."""
        if "Idempotency-Key" not in headers:
            return await self._insist("POST", path, who=who, headers=headers, content=body)
        sent = Sent(path, body, who, headers)
        if self.before is not None:
            await self.before(sent)
        answer = await self.send(sent)
        if self.after is not None:
            self.after(sent, answer)
        return answer

    async def send(self, sent: Sent) -> Answer:
        """Send a command, or send it again. Raises ServerGone."""
        return await self._insist("POST", sent.path, who=sent.who, headers=sent.headers, content=sent.content)

    async def send_and_go(self, sent: Sent, bytes_max: int, *, stay_s: float) -> None:
        """Send a command with so many bytes of its body at most, and hang up without reading. Raises StreamError.

        Args:
            stay_s: Seconds from sending to hanging up, in which the server may begin.
        """
        headers = {"Content-Type": "application/json", "Content-Length": str(len(sent.content)), **sent.headers}
        if sent.who is not None:
            headers |= sent.who.bearer
        body = sent.content[:bytes_max]
        url = self.at_next(sent.path)
        connection = await connect(url, headers, self._tls, lambda *_: None, lambda *_: None, method="POST", body=body)
        await asyncio.sleep(stay_s)
        connection.cut()

    async def patch(self, path: str, body: object, *, who: Person) -> Answer:
        """PATCH JSON; return the answer, whatever its status. Raises ServerGone."""
        return await self._insist("PATCH", path, who=who, headers={}, content=msgspec.json.encode(body))

    async def delete(self, path: str, *, who: Person) -> Answer:
        """Send a DELETE; return the answer, whatever its status. Raises ServerGone."""
        return await self._insist("DELETE", path, who=who, headers={}, content=None)

    def expect(self, answer: Answer, status: int, what: str) -> bool:
        """Return whether the status is the promised one; another one is a finding."""
        return self.findings.check(Law.ANSWERS, answer.status == status, f"{what}: {answer} instead of {status}")

    async def _insist(
        self, method: str, path: str, *, who: Person | None, headers: Mapping[str, str], content: bytes | None
    ) -> Answer:
        """Send a request until the answer is neither 429 nor 503. Raises ServerGone."""
        sent = {**({} if who is None else who.bearer), **headers}
        if content is not None:
            sent["Content-Type"] = "application/json"
        given_up_s = time.monotonic() + PATIENCE_S
        while True:
            if who is not None:
                await asyncio.sleep(max(0.0, who.rests_until_s - time.monotonic()))
            try:
                async with self._free:
                    sent_s = time.monotonic()
                    got = await self.http.request(method, self.at_next(path), headers=sent, content=content)
                    took_s = time.monotonic() - sent_s
            except httpx2.TransportError as error:
                self.unanswered += 1
                if time.monotonic() > given_up_s:
                    raise ServerGone(f"no answer to {method} {path}: {error!r}") from error
                await asyncio.sleep(_PAUSE_S * (0.5 + self.dice.random()))
                continue
            if got.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
                given_up_s = time.monotonic() + PATIENCE_S
            elif time.monotonic() > given_up_s:
                raise ServerGone(f"{method} {path}: unavailable for {PATIENCE_S:g} s")
            sent.pop("Proof-Of-Work", None)
            if got.status_code in _NOT_NOW:
                self.waited += 1
                if work := header_for(got.content) if who is None else None:
                    sent["Proof-Of-Work"] = work
                else:
                    await self._rest(who, got)
                continue
            if method == "POST":
                self.post_s.append(took_s)
            return Answer(
                status=got.status_code,
                content=got.content,
                replayed=got.headers.get("Idempotent-Replayed") == "true",
                sent_s=sent_s,
            )

    async def _rest(self, who: Person | None, got: httpx2.Response) -> None:
        asked = got.headers.get("Retry-After", "")
        rest_s = min(float(asked) if asked.isdecimal() else _PAUSE_S, _PAUSE_S_MAX)
        rest_s += self.dice.random() * 0.2  # so that people who were told to wait together don't come back together
        if who is None:
            await asyncio.sleep(rest_s)
        else:
            who.rests_until_s = max(who.rests_until_s, time.monotonic() + rest_s)
