"""The deeds of staff, as organisers read them: a page, and all of them as a table."""

from collections.abc import AsyncIterator
from typing import Annotated, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType
from starlette.responses import Response

from festival_push.domain.office.deeds import DeedKind, KeptDeed
from festival_push.domain.people.relations import Act
from festival_push.domain.values import Actor, rfc3339
from festival_push.store.reads.reads import Reads
from festival_push.web.api.reports.periods import saved_as, today
from festival_push.web.api.sheets import Cell, long_sheet
from festival_push.web.api.views import Page, View, page
from festival_push.web.parsing.fields import left_out
from festival_push.web.parsing.queries import NoQuery, PageQuery
from festival_push.web.routing.access import who_may
from festival_push.web.routing.endpoint import Call, Endpoints, json_response

ENDPOINTS: Final = Endpoints()

_OFFICE: Final = who_may(Act.SEE_OFFICE)
_ROWS: Final = 500  # in one piece of the table
_COLUMNS: Final = (
    "seq", "timestamp", "actor", "act", "subject", "before", "after", "requestId", "previous", "hash",
)  # fmt: skip
_state: Final = msgspec.json.Decoder(dict[str, str | int | bool | None]).decode

_Named = Annotated[str, Meta(min_length=1, max_length=200)]


class DeedView(View, frozen=True, kw_only=True):
    """Something that a member of staff did."""

    seq: int  # 1, 2, 3 … without a gap
    timestamp: str
    actor: Actor  # `user:<userId>`, `command-line` or `system`
    act: DeedKind
    subject: str  # `user:anna`: its kind and its id
    before: dict[str, str | int | bool | None]  # what changed of it, as it was
    after: dict[str, str | int | bool | None]
    request_id: str | UnsetType = UNSET
    previous: str  # the hash of the deed before
    hash: str  # SHA-256 of all of the above


class DeedQuery(PageQuery, frozen=True, forbid_unknown_fields=True):
    """`?actor=&subject=&act=`, besides the page."""

    actor: _Named | None = None
    subject: _Named | None = None
    act: DeedKind | None = None


@ENDPOINTS.get("/v1/admin/deeds", _OFFICE, query=DeedQuery, answers={200: Page[DeedView]})
async def list_deeds(call: Call) -> Response:
    """GET /v1/admin/deeds: what staff did, newest first."""
    query = call.query(DeedQuery)
    found = await call.services.reads.deeds(
        actor=None if query.actor is None else Actor(query.actor),
        subject=query.subject,
        act=query.act,
        before=query.before,
        limit=query.limit + 1,
    )
    return json_response(page(found, query.limit, _deed_view, before=lambda deed: deed.seq))


@ENDPOINTS.get("/v1/admin/deeds.csv", _OFFICE, query=NoQuery, answers={200: "text/csv"})
async def download_deeds(call: Call) -> Response:
    """GET /v1/admin/deeds.csv: every deed, oldest first, with all that its hash is made of."""
    call.query(NoQuery)
    return long_sheet(saved_as(call, "deeds", today(call)), _table(call.services.reads))


async def _table(reads: Reads) -> AsyncIterator[list[tuple[Cell, ...]]]:
    """Yield the table in pieces, so that it needs no more memory when there are many deeds."""
    rows: list[tuple[Cell, ...]] = [_COLUMNS]
    async for deed in reads.all_deeds():
        rows.append(
            (
                deed.seq, rfc3339(deed.at), deed.actor, deed.act.value, deed.subject, deed.before, deed.after,
                deed.request_id, deed.previous, deed.hash,
            )
        )  # fmt: skip
        if len(rows) >= _ROWS:
            yield rows
            rows = []
    yield rows


def _deed_view(deed: KeptDeed) -> DeedView:
    return DeedView(
        seq=deed.seq,
        timestamp=rfc3339(deed.at),
        actor=deed.actor,
        act=deed.act,
        subject=deed.subject,
        before=_state(deed.before),
        after=_state(deed.after),
        request_id=left_out(deed.request_id),
        previous=deed.previous,
        hash=deed.hash,
    )
