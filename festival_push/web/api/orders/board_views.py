"""Pickup boards and their displays as JSON."""

from msgspec.structs import asdict

from festival_push.domain.orders.boards import Board
from festival_push.domain.values import DisplayId
from festival_push.store.reads.orders import BoardSeen
from festival_push.web.api.views import View


class BoardSnapshot(Board, frozen=True, kw_only=True, rename="camel"):
    """A pickup board at the position that is the `connected` frame's id."""

    vendor_name: str


class BoardView(BoardSnapshot, frozen=True, kw_only=True, rename="camel"):
    """A pickup board, whole."""

    position: int


class DisplayView(View, frozen=True, kw_only=True):
    """A new display; its token is shown only here."""

    display_id: DisplayId
    token: str
    url: str


def board_view(seen: BoardSeen) -> BoardView:
    """Render a board with the position at which it was read."""
    return BoardView(**asdict(seen.board), vendor_name=seen.vendor_name, position=seen.position)


def board_snapshot(seen: BoardSeen) -> BoardSnapshot:
    """Render a board for the first frame of its stream."""
    return BoardSnapshot(**asdict(seen.board), vendor_name=seen.vendor_name)
