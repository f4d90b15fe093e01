"""Who is connected to the other processes: each writes a summary of its streams, which expires.

    run         every second: write the parts that have changed, and the head that names their revisions
    everywhere  our own streams; of the other processes, read the heads, and the parts that we don't know yet

A process that dies is forgotten when its head expires. What is read from Redis is untrusted: it is read up to a bound,
its keyed hash is checked, and it is parsed strictly and only ever shown (`summaries.py`). When Redis does not answer,
the other processes' streams are missing from the count, after one short wait; `run` tries it again, and nobody waits
for that.
"""

import asyncio
import logging
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, TypeVar

import msgspec

from festival_push.push.headcount import PARTS, Headcount, Who
from festival_push.push.news.presence import Present
from festival_push.push.news.redis_client import REDIS_FAILURES, close_quietly, redis_client
from festival_push.push.news.redis_state import RedisState, reason_of, refused_right
from festival_push.push.news.summaries import HEAD_BYTES_MAX, PART_BYTES_MAX, PEOPLE_MAX, Head, Summaries, is_process

_PROCESSES_MAX: Final = 256
_AT_ONCE: Final = 128  # parts that are written, read or opened in one loop turn: some 2 ms

_log = logging.getLogger(__name__)

_Item = TypeVar("_Item")


class PresenceTimes(msgspec.Struct, frozen=True, kw_only=True):
    """The periods and bounds of presence, in seconds."""

    every_s: float = 1.0  # between two summaries
    ttl_s: float = 4.0  # of a head; then its process is forgotten
    part_ttl_s: float = 60.0  # of a part; each is written again in half of it, changed or not
    write_s: float = 1.0  # at most, to write a summary
    read_s: float = 0.1  # at most, to read heads, or some parts: a request waits for them
    parts_s: float = 0.1  # after that, no further parts are read: the next request reads on


TIMES: Final = PresenceTimes()


class _Other:
    """What is known of another process.

    Attributes:
        parts: The revision of each part that was read, and the part as it was written.
    """

    def __init__(self) -> None:
        self.head = Head(0, 0, [0] * PARTS, whole=True)
        self.parts: dict[int, tuple[int, bytes]] = {}

    def renew(self, head: Head) -> None:
        """Take the newest head, and forget the parts in which nobody is any more."""
        self.head = head
        for number in [number for number in self.parts if not head.revisions[number]]:
            del self.parts[number]

    def lacks(self) -> list[int]:
        """Return the numbers of the parts that are older than the head says, or were not read yet."""
        return [
            number
            for number, revision in enumerate(self.head.revisions)
            if revision and (number not in self.parts or self.parts[number][0] < revision)
        ]


