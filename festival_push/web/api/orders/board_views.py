"""Pickup boards and their displays as JSON."""

from festival_push.domain.orders.boards import Board
from festival_push.domain.values import (
    DisplayId,
    VendorId,
)
from festival_push.web.api.views import View


class BoardView(View, frozen=True, kw_only=True):
    """A pickup board, whole."""

    vendor_id: VendorId
    vendor_name: str
    preparing: tuple[int, ...]
    ready: tuple[int, ...]
    position: int


class BoardSnapshot(View, frozen=True, kw_only=True):
    """A pickup board at the position that is the `connected` frame's id."""

    vendor_id: VendorId
    vendor_name: str
    preparing: tuple[int, ...]
    ready: tuple[int, ...]


class DisplayView(View, frozen=True, kw_only=True):
    """A new display; its token is shown only here."""

    display_id: DisplayId
    token: str
    url: str


def board_view(board: Board, position: int) -> BoardView:
    """Render a board read at a position."""
    return BoardView(
        vendor_id=board.vendor_id,
        vendor_name=board.vendor_name,
        preparing=board.preparing,
        ready=board.ready,
        position=position,
    )


def board_snapshot(board: Board) -> BoardSnapshot:
    """Render a board for the first frame of its stream."""
    return BoardSnapshot(
        vendor_id=board.vendor_id, vendor_name=board.vendor_name, preparing=board.preparing, ready=board.ready
    )
