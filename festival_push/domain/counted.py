"""The rows that are counted instead of loaded."""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import msgspec

from festival_push.domain.rows import MenuItem, Payout
from festival_push.domain.stalls.rows import Display
from festival_push.domain.values import PayoutStatus


class Counted(NamedTuple):
    """Rows of one kind that are counted instead of loaded, because there may be many.

    Attributes:
        name: The field in `Needs`, and the counter in the `Book`.
        group: The field by which they are counted.
        counts: Whether a row counts.
    """

    name: str
    group: str
    counts: Callable[[Any], bool]


COUNTED: Final[Mapping[type[msgspec.Struct], Counted]] = {
    MenuItem: Counted("menu_sizes", "vendor_id", lambda item: not item.deleted),
    Display: Counted("display_counts", "vendor_id", lambda display: not display.revoked),
    Payout: Counted("payout_counts", "user_id", lambda payout: payout.status is PayoutStatus.REQUESTED),
}
