"""Letters between processes: one committed batch, or how far the log goes, sealed with a key.

The seal makes whoever can write to the broker's channel but doesn't know the secret a mere nuisance: he can repeat
old letters, which tells nothing new, and send garbage, which is counted and dropped.
"""

import hmac
from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

import msgspec

from festival_push.domain.log import LogRow

LETTER_BYTES_MAX: Final = 256 * 1024
"""A letter that would be larger says only which positions it is about; the receiver reads them from the log."""
_SEAL_BYTES: Final = 32


class Notice(msgspec.Struct, frozen=True, array_like=True):
    """Positions `first`..`last` are committed. `rows` holds all of them, or none."""

    epoch: str
    first: int
    last: int
    rows: tuple[LogRow, ...] = ()


class Seal:
    """Writes and opens letters of one log.

    Args:
        secret: Known to all processes of one installation, ≥ 32 bytes; a key of our own is derived from it.
        epoch: The name of the log; letters about another one are not opened.
        channel: Where the letters travel; a letter from another channel isn't valid on this one.
    """

    def __init__(self, secret: bytes, *, epoch: str, channel: str) -> None:
        self._key = hmac.digest(secret, b"festival-push letters:" + channel.encode(), "sha256")
        self._epoch = epoch
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(Notice)

    def batch(self, rows: Sequence[LogRow]) -> bytes:
        """A letter about one committed batch, ≤ LETTER_BYTES_MAX."""
        first, last = rows[0].position, rows[-1].position
        letter = Notice(self._epoch, first, last)
        # Characters are a lower bound of bytes: the huge batch is not even encoded.
        if sum(len(row.data) for row in rows) < LETTER_BYTES_MAX:
            body = self._encoder.encode(Notice(self._epoch, first, last, tuple(rows)))
            if len(body) + _SEAL_BYTES <= LETTER_BYTES_MAX:
                return self._seal(body) + body
        return self._sealed(letter)

    def heartbeat(self, head: int) -> bytes:
        """A letter without rows that says how far the log goes."""
        return self._sealed(Notice(self._epoch, head + 1, head))

    def open(self, sealed: bytes) -> Notice | None:
        """The letter, or None when it is not ours, not whole, of another log or not sensible."""
        if not _SEAL_BYTES < len(sealed) <= LETTER_BYTES_MAX:
            return None
        body = sealed[_SEAL_BYTES:]
        if not hmac.compare_digest(sealed[:_SEAL_BYTES], self._seal(body)):
            return None
        try:
            letter = self._decoder.decode(body)
        except msgspec.DecodeError:  # sealed by another version
            return None
        if letter.epoch != self._epoch or not _is_whole(letter):
            return None
        return letter

    def _sealed(self, letter: Notice) -> bytes:
        body = self._encoder.encode(letter)
        return self._seal(body) + body

    def _seal(self, body: bytes) -> bytes:
        return blake2b(body, key=self._key, digest_size=_SEAL_BYTES).digest()


def _is_whole(letter: Notice) -> bool:
    """Whether the rows, if there are any, are exactly the positions that the letter is about."""
    if not letter.rows:
        return letter.last >= 0
    if letter.last != letter.first + len(letter.rows) - 1:
        return False
    return all(row.position == position for position, row in enumerate(letter.rows, letter.first))
