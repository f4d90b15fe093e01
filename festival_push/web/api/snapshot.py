"""The state of a person that streams and pages begin with."""

from festival_push.domain.refusals import NotFound
from festival_push.domain.values import Rules
from festival_push.domain.words.rooms import room_name
from festival_push.store.reads.reads import Profile
from festival_push.web.api.orders.order_views import OrderView, order_view
from festival_push.web.api.views import View
from festival_push.web.routing.endpoint import Call


class SnapshotView(View, frozen=True, kw_only=True):
    """The caller's state at the position that is the `connected` frame's id."""

    balance: int
    currency: str
    orders: tuple[OrderView, ...]
    unread: int
    rooms: tuple[str, ...]


async def read_profile(call: Call) -> Profile:
    """Read everything about the caller at one position. Raises NotFound."""
    profile = await call.services.reads.profile(call.actor_id)
    if profile is None:
        raise NotFound(what="user")
    return profile


def snapshot_view(profile: Profile, rules: Rules) -> SnapshotView:
    """Render the state that a new stream begins with. The rooms are those that it follows besides its own topics."""
    return SnapshotView(
        balance=profile.balance,
        currency=rules.currency,
        orders=tuple(order_view(seen, rules) for seen in profile.orders),
        unread=profile.unread,
        rooms=tuple(map(room_name, profile.rooms)),
    )
