"""Who is connected to the other processes: each writes a summary of its streams under a key of its own, which expires.

    run         every second: count the own streams -> SET <prefix>:presence:<process> with a TTL
    everywhere  the own streams, live, and the summaries of the others, read when somebody asks

A process that dies is forgotten with its key. Whatever stands in Redis is untrusted: it is read up to a bound, parsed
strictly, and only ever shown. Redis that does not answer costs the others' streams and one short wait; until the next
summary could be written, nobody asks it again.
"""

import asyncio
import logging
import secrets
from collections import Counter
from typing import Annotated, Final

import msgspec
from msgspec import Meta
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.maint_notifications import MaintNotificationsConfig

from festival_push.push.news.presence import Present, Streams, Who, count

PARTIES_MAX: Final = 5_000
"""People and displays that a summary names; it tells the total in any case."""
_SUMMARY_BYTES_MAX: Final = 1_000_000  # 5,000 of the longest ids
_PROCESSES_MAX: Final = 256
_FAILURES: Final = (RedisError, OSError, RuntimeError)
"""What a broken connection looks like; uvloop says RuntimeError when redis-py writes to one that is closing.
A TimeoutError is an OSError."""

_log = logging.getLogger(__name__)

_Streams = Annotated[int, Meta(ge=1, le=1_000_000)]
_Text = Annotated[str, Meta(min_length=1, max_length=128)]


class PresenceTimes(msgspec.Struct, frozen=True, kw_only=True):
    """How long things take, in seconds."""

    every_s: float = 1.0  # between two summaries
    ttl_s: float = 4.0  # of a summary; then its process is forgotten
    write_s: float = 1.0  # at most, for a summary to be written
    read_s: float = 0.1  # at most, for those of the others to be read: somebody waits


TIMES: Final = PresenceTimes()


class Summary(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """One process' streams: how many, and whose."""

    total: Annotated[int, Meta(ge=0, le=1_000_000)]
    parties: Annotated[list[tuple[_Text, _Text, _Streams]], Meta(max_length=PARTIES_MAX)]
    whole: bool  # everybody is named


_SUMMARIES: Final = msgspec.msgpack.Decoder(Summary)


class RedisPresence:
    """One process' end of the shared summaries."""

    def __init__(self, streams: Streams, url: str, *, prefix: str, times: PresenceTimes = TIMES) -> None:
        self._streams = streams
        self._url = url
        self._times = times
        self._index = f"{prefix}:presence"
        self._process = secrets.token_urlsafe(9)
        self._writing, self._reading = self._connect(), self._connect()
        self.healthy = False  # the last call was answered
        self.ignored = 0  # summaries that are none of ours

    async def run(self) -> None:
        """Write the summary again and again; a failing Redis is tried each time."""
        while True:
            try:
                await self._write()
                if not self.healthy:
                    _log.info("streams are counted over all processes")
                self.healthy = True
            except _FAILURES as error:
                self._doubt(error)
            await asyncio.sleep(self._times.every_s)

    async def everywhere(self) -> Present:
        """As `Presence.everywhere`."""
        streams = await count(self._streams())
        total, processes, complete = streams.total(), 1, self.healthy
        for summary in await self._read() if self.healthy else ():
            if summary is None:
                complete = False
                continue
            streams.update({(who, kind): number for who, kind, number in summary.parties})
            total, processes, complete = total + summary.total, processes + 1, complete and summary.whole
            await asyncio.sleep(0)
        return Present(streams=streams, total=total, processes=processes, complete=complete and self.healthy)

    async def close(self) -> None:
        """Take the summary back, if Redis answers, and close the connections."""
        try:
            if self.healthy:
                async with asyncio.timeout(self._times.read_s):
                    await self._writing.delete(self._key(self._process))
        except _FAILURES:
            _log.debug("the summary of this process was not taken back; it expires", exc_info=True)
        self.healthy = False
        for client in (self._writing, self._reading):
            await _quietly(client)

    def _connect(self) -> Redis:
        # No `socket_timeout`: it goes through `asyncio.wait_for`, which can swallow a cancellation (until Python
        # 3.12). A call that our own deadlines cancel closes its connection, so that no later one can get its answer.
        return Redis.from_url(
            self._url, socket_timeout=None, socket_connect_timeout=None, retry=Retry(NoBackoff(), 0),
            protocol=2, driver_info=None, maint_notifications_config=MaintNotificationsConfig(enabled=False),
        )  # fmt: skip

    def _key(self, process: str) -> str:
        return f"{self._index}:{process}"

    def _doubt(self, error: Exception) -> None:
        if self.healthy:
            _log.warning("streams are counted in this process only: Redis says %s", type(error).__name__)
        self.healthy = False

    async def _write(self) -> None:
        summary = msgspec.msgpack.encode(summarized(await count(self._streams())))
        async with asyncio.timeout(self._times.write_s), self._writing.pipeline() as pipe:
            pipe.set(self._key(self._process), summary, px=int(self._times.ttl_s * 1000))
            pipe.sadd(self._index, self._process)
            await pipe.execute()

    async def _read(self) -> list[Summary | None]:
        """The summaries of the others; None for one that can't be read."""
        try:
            async with asyncio.timeout(self._times.read_s):
                found = await self._reading.srandmember(self._index, _PROCESSES_MAX)
                listed = {name for name in found if isinstance(name, bytes)} if isinstance(found, list) else set()
                others = sorted(listed - {self._process.encode()})
                if not others:
                    return []
                async with self._reading.pipeline(transaction=False) as pipe:
                    for name in others:
                        pipe.getrange(self._key(name.decode("ascii", "replace")), 0, _SUMMARY_BYTES_MAX)
                    answers = await pipe.execute(raise_on_error=False)
                if dead := [name for name, answer in zip(others, answers, strict=True) if answer == b""]:
                    await self._reading.srem(self._index, *dead)  # whoever lives adds itself again
        except _FAILURES as error:
            self._doubt(error)
            return []
        more = [None] if len(listed) >= _PROCESSES_MAX else []
        return [self._parsed(answer) for answer in answers if answer != b""] + more

    def _parsed(self, answer: object) -> Summary | None:
        try:
            if isinstance(answer, bytes):
                return _SUMMARIES.decode(answer)
        except (msgspec.DecodeError, RecursionError):
            pass
        self.ignored += 1
        return None


def summarized(streams: Counter[Who]) -> Summary:
    """A summary that names as many as it may."""
    named = list(streams.items())[:PARTIES_MAX]
    parties = [(who, kind, number) for (who, kind), number in named]
    return Summary(total=streams.total(), parties=parties, whole=len(named) == len(streams))


async def _quietly(client: Redis) -> None:
    """Close without a word: the connection may be broken already."""
    try:
        await client.aclose()
    except _FAILURES:
        _log.debug("a broken connection didn't close", exc_info=True)
