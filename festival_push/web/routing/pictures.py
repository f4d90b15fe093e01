"""QR codes as pictures: drawn beside the event loop, one at a time, and kept.

    asked ──► kept ──────────────────────────────────────────────► the picture
      │
      └─────► waits in its stall's queue ──► a thread draws it ──► all who have asked for it meanwhile

The stalls' queues are served in turn, so a stall that asks for hundreds keeps nobody else waiting for more than one.
"""

import asyncio
import io
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Literal, NamedTuple

import segno

from festival_push.domain.values import VendorId
from festival_push.web.parsing.problems import TooBusy

BUSY: Final = (503, "busy")
"""The refusal that every route that draws a picture may answer: status and code."""
KEPT_BYTES_MAX: Final = 8 * 1024 * 1024  # an item takes 3 to 4 KB in both kinds: seven stalls with 300 items each
_RETRY_AFTER_S: Final = 2
_MODULE_PX: Final = 12  # a PNG of some 500 px: sharp on a sticker
_QUIET_MODULES: Final = 4  # the white frame that readers need

Kind = Literal["svg", "png"]


class Picture(NamedTuple):
    """What a picture shows, and how."""

    url: str
    kind: Kind


def draw(picture: Picture) -> bytes:
    """Return the QR code of an address, black on white whatever the page around it looks like; takes 10 to 20 ms."""
    drawn = io.BytesIO()
    code = segno.make_qr(picture.url, error="m")  # it can be read with 15 % scratched off a sticker
    if picture.kind == "svg":  # without a size of its own: as large as the page wants it
        code.save(drawn, kind="svg", omitsize=True, border=_QUIET_MODULES, dark="#000", light="#fff")
    else:
        code.save(drawn, kind="png", scale=_MODULE_PX, border=_QUIET_MODULES, dark="#000", light="#fff")
    return drawn.getvalue()


class Pictures:
    """Draws QR codes in a thread of its own, and keeps those that were asked for last.

    Args:
        waiting_max: How many pictures of one stall may wait to be drawn.
        kept_bytes_max: Bytes of pictures and their addresses that are kept.
        draw: Draws a picture; called in the thread.
    """

    def __init__(
        self, *, waiting_max: int, kept_bytes_max: int = KEPT_BYTES_MAX, draw: Callable[[Picture], bytes] = draw
    ) -> None:
        self._waiting_max = waiting_max
        self._kept_bytes_max = kept_bytes_max
        self._draw = draw
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="pictures")
        self._kept: OrderedDict[Picture, bytes] = OrderedDict()  # the one that was asked for last comes last
        self._kept_bytes = 0
        self._asked: dict[Picture, asyncio.Future[bytes]] = {}  # those that wait, and the one that is being drawn
        self._queues: OrderedDict[VendorId, deque[Picture]] = OrderedDict()  # the next stall's first; none is empty
        self._drawing: asyncio.Task[None] | None = None

    async def get(self, picture: Picture, *, stall: VendorId) -> bytes:
        """Return a picture, drawn or kept. Raises TooBusy if too many of this stall wait."""
        if (kept := self._kept.get(picture)) is not None:
            self._kept.move_to_end(picture)
            return kept
        if (drawn := self._asked.get(picture)) is None:
            drawn = self._ask(picture, stall)
        return await asyncio.shield(drawn)  # the others who wait for it get it, even if this caller goes away

    def close(self) -> None:
        """Drop the pictures that still wait, and end the thread."""
        if self._drawing is not None:
            self._drawing.cancel()
        for drawn in self._asked.values():
            drawn.cancel()
        self._pool.shutdown(cancel_futures=True)

    def _ask(self, picture: Picture, stall: VendorId) -> asyncio.Future[bytes]:
        if len(self._queues.get(stall, ())) >= self._waiting_max:
            raise TooBusy("busy", "Too many QR codes of this stall are waiting.", retry_after_s=_RETRY_AFTER_S)
        self._queues.setdefault(stall, deque()).append(picture)
        drawn = self._asked[picture] = asyncio.get_running_loop().create_future()
        if self._drawing is None:
            self._drawing = asyncio.create_task(self._draw_all())
        return drawn

    async def _draw_all(self) -> None:
        try:
            while self._queues:
                await self._draw_next()
        finally:
            self._drawing = None

    async def _draw_next(self) -> None:
        stall, queue = self._queues.popitem(last=False)
        picture = queue.popleft()
        if queue:
            self._queues[stall] = queue  # behind all others
        try:
            drawn = await asyncio.get_running_loop().run_in_executor(self._pool, self._draw, picture)
        except Exception as error:
            self._asked.pop(picture).set_exception(error)
        else:
            self._asked.pop(picture).set_result(drawn)
            self._keep(picture, drawn)

    def _keep(self, picture: Picture, drawn: bytes) -> None:
        self._kept[picture] = drawn
        self._kept_bytes += _size(picture, drawn)
        while self._kept_bytes > self._kept_bytes_max:
            self._kept_bytes -= _size(*self._kept.popitem(last=False))


def _size(picture: Picture, drawn: bytes) -> int:
    return len(picture.url) + len(drawn)
