"""Which of several servers to connect to: the primary that Sentinels name, or the node of a cluster that has our keys.

All hosts of the URL are asked at once, so that one without power costs no time. A search goes on when its caller's
deadline has passed, and the next caller has what it found.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, Protocol

import msgspec
from redis.exceptions import AuthenticationError, ClusterDownError, MovedError, RedisError, ResponseError
from redis.exceptions import ConnectionError as NoConnection

from festival_push.push.news.redis.url import Address

FAILURES: Final = (RedisError, OSError, RuntimeError, ValueError, TypeError, LookupError, AttributeError)
"""All that a call can raise because of the connection, or because of what answers there.

RuntimeError: uvloop's, when redis-py writes to a connection that is closing. ValueError, TypeError, LookupError:
redis-py's, when it handles what no Redis says. AttributeError: redis-py's, when it reads from a connection that it has
just dropped. A TimeoutError is an OSError.
"""
_NOBODY_THERE: Final = (OSError, NoConnection)
_ASK_S: Final = 1.0
_LOOK_EVERY_S: Final = 3.0


class NobodyKnows(NoConnection):
    """None of the hosts says where to connect to; its words hold nothing of the URL."""


class Link(Protocol):
    """The part of a connection that a question needs."""

    async def connect(self) -> None: ...
    async def send_command(self, *args: Any) -> None: ...
    async def read_response(self) -> Any: ...
    async def disconnect(self, nowait: bool = ...) -> None: ...  # noqa: FBT001


MakeLink = Callable[[Address], Link]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What one host says."""

    address: Address
    rank: int  # of several answers, one with the highest counts


class Finder:
    """Finds the address to connect to, among hosts.

    Args:
        ask: Asks one host. Raises one of FAILURES.
        enough: Whether no more answers are waited for.
        looks: Whether it looks again every few seconds while a connection is used.
    """

    def __init__(
        self,
        hosts: Sequence[Address],
        ask: Callable[[Address], Awaitable[Answer]],
        *,
        enough: Callable[[Sequence[Answer]], bool],
        looks: bool,
    ) -> None:
        self._hosts = tuple(hosts)
        self._ask = ask
        self._enough = enough
        self._looks = looks
        self._looked_s = 0.0
        self._found: Address | None = None
        self._searching: asyncio.Task[Address] | None = None
        self._asks: set[asyncio.Task[Answer | Exception]] = set()

    async def find(self) -> Address:
        """Return where to connect to. Raises one of FAILURES, within `_ASK_S`."""
        if self._found is None:
            return await asyncio.shield(self._search())
        return self._found

    def doubt(self) -> None:
        """Forget what was found: the next one who looks for it asks again."""
        self._found = None

    def is_elsewhere(self, address: Address) -> bool:
        """Return whether it has moved from this address. Never blocks: it is the last look that says so."""
        now_s = asyncio.get_running_loop().time()
        if self._looks and now_s - self._looked_s >= _LOOK_EVERY_S:
            self._looked_s = now_s
            self._search()
        return self._looks and self._found is not None and self._found != address

    async def close(self) -> None:
        """End what is still being asked."""
        tasks = [*self._asks, *((self._searching,) if self._searching else ())]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _search(self) -> asyncio.Task[Address]:
        if self._searching is None or self._searching.done():
            self._searching = asyncio.create_task(self._searched())
            self._searching.add_done_callback(lambda task: task.cancelled() or task.exception())  # its callers know
        return self._searching

    async def _searched(self) -> Address:
        asks = [asyncio.create_task(self._asked(host)) for host in self._hosts]
        self._asks |= set(asks)
        answers: list[Answer] = []
        refusal: Exception = NobodyKnows("none of the hosts in redis.url answers")
        for task in asks:
            task.add_done_callback(self._asks.discard)
        for said in asyncio.as_completed(asks):
            answer = await said
            if isinstance(answer, Answer):
                answers.append(answer)
                if self._enough(answers):
                    break
            elif isinstance(answer, NobodyKnows | AuthenticationError) or not isinstance(answer, _NOBODY_THERE):
                refusal = answer  # says more than that nobody is there
        if not answers:
            raise refusal
        self._looked_s = asyncio.get_running_loop().time()
        self._found = max(answers, key=lambda answer: answer.rank).address
        return self._found

    async def _asked(self, host: Address) -> Answer | Exception:
        try:
            async with asyncio.timeout(_ASK_S):
                return await self._ask(host)
        except FAILURES as error:
            return error


def sentinels(hosts: Sequence[Address], link: MakeLink, service: str) -> Finder:
    """Return who finds the primary of a service.

    Most of the Sentinels decide; of those that disagree, the one with the newest configuration is right. The others
    have not heard of the failover yet.
    """

    async def ask(host: Address) -> Answer:
        try:
            answer = await _said(link(host), "SENTINEL", "MASTER", service)
        except ResponseError as error:
            if "No such master" not in str(error):
                raise
            raise NobodyKnows("the Sentinels know no service of that name") from None
        known = dict(zip(answer[::2], answer[1::2], strict=True))
        return Answer(address=(known[b"ip"].decode(), int(known[b"port"])), rank=int(known[b"config-epoch"]))

    return Finder(hosts, ask, enough=lambda answers: len(answers) > len(hosts) // 2, looks=True)


def nodes(hosts: Sequence[Address], link: MakeLink, key: str, *, owner: bool) -> Finder:
    """Return who finds the node of a cluster that has a key, or any one.

    One that belongs to a cluster at work is better than one that has lost the others, or whose cluster lacks slots.
    """

    async def ask(host: Address) -> Answer:
        try:
            await _said(link(host), "GET", key)
        except MovedError as moved:
            return Answer(address=(moved.host or host[0], moved.port) if owner else host, rank=1)
        except ClusterDownError:
            return Answer(address=host, rank=0)
        return Answer(address=host, rank=1)

    return Finder(hosts, ask, enough=lambda answers: any(answer.rank for answer in answers), looks=False)


async def _said(link: Link, *command: str) -> Any:
    try:
        await link.connect()
        await link.send_command(*command)
        return await link.read_response()
    finally:
        await link.disconnect(nowait=True)
