"""What processes write about their streams, and how it is sealed by a keyed hash: a head for each process, and parts.

    {<prefix>}:presence:<process>       head: how many streams, when it was written, and the revision of each part
    {<prefix>}:presence:<process>:<n>   part: its revision, and its people with the number of their streams

Both are sealed under the name of their key, so that no one of them can stand for another. A head that is old, or a part
whose revision is below the one that the head names, was put back by somebody else.
"""

import re
import time
from collections.abc import Callable, Sequence
from hashlib import blake2b
from hmac import compare_digest
from itertools import islice
from typing import Annotated, Final, TypeVar

import msgspec
from msgspec import Meta

from festival_push.push.headcount import PARTS
from festival_push.push.news.redis_client import key_name

PEOPLE_MAX: Final = 512
"""People that a part names; 256 parts hold 20,000 people with room for six times as many."""
HEAD_BYTES_MAX: Final = 4_096
PART_BYTES_MAX: Final = 80_000  # enough for PEOPLE_MAX of the longest ids
AGE_S_MAX: Final = 60.0
"""Of a head that counts; also how far the clocks of two hosts may be apart."""
_HASH_BYTES: Final = 16
_PROCESS: Final = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)  # without the colon that would make it a part's key

_Streams = Annotated[int, Meta(ge=1, le=1_000_000)]
_Text = Annotated[str, Meta(min_length=1, max_length=128)]
_Revision = Annotated[int, Meta(ge=0, le=2**53)]
_Sealed = TypeVar("_Sealed")


class Head(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """One process' streams: how many, and where to read whose they are."""

    total: Annotated[int, Meta(ge=0, le=1_000_000)]
    at_s: Annotated[float, Meta(ge=0, le=1e11)]  # since 1970, when it was written
    revisions: Annotated[list[_Revision], Meta(min_length=PARTS, max_length=PARTS)]  # 0: nobody is in that part
    whole: bool  # True if the parts name everybody


class Part(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Some of the people, by user type and id."""

    revision: _Revision
    streams: dict[_Text, Annotated[dict[_Text, _Streams], Meta(max_length=PEOPLE_MAX)]]


_HEADS: Final = msgspec.msgpack.Decoder(Head)
_PARTS: Final = msgspec.msgpack.Decoder(Part)
_encode: Final = msgspec.msgpack.Encoder().encode


class Summaries:
    """Names, seals and opens what is written.

    Args:
        prefix: Begins the name of each key.
        secret: Shared by all processes, 32 to 64 bytes; the key of the hashes.
        older: Secrets that it replaces, which other processes may still use.
        now_s: The wall clock, in seconds since 1970.
    """

    def __init__(
        self, prefix: str, secret: bytes, older: Sequence[bytes] = (), *, now_s: Callable[[], float] = time.time
    ) -> None:
        self.index = key_name(prefix, "presence")
        self._secrets = (secret, *older)
        self._now_s = now_s

    def key(self, process: str, part: int | None = None) -> str:
        """Return the key of a process' head, or of one of its parts."""
        return f"{self.index}:{process}" if part is None else f"{self.index}:{process}:{part}"

    def head(self, process: str, total: int, revisions: Sequence[int], *, whole: bool) -> bytes:
        """Return a head as it is written now."""
        return self.seal(self.key(process), _encode(Head(total, self._now_s(), list(revisions), whole)))

    def part(self, process: str, number: int, revision: int, people: dict[str, dict[str, int]]) -> bytes:
        """Return a part as it is written, with up to PEOPLE_MAX of these people: their streams, by user type."""
        streams: dict[str, dict[str, int]] = {}
        left = PEOPLE_MAX
        for user_type, those in people.items():
            if left:
                streams[user_type] = dict(islice(those.items(), left))
                left -= len(streams[user_type])
        return self.seal(self.key(process, number), _encode(Part(revision, streams)))

    def open_head(self, process: str, sealed: object) -> Head | None:
        """Return the head of a process; None if it isn't one, or is old."""
        head = self._open(_HEADS, self.key(process), sealed)
        return head if head is not None and abs(self._now_s() - head.at_s) <= AGE_S_MAX else None

    def open_part(self, process: str, number: int, sealed: object) -> Part | None:
        """Return a part of a process; None if it isn't one."""
        return self._open(_PARTS, self.key(process, number), sealed)

    def seal(self, key: str, body: bytes) -> bytes:
        """Return what is written under a key: the keyed hash, and the body."""
        return _hash_by(self._secrets[0], key, body) + body

    def _open(self, decoder: "msgspec.msgpack.Decoder[_Sealed]", key: str, sealed: object) -> _Sealed | None:
        if not isinstance(sealed, bytes):
            return None
        given, body = sealed[:_HASH_BYTES], sealed[_HASH_BYTES:]
        if not any(compare_digest(given, _hash_by(secret, key, body)) for secret in self._secrets):
            return None
        try:
            return decoder.decode(body)
        except (msgspec.DecodeError, RecursionError):  # by another version
            return None


def is_process(name: str) -> bool:
    """Return True if it can be the name of a process."""
    return _PROCESS.fullmatch(name) is not None


def _hash_by(secret: bytes, key: str, body: bytes) -> bytes:
    return blake2b(key.encode() + b" " + body, key=secret, digest_size=_HASH_BYTES).digest()
