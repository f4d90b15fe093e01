"""Notices: the broker's messages, authenticated with a keyed hash (the seal). A notice holds one committed batch, or
tells how far the log goes.

The seal limits an attacker who can write to the broker's channel but doesn't know the secret: they can repeat old
notices, which tell nothing new, and send garbage, which is counted and dropped.
"""

import hmac
from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

import msgspec

from festival_push.domain.log import LogRow

NOTICE_BYTES_MAX: Final = 256 * 1024
"""A notice that would be larger names only its positions, without rows; the receiver reads them from the log."""
_SEAL_BYTES: Final = 32


class Notice(msgspec.Struct, frozen=True, array_like=True):
    """Says that the positions `first`..`last` are committed. `rows` holds all of them, or none. In a heartbeat, `last`
    is the head of the log and `first` is one above it."""

    epoch: str
    first: int
    last: int
    rows: tuple[LogRow, ...] = ()


class Seal:
    """Writes and opens notices of one log.

    Args:
        secret: Known to all processes of one installation, ≥ 32 bytes; the key of the seal is derived from it.
        older: Secrets by which others may still seal, while one replaces another.
        epoch: The name of the log; notices about another one are not opened.
        channel: The channel of the notices; a notice from another channel isn't valid on this one.
    """

    def __init__(self, secret: bytes, *, older: Sequence[bytes] = (), epoch: str, channel: str) -> None:
        # Another text would be another seal: older processes could not open it during a rolling upgrade.
        purpose = b"festival-push letters:" + channel.encode()
        self._keys = [hmac.digest(each, purpose, "sha256") for each in (secret, *older)]
        self._epoch = epoch
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(Notice)

    def renew(self, epoch: str) -> None:
        """Write and open notices of another log from now on."""
        self._epoch = epoch

    def batch(self, rows: Sequence[LogRow]) -> bytes:
        """Return a notice about one committed batch, at most NOTICE_BYTES_MAX long; without rows if it is too large."""
        first, last = rows[0].position, rows[-1].position
        notice = Notice(self._epoch, first, last)
        # The number of characters is a lower bound of the bytes, so a huge batch is not even encoded.
        if sum(len(row.data) for row in rows) < NOTICE_BYTES_MAX:
            body = self._encoder.encode(Notice(self._epoch, first, last, tuple(rows)))
            if len(body) + _SEAL_BYTES <= NOTICE_BYTES_MAX:
                return self._seal(body) + body
        return self._sealed(notice)

    def heartbeat(self, head: int) -> bytes:
        """Return a notice without rows that says how far the log goes."""
        return self._sealed(Notice(self._epoch, head + 1, head))

    def open(self, sealed: bytes) -> Notice | None:
        """Return the notice; None if its seal is wrong, it can't be decoded, it is about another log, or its rows don't
        match its positions."""
        if not _SEAL_BYTES < len(sealed) <= NOTICE_BYTES_MAX:
            return None
        body = sealed[_SEAL_BYTES:]
        if not any(hmac.compare_digest(sealed[:_SEAL_BYTES], _seal_by(key, body)) for key in self._keys):
            return None
        try:
            notice = self._decoder.decode(body)
        except msgspec.DecodeError:  # sealed by another version
            return None
        if notice.epoch != self._epoch or not _is_whole(notice):
            return None
        return notice

    def _sealed(self, notice: Notice) -> bytes:
        body = self._encoder.encode(notice)
        return self._seal(body) + body

    def _seal(self, body: bytes) -> bytes:
        return _seal_by(self._keys[0], body)


def _seal_by(key: bytes, body: bytes) -> bytes:
    return blake2b(body, key=key, digest_size=_SEAL_BYTES).digest()


def _is_whole(notice: Notice) -> bool:
    """True if the rows, if there are any, are exactly the notice's positions."""
    if not notice.rows:
        return notice.last >= 0
    if notice.last != notice.first + len(notice.rows) - 1:
        return False
    return all(row.position == position for position, row in enumerate(notice.rows, notice.first))