class RedisPresence:
    """Writes this process' summary to Redis, and reads those of the others.

    Args:
        here: The open streams of this process. Only this presence empties `changed`.
        url: Of Redis.
        prefix: Begins the name of each key.
        secret: Shared by all processes, 32 to 64 bytes; the key of the hashes.
        older: Secrets that it replaces, which other processes may still use.
        times: Periods and bounds; tests have shorter ones.
    """

    def __init__(
        self,
        here: Headcount,
        url: str,
        *,
        prefix: str,
        secret: bytes,
        older: Sequence[bytes] = (),
        times: PresenceTimes = TIMES,
    ) -> None:
        self._here = here
        self._times = times
        self._summaries = Summaries(prefix, secret, older)
        self._process = secrets.token_urlsafe(9)
        self._revisions = [0] * PARTS
        self._revision = 0  # the highest of them
        self._was_written = False
        self._oldest = 0  # the number of the part that is written next, changed or not
        self._others: dict[str, _Other] = {}
        self._writing, self._reading = redis_client(url, prefix=prefix), redis_client(url, prefix=prefix)
        works, fails = "streams are counted over all processes", "streams are counted in this process only"
        self._writes = RedisState(_log, works=works, fails=fails, first=True)
        self._reads = RedisState(_log, works="other processes' streams are read again", fails=fails)
        self.ignored = 0  # heads and parts with a wrong hash, or that can't be parsed, or are old

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
        complete = await self._read() if self.healthy else False
        streams, total, processes = self._here.streams(), self._here.total, 1
        for name, other in list(self._others.items()) if self.healthy else ():
            total, processes, complete = total + other.head.total, processes + 1, complete and other.head.whole
            for parts in _some(list(other.parts.items())):
                for number, (_, sealed) in parts:
                    self._count(name, number, sealed, streams)
                await asyncio.sleep(0)
        return Present(streams=streams, total=total, processes=processes, complete=complete and self.healthy)

    async def close(self) -> None:
        """Delete the head, if Redis answers, and close the connections. The parts expire."""
        try:
            if self.healthy:
                async with asyncio.timeout(self._times.read_s):
                    await self._writing.delete(self._summaries.key(self._process))
        except REDIS_FAILURES:
            _log.debug("the summary of this process was not taken back; it expires", exc_info=True)
        self._writes.ok = self._reads.ok = False
        for client in (self._writing, self._reading):
            await close_quietly(client)

    async def _write(self) -> None:
        """Write the parts that have changed, and a few more before they expire; then the head. A part that is newer
        than the head does no harm. If this fails, the parts count as changed still."""
        here = self._here
        due = here.changed | self._expiring()
        here.changed = set()
        try:
            async with asyncio.timeout(self._times.write_s):
                for numbers in _some(sorted(due)):
                    await self._write_parts(numbers)
                await self._write_head()
            due = set()
        finally:
            here.changed |= due

    def _expiring(self) -> set[int]:
        """Return the numbers of the parts that are due by age: all of them in half of their time to live."""
        count = min(PARTS, int(PARTS * self._times.every_s / (self._times.part_ttl_s / 2)) + 1)
        first, self._oldest = self._oldest, (self._oldest + count) % PARTS
        return {(first + number) % PARTS for number in range(count)}

    async def _write_parts(self, numbers: Iterable[int]) -> None:
        async with self._writing.pipeline(transaction=False) as pipe:
            for number in numbers:
                people = self._here.part(number)
                if not people:
                    self._revisions[number] = 0
                    continue
                self._revision = self._revisions[number] = self._revision + 1
                part = self._summaries.part(self._process, number, self._revision, people)
                pipe.set(self._summaries.key(self._process, number), part, px=round(self._times.part_ttl_s * 1000))
            await pipe.execute()

    async def _write_head(self) -> None:
        here, key = self._here, self._summaries.key(self._process)
        whole = all(sum(map(len, here.part(number).values())) <= PEOPLE_MAX for number in range(PARTS))
        head = self._summaries.head(self._process, here.total, self._revisions, whole=whole)
        async with self._writing.pipeline() as pipe:
            pipe.getrange(key, 0, 0)
            pipe.set(key, head, px=round(self._times.ttl_s * 1000))
            pipe.sadd(self._summaries.index, self._process)
            before, *_ = await pipe.execute()
        if self._was_written and not before:  # Redis has lost its data, and our parts with it
            here.changed.update(range(PARTS))
        self._was_written = True

    async def _read(self) -> bool:
        """Read the other processes' heads, and the parts that they have changed. Return True if nothing is missing."""
        try:
            whole = await self._read_heads()
            began_s = asyncio.get_running_loop().time()
            lacking = [(name, number) for name, other in self._others.items() for number in other.lacks()]
            for parts in _some(lacking):
                if asyncio.get_running_loop().time() - began_s > self._times.parts_s:
                    whole = False
                    break
                whole = await self._read_parts(parts) and whole
        except REDIS_FAILURES as error:
            self._reads.failed(reason_of(error))
            return False
        self._reads.worked()
        return whole

    async def _read_heads(self) -> bool:
        async with asyncio.timeout(self._times.read_s):
            found = await self._reading.srandmember(self._summaries.index, _PROCESSES_MAX)
            listed = {name for name in found if isinstance(name, bytes)} if isinstance(found, list) else set()
            others = {name.decode("ascii", "replace"): name for name in listed if name != self._process.encode()}
            names = sorted(filter(is_process, others))
            answers = await self._values([(self._summaries.key(name), HEAD_BYTES_MAX) for name in names])
            answered = dict(zip(names, answers, strict=True))
            if dead := [written for name, written in others.items() if answered.get(name, b"") == b""]:
                await self._reading.srem(self._summaries.index, *dead)  # a live process adds itself again
        others_now, whole = {}, len(listed) < _PROCESSES_MAX
        for name, answer in answered.items():
            if answer == b"":
                continue
            head = self._summaries.open_head(name, answer)
            if head is None:
                self.ignored, whole = self.ignored + 1, False
                continue
            others_now[name] = self._others.get(name) or _Other()
            others_now[name].renew(head)
        self._others = others_now
        return whole

    async def _read_parts(self, parts: Sequence[tuple[str, int]]) -> bool:
        """Read these parts of these processes. Return False if some of them are missing, or not what they should be."""
        async with asyncio.timeout(self._times.read_s):
            answers = await self._values([(self._summaries.key(*part), PART_BYTES_MAX) for part in parts])
        whole = True
        for (name, number), answer in zip(parts, answers, strict=True):
            part, other = self._summaries.open_part(name, number, answer), self._others.get(name)
            if other is None:  # forgotten meanwhile, by another read
                continue
            if part is not None and part.revision >= other.head.revisions[number] and isinstance(answer, bytes):
                other.parts[number] = (part.revision, answer)
            else:
                self.ignored, whole = self.ignored + (answer != b""), False
        return whole

    async def _values(self, keys: Sequence[tuple[str, int]]) -> list[object]:
        """Return what stands under each of these keys, up to so many bytes; b"" where nothing does."""
        if not keys:
            return []
        async with self._reading.pipeline(transaction=False) as pipe:
            for key, bytes_max in keys:
                pipe.getrange(key, 0, bytes_max)
            answers: list[object] = await pipe.execute(raise_on_error=False)
        for answer in answers:
            if refused := refused_right(answer):
                raise refused
        return answers

    def _count(self, name: str, number: int, sealed: bytes, streams: Counter[Who]) -> None:
        part = self._summaries.open_part(name, number, sealed)
        if part is not None:
            for kind, people in part.streams.items():
                for who, count in people.items():
                    streams[who, kind] += count


def _some(items: Sequence[_Item]) -> Iterator[Sequence[_Item]]:
    """Yield the items, up to _AT_ONCE at a time."""
    return (items[start : start + _AT_ONCE] for start in range(0, len(items), _AT_ONCE))
