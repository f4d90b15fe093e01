"""Clearing: a stall completes all its ready orders at once."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from msgspec import UNSET, Meta, UnsetType
from starlette.responses import Response

from festival_push.domain.orders.clearing import Cleared, ClearReady
from festival_push.domain.people.relations import Act
from festival_push.domain.values import Instant, OrderId, VendorId
from festival_push.store.writing.answers import Committed
from festival_push.web.api.views import View
from festival_push.web.parsing.fields import Body
from festival_push.web.routing.access import who_may
from festival_push.web.routing.endpoint import Call, Endpoints, Key

ENDPOINTS: Final = Endpoints()

_UNIX_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class ClearReadyBody(Body, frozen=True, kw_only=True):
    """Which ready orders are meant: those that the page shows."""

    called_until: (
        Annotated[datetime, Meta(tz=True, description="The `calledAt` of the newest that is meant; left out: all.")]
        | UnsetType
    ) = UNSET


class ClearedView(View, frozen=True, kw_only=True):
    """The orders that were completed, the oldest first; each can be recalled for ten minutes."""

    order_ids: tuple[OrderId, ...]
    position: int


@ENDPOINTS.post(
    "/v1/vendors/{vendorId}/orders/clear-ready",
    who_may(Act.SERVE_ORDER),
    body=ClearReadyBody,
    key=Key.WELCOME,
    answers={200: ClearedView},
)
async def clear_ready(call: Call) -> Response:
    """POST /v1/vendors/{vendorId}/orders/clear-ready: completes them all, in one step."""
    body = await call.body(ClearReadyBody)
    command = ClearReady(
        actor_id=call.actor_id,
        vendor_id=VendorId(call.id("vendorId")),
        called_until=None if body.called_until is UNSET else _instant(body.called_until),
    )
    return await call.run_once(command, body, _view)


def _view(committed: Committed[Cleared]) -> ClearedView:
    return ClearedView(order_ids=committed.reply.order_ids, position=committed.position)


def _instant(moment: datetime) -> Instant:
    return Instant((moment - _UNIX_EPOCH) // timedelta(milliseconds=1))
