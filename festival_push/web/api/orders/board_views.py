"""Pickup boards as JSON and as text, and the links that set up their displays."""

from textwrap import fill
from typing import Final
from urllib.parse import urlencode

from msgspec.structs import asdict

from festival_push.domain.orders.boards import Board
from festival_push.domain.values import DisplayId, Instant, VendorId, rfc3339
from festival_push.store.reads.orders import BoardSeen
from festival_push.web.api.views import View
from festival_push.web.identity.claims import DISPLAY_TTL_S, TokenUse
from festival_push.web.parsing.addresses import public_url
from festival_push.web.routing.endpoint import Call

TEXT: Final = "text/plain"
_TEXT_COLUMNS: Final = 79  # a terminal has 80, and some break a line that fills all of them
_MINUTE_MS: Final = 60 * 1000


class BoardSnapshot(Board, frozen=True, kw_only=True, rename="camel"):
    """A pickup board at the position that is the `connected` frame's id."""

    vendor_name: str
    ready_minutes: int  # how long after its last call a screen shows a ready number; 0: for ever
    timestamp: str  # the server's time, to which `calledAt` belongs: a screen's clock may be wrong


class BoardView(BoardSnapshot, frozen=True, kw_only=True, rename="camel"):
    """A pickup board, whole."""

    position: int


class DisplayView(View, frozen=True, kw_only=True):
    """A new display; its token is shown only here."""

    display_id: DisplayId
    token: str
    url: str


def board_view(seen: BoardSeen, *, ready_minutes: int, now: Instant) -> BoardView:
    """Render a board with the position at which it was read."""
    return BoardView(**asdict(board_snapshot(seen, ready_minutes=ready_minutes, now=now)), position=seen.position)


def board_snapshot(seen: BoardSeen, *, ready_minutes: int, now: Instant) -> BoardSnapshot:
    """Render a board for the first frame of its stream."""
    return BoardSnapshot(
        **asdict(seen.board), vendor_name=seen.vendor_name, ready_minutes=ready_minutes, timestamp=rfc3339(now)
    )


def board_text(seen: BoardSeen, *, ready_minutes: int, now: Instant) -> str:
    """Render a board for a terminal: the stall's name, the ready numbers (the newest call first), and the others.

    Like any screen, it shows a ready number for `ready_minutes` after its last call; 0: for ever.
    """
    called_since = rfc3339(Instant(now - ready_minutes * _MINUTE_MS)) if ready_minutes else ""
    ready = [each.number for each in seen.board.called if each.called_at > called_since]  # RFC 3339 sorts as text
    numbers = {"Ready:": ready, "Preparing:": seen.board.preparing}
    lines = [f"{name} {' '.join(map(str, found)) or '-'}" for name, found in numbers.items()]
    return "".join(f"{fill(line, _TEXT_COLUMNS, break_on_hyphens=False)}\n" for line in (seen.vendor_name, *lines))


def display_link(call: Call, display_id: DisplayId, vendor_id: VendorId) -> tuple[str, str]:
    """Return a new token of a display, and the address of the kiosk page that holds it."""
    issued = call.services.tokens.issue(display_id, TokenUse.DISPLAY, DISPLAY_TTL_S)
    # Behind the `#`: browsers don't send it, so that it gets into no log and no Referer.
    fragment = urlencode({"vendor": vendor_id, "token": issued.token})
    return issued.token, f"{public_url(call.services.settings.server)}/kiosk/#{fragment}"
