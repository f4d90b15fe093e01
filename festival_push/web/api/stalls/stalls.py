"""Stalls, as their keepers set them."""

from typing import Final

from msgspec import UNSET, UnsetType
from starlette.responses import Response

from festival_push.domain.people.relations import Act
from festival_push.domain.stalls.stalls import ChangeVendor
from festival_push.domain.values import VendorId
from festival_push.web.api.stalls.stall_views import VendorView, vendor_view
from festival_push.web.parsing.fields import Changes, Name, given
from festival_push.web.parsing.text import clean_name
from festival_push.web.routing.access import who_may
from festival_push.web.routing.endpoint import Call, Endpoints

ENDPOINTS: Final = Endpoints()


class ChangeVendorBody(Changes, frozen=True, kw_only=True):
    """New values; what is left out stays as it is."""

    open: bool | UnsetType = UNSET
    auto_accept: bool | UnsetType = UNSET
    at_once: bool | UnsetType = UNSET
    name: Name | UnsetType = UNSET


@ENDPOINTS.patch(
    "/v1/vendors/{vendorId}",
    who_may(Act.CHANGE_STALL),
    body=ChangeVendorBody,
    answers={200: VendorView},
    refuses=ChangeVendor.REFUSES,
)
async def change_vendor(call: Call) -> Response:
    """PATCH /v1/vendors/{vendorId}: 200 with the stall; a change reaches open customer pages."""
    body = await call.body(ChangeVendorBody)
    command = ChangeVendor(
        actor_id=call.actor_id,
        vendor_id=VendorId(call.id("vendorId")),
        open=given(body.open),
        auto_accept=given(body.auto_accept),
        at_once=given(body.at_once),
        name=None if body.name is UNSET else clean_name(body.name),
    )
    return await call.run(command, lambda committed: vendor_view(committed.reply))
