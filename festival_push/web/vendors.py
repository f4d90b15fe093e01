"""Stalls, as their keepers set them."""

from typing import Final

from msgspec import UNSET, UnsetType
from starlette.responses import Response

from festival_push.domain.values import VendorId
from festival_push.domain.vendors import ChangeVendor
from festival_push.web.calls import Call
from festival_push.web.endpoints import VENDOR_OR_ADMIN, Endpoint
from festival_push.web.fields import Changes, Name, require_id
from festival_push.web.text import clean_name
from festival_push.web.views import VendorView, vendor_view


class ChangeVendorBody(Changes, frozen=True, kw_only=True):
    """New values; what is left out stays as it is."""

    open: bool | UnsetType = UNSET
    auto_accept: bool | UnsetType = UNSET
    name: Name | UnsetType = UNSET


async def change_vendor(call: Call) -> Response:
    """PATCH /v1/vendors/{vendorId}: 200 with the stall; a change reaches open customer pages."""
    body = await call.body(ChangeVendorBody)
    command = ChangeVendor(
        actor_id=call.user().user.user_id,
        vendor_id=VendorId(require_id(call.path("vendorId"), what="vendor")),
        open=None if body.open is UNSET else body.open,
        auto_accept=None if body.auto_accept is UNSET else body.auto_accept,
        name=None if body.name is UNSET else clean_name(body.name),
    )
    return await call.run(command, lambda committed: vendor_view(committed.reply))


ENDPOINTS: Final = (
    Endpoint(
        "PATCH",
        "/v1/vendors/{vendorId}",
        change_vendor,
        VENDOR_OR_ADMIN,
        body=ChangeVendorBody,
        answers={200: VendorView},
    ),
)
