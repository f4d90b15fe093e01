"""Who is connected to the other processes: each writes a summary of its streams under a key of its own, which expires.

    run         every second: count our own streams -> SET {<prefix>}:presence:<process> with a TTL
    everywhere  our own streams, counted at the call, and the summaries of the other processes, read at the call

A process that dies is forgotten when its key expires. What is read from Redis is untrusted: it is read up to a bound,
its keyed hash is checked, and it is parsed strictly and only ever shown. When Redis does not answer, the other
processes' streams are missing from the count, after one short wait; `run` tries it again, and nobody waits for that.
"""

import asyncio
import logging
import secrets
from collections import Counter
from collections.abc import Sequence
from hashlib import blake2b
from hmac import compare_digest
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from festival_push.push.news.presence import Present, Streams, Who, count
from festival_push.push.news.redis_client import REDIS_FAILURES, close_quietly, key_name, redis_client
from festival_push.push.news.redis_state import RedisState, reason_of, refused_right

PARTIES_MAX: Final = 5_000
"""People and displays that a summary names; its total counts all streams in any case."""
_SUMMARY_BYTES_MAX: Final = 1_000_000  # enough for 5,000 of the longest ids
_PROCESSES_MAX: Final = 256
_HASH_BYTES: Final = 16

_log = logging.getLogger(__name__)

_Streams = Annotated[int, Meta(ge=1, le=1_000_000)]
_Text = Annotated[str, Meta(min_length=1, max_length=128)]


class PresenceTimes(msgspec.Struct, frozen=True, kw_only=True):
    """The periods and bounds of presence, in seconds."""

    every_s: float = 1.0  # between two summaries
    ttl_s: float = 4.0  # of a summary; then its process is forgotten
    write_s: float = 1.0  # at most, to write a summary
    read_s: float = 0.1  # at most, to read the other processes' summaries: a request waits for them


TIMES: Final = PresenceTimes()


class Summary(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """One process' streams: how many, and whose they are."""

    total: Annotated[int, Meta(ge=0, le=1_000_000)]
    parties: Annotated[list[tuple[_Text, _Text, _Streams]], Meta(max_length=PARTIES_MAX)]
    whole: bool  # True if `parties` names everybody


_SUMMARIES: Final = msgspec.msgpack.Decoder(Summary)


class RedisPresence:
    """Writes this process' summary to Redis, and reads those of the others.

    Args:
        streams: Returns the open streams of this process.
        url: Of Redis.
        prefix: Begins the name of each key.
        secret: Shared by all processes, 32 to 64 bytes; the key of the hashes.
        older: Secrets that it replaces, which other processes may still use.
        times: Periods and bounds; tests have shorter ones.
    """

    def __init__(
        self,
        streams: Streams,
        url: str,
        *,
        prefix: str,
        secret: bytes,
        older: Sequence[bytes] = (),
        times: PresenceTimes = TIMES,
    ) -> None:
        self._streams = streams
        self._secrets = (secret, *older)
        self._times = times
        self._index = key_name(prefix, "presence")
        self._process = secrets.token_urlsafe(9)
        self._writing, self._reading = redis_client(url, prefix=prefix), redis_client(url, prefix=prefix)
        works, fails = "streams are counted over all processes", "streams are counted in this process only"
        self._writes = RedisState(_log, works=works, fails=fails, first=True)
        self._reads = RedisState(_log, works="other processes' streams are read again", fails=fails)
        self.ignored = 0  # summaries with a wrong hash, or that can't be parsed

    @property
    def healthy(self) -> bool:
        """Whether Redis took the last summary, and answered the last read."""
        return self._writes.ok and self._reads.ok

    async def run(self) -> None:
        """Write the summary every `every_s`, until cancelled; try again each time when Redis fails."""
        while True:
            try:
                await self._write()
                self._writes.worked()
            except REDIS_FAILURES as error:
                self._writes.failed(reason_of(error))
            if self._writes.ok and not self._reads.ok:
                await self._read()
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
        """Delete the summary, if Redis answers, and close the connections."""
        try:
            if self.healthy:
                async with asyncio.timeout(self._times.read_s):
                    await self._writing.delete(self._key(self._process))
        except REDIS_FAILURES:
            _log.debug("the summary of this process was not taken back; it expires", exc_info=True)
        self._writes.ok = self._reads.ok = False
        for client in (self._writing, self._reading):
            await close_quietly(client)

    def _key(self, process: str) -> str:
        return f"{self._index}:{process}"

    async def _write(self) -> None:
        summary = msgspec.msgpack.encode(summarized(await count(self._streams())))
        async with asyncio.timeout(self._times.write_s), self._writing.pipeline() as pipe:
            pipe.set(
                self._key(self._process),
                self._hash(self._process, summary) + summary,
                px=int(self._times.ttl_s * 1000),
            )
            pipe.sadd(self._index, self._process)
            await pipe.execute()

    async def _read(self) -> list[Summary | None]:
        """Return the other processes' summaries; None for one that can't be read, or for those above the bound."""
        try:
            async with asyncio.timeout(self._times.read_s):
                found = await self._reading.srandmember(self._index, _PROCESSES_MAX)
                listed = {name for name in found if isinstance(name, bytes)} if isinstance(found, list) else set()
                others = sorted(listed - {self._process.encode()})
                if not others:
                    self._reads.worked()
                    return []
                async with self._reading.pipeline(transaction=False) as pipe:
                    for name in others:
                        pipe.getrange(self._key(name.decode("ascii", "replace")), 0, _HASH_BYTES + _SUMMARY_BYTES_MAX)
                    answers = await pipe.execute(raise_on_error=False)
                for answer in answers:
                    if refused := refused_right(answer):
                        raise refused
                if dead := [name for name, answer in zip(others, answers, strict=True) if answer == b""]:
                    await self._reading.srem(self._index, *dead)  # a live process adds itself again
        except REDIS_FAILURES as error:
            self._reads.failed(reason_of(error))
            return []
        self._reads.worked()
        more = [None] if len(listed) >= _PROCESSES_MAX else []
        named = zip(others, answers, strict=True)
        return [self._parsed(name, answer) for name, answer in named if answer != b""] + more

    def _parsed(self, process: bytes, answer: object) -> Summary | None:
        try:
            if isinstance(answer, bytes) and self._is_hashed(process.decode("ascii", "replace"), answer):
                return _SUMMARIES.decode(memoryview(answer)[_HASH_BYTES:])
        except (msgspec.DecodeError, RecursionError):
            pass
        self.ignored += 1
        return None

    def _is_hashed(self, process: str, answer: bytes) -> bool:
        given, summary = answer[:_HASH_BYTES], answer[_HASH_BYTES:]
        return any(compare_digest(given, self._hash_by(secret, process, summary)) for secret in self._secrets)

    def _hash(self, process: str, summary: bytes) -> bytes:
        return self._hash_by(self._secrets[0], process, summary)

    def _hash_by(self, secret: bytes, process: str, summary: bytes) -> bytes:
        """Return the keyed hash of a process' summary: it is valid under that process' key only."""
        text = self._key(process).encode() + b" " + summary
        return blake2b(text, key=secret, digest_size=_HASH_BYTES).digest()


def summarized(streams: Counter[Who]) -> Summary:
    """Return a summary that names up to PARTIES_MAX people and displays."""
    named = list(streams.items())[:PARTIES_MAX]
    parties = [(who, kind, number) for (who, kind), number in named]
    return Summary(total=streams.total(), parties=parties, whole=len(named) == len(streams))
