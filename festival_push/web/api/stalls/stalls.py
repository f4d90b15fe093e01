"""Stalls, as their keepers set them."""

from typing import Annotated, Final

from msgspec import UNSET, UnsetType
from starlette.responses import Response

from festival_push.domain.people.relations import Act
from festival_push.domain.stalls.stalls import Business, ChangeVendor
from festival_push.domain.values import VendorId
from festival_push.web.api.stalls.stall_views import VendorView, vendor_view
from festival_push.web.parsing.fields import Changes, Name, given, line_of
from festival_push.web.parsing.text import NAME_CHARS_MAX, clean_line, clean_name
from festival_push.web.routing.access import who_may
from festival_push.web.routing.endpoint import Call, Endpoints

ENDPOINTS: Final = Endpoints()


TAX_ID_CHARS_MAX: Final = 40
ADDRESS_CHARS_MAX: Final = 140

LegalName = Annotated[str, line_of(NAME_CHARS_MAX, blank=True)]
TaxId = Annotated[str, line_of(TAX_ID_CHARS_MAX, blank=True)]
Address = Annotated[str, line_of(ADDRESS_CHARS_MAX, blank=True)]


class ChangeVendorBody(Changes, frozen=True, kw_only=True):
    """New values; what is left out stays as it is."""

    open: bool | UnsetType = UNSET
    auto_accept: bool | UnsetType = UNSET
    at_once: bool | UnsetType = UNSET
    name: Name | UnsetType = UNSET
    legal_name: LegalName | UnsetType = UNSET  # for its owners to change, as the two below; empty: none
    tax_id: TaxId | UnsetType = UNSET
    address: Address | UnsetType = UNSET


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
        business=_business(body),
    )
    return await call.run(command, lambda committed: vendor_view(committed.reply, keeps=True))


def _business(body: ChangeVendorBody) -> Business | None:
    """Return what a request changes of the business; None: nothing. Raises BadRequest, which names the field."""
    if body.legal_name is UNSET and body.tax_id is UNSET and body.address is UNSET:
        return None
    return Business(
        legal_name=_line(body.legal_name, "legalName", NAME_CHARS_MAX),
        tax_id=_line(body.tax_id, "taxId", TAX_ID_CHARS_MAX),
        address=_line(body.address, "address", ADDRESS_CHARS_MAX),
    )


def _line(text: str | UnsetType, field: str, chars_max: int) -> str | None:
    return None if text is UNSET else clean_line(text, field=field, chars_max=chars_max, blank=True)
