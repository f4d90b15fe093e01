"""Notices: the broker's messages, authenticated with a keyed hash (the seal). A notice tells of one committed batch, or
how far the log goes.

Of each event it has the marks of its topics, by which a process knows that nobody there follows it, and the packed
frame: the bytes that a stream is written, made ready by the process that committed it. What is followed nowhere in a
process is not even unpacked there.

The seal limits an attacker who can write to the broker's channel but doesn't know the secret: they can repeat old
notices, which tell nothing new, and send garbage, which is counted and dropped.
"""

import hmac
import secrets
from collections import deque
from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import Final

import msgspec

from festival_push.domain.log import LogRow
from festival_push.push.hub.entries import Unread, unread
from festival_push.push.hub.frames import Frame
from festival_push.push.hub.interest import mark_of

NOTICE_BYTES_MAX: Final = 256 * 1024
"""A notice that would be larger leaves the frames out; a receiver reads those that it needs from the log."""
_SEAL_BYTES: Final = 16
_UNDERWAY_MAX: Final = 64

Made = Callable[[int], Frame | None]


def no_frame(position: int) -> None:
    """Return None: no frame is made yet."""
    del position


class Notice(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Says that the positions `first`..`last` are committed. In a heartbeat, `last` is the head of the log and `first`
    is one above it."""

    epoch: str
    sender: str  # a random name of the process
    first: int
    last: int
    events: tuple[Unread, ...] = ()  # one for each position


class Seal:
    """Writes and opens notices of one log.

    Args:
        secret: Known to all processes of one installation, ≥ 32 bytes; the key of the seal is derived from it.
        older: Secrets by which others may still seal, while one replaces another.
        epoch: The name of the log; notices about another one are not opened.
        channel: The channel of the notices; a notice from another channel isn't valid on this one.
        made: Returns the frame of a position of this log, if there is one already.
    """

    def __init__(
        self, secret: bytes, *, older: Sequence[bytes] = (), epoch: str, channel: str, made: Made = no_frame
    ) -> None:
        purpose = b"festival-push notices:" + channel.encode()
        self._keys = [hmac.digest(each, purpose, "sha256") for each in (secret, *older)]
        self._epoch = epoch
        self._made = made
        self._underway: deque[bytes] = deque(maxlen=_UNDERWAY_MAX)  # seals of ours that have not come back yet
        self.sender = secrets.token_urlsafe(6)
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(Notice).decode

    def renew(self, epoch: str) -> None:
        """Write and open notices of another log from now on."""
        self._epoch = epoch

    def batch(self, rows: Sequence[LogRow]) -> bytes:
        """Return a notice about one committed batch, at most NOTICE_BYTES_MAX long; without frames if it is too large,
        without anything but its positions if it still is."""
        first, last = rows[0].position, rows[-1].position
        # The number of characters is a lower bound of the bytes, so a huge batch is not even encoded.
        if sum(len(row.data) for row in rows) < NOTICE_BYTES_MAX:
            events = tuple(unread(self._epoch, row, self._made(row.position)) for row in rows)
            sealed = self._sealed(self._notice(first, last, events))
            if len(sealed) <= NOTICE_BYTES_MAX:
                return sealed
        without = tuple((tuple(map(mark_of, row.topics)), None) for row in rows)
        sealed = self._sealed(self._notice(first, last, without))
        if len(sealed) <= NOTICE_BYTES_MAX:
            return sealed
        return self._sealed(self._notice(first, last))

    def heartbeat(self, head: int) -> bytes:
        """Return a notice of no event that says how far the log goes."""
        return self._sealed(self._notice(head + 1, head))

    def comes_back(self, sealed: bytes) -> bool:
        """Return whether this is a notice of our own, which needs no opening: what it tells is known here. Each counts
        once, and so do those before it, which were lost."""
        seal = sealed[:_SEAL_BYTES]
        if seal not in self._underway:
            return False
        while self._underway.popleft() != seal:
            pass
        return True

    def open(self, sealed: bytes) -> Notice | None:
        """Return the notice; None if its seal is wrong, it can't be decoded, it is about another log, or its events
        don't match its positions."""
        if not _SEAL_BYTES < len(sealed) <= NOTICE_BYTES_MAX:
            return None
        seal, body = sealed[:_SEAL_BYTES], memoryview(sealed)[_SEAL_BYTES:]
        for key in self._keys:
            if hmac.compare_digest(seal, _seal_by(key, body)):
                break
        else:
            return None
        try:
            notice = self._decode(body)
        except msgspec.DecodeError:  # sealed by another version
            return None
        if notice.epoch != self._epoch or not _is_whole(notice):
            return None
        return notice

    def _notice(self, first: int, last: int, events: tuple[Unread, ...] = ()) -> Notice:
        return Notice(self._epoch, self.sender, first, last, events)

    def _sealed(self, notice: Notice) -> bytes:
        body = self._encode(notice)
        seal = _seal_by(self._keys[0], body)
        self._underway.append(seal)
        return seal + body


def _seal_by(key: bytes, body: bytes | memoryview) -> bytes:
    return blake2b(body, key=key, digest_size=_SEAL_BYTES).digest()


def _is_whole(notice: Notice) -> bool:
    """Return True if the events, if there are any, are as many as the notice's positions."""
    if not notice.events:
        return notice.last >= 0
    return notice.first > 0 and notice.last - notice.first + 1 == len(notice.events)
