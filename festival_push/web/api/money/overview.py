"""The festival at a glance: counts, money, and who is connected."""

from heapq import nsmallest
from typing import Annotated, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType
from starlette.responses import Response

from festival_push.domain.people.relations import Act
from festival_push.domain.values import OrderStatus, Role
from festival_push.push.news.presence import Present
from festival_push.web.api.views import View
from festival_push.web.parsing.fields import Id
from festival_push.web.parsing.queries import PAGE_LIMIT, PAGE_LIMIT_MAX, NoQuery
from festival_push.web.routing.access import who_may
from festival_push.web.routing.endpoint import Call, Endpoints, json_response
from festival_push.web.routing.services import Services

ENDPOINTS: Final = Endpoints()


class OverviewView(View, frozen=True, kw_only=True):
    """Counts and money at one position: cameIn + losses = wallets + held + fees + paidOut.

    With allowances, deposits and donations, cameIn + losses + crew = wallets + held + fees + paidOut + deposits +
    allowances + donations.
    """

    users: dict[Role, int]
    suspended: int
    vendors: int
    vendors_open: int
    vendors_unattended: int  # without a keeper who is not suspended
    orders: dict[OrderStatus, int]
    currency: str
    currency_digits: int
    came_in: int
    wallets: int
    held: int
    fees: int
    paid_out: int
    payouts_requested: int
    losses: int  # taken back of what was spent already
    in_drawers: int | UnsetType = UNSET  # cash; left out where there is none, as are the two below
    in_safe: int | UnsetType = UNSET  # cash that drawers gave, less what they got: floats make it less than nothing
    differences: int | UnsetType = UNSET  # cash that was over at closings, less what was short
    streams: int  # open at this moment
    streams_complete: bool  # of all processes; false: some may be missing
    position: int
    crew: int | UnsetType = UNSET  # granted as allowances, less what was taken back; where there is some
    allowances: int | UnsetType = UNSET  # of that not used yet
    deposits: int | UnsetType = UNSET  # taken and not given back
    donations: int | UnsetType = UNSET  # of guests, less what was taken back


class ConnectionsQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which of those who are connected; `before` is the `next` of the page before."""

    limit: Annotated[int, Meta(ge=1, le=PAGE_LIMIT_MAX)] = PAGE_LIMIT
    before: Id | None = None


class ConnectionView(View, frozen=True, kw_only=True):
    """A person or a display, and their open streams."""

    user_id: str
    user_type: str
    streams: int


class ConnectionsView(View, frozen=True, kw_only=True):
    """Who is connected, by id."""

    items: tuple[ConnectionView, ...]
    next: str | None
    total: int  # of all streams
    processes: int  # that are counted
    complete: bool  # false: the streams of some processes may be missing


@ENDPOINTS.get("/v1/admin/overview", who_may(Act.SEE_OFFICE), query=NoQuery, answers={200: OverviewView})
async def show_overview(call: Call) -> Response:
    """GET /v1/admin/overview."""
    call.query(NoQuery)
    services = call.services
    facts = msgspec.structs.asdict(await services.reads.overview())
    facts |= {name: facts[name] or UNSET for name in ("in_drawers", "in_safe", "differences")}
    present = await _present(services)
    return json_response(
        OverviewView(
            currency=services.rules.currency.code,
            currency_digits=services.rules.currency.digits,
            streams=present.total,
            streams_complete=present.complete,
            **(facts | {name: facts[name] or UNSET for name in ("crew", "allowances", "deposits", "donations")}),
        )
    )


@ENDPOINTS.get("/v1/admin/connections", who_may(Act.SEE_OFFICE), query=ConnectionsQuery, answers={200: ConnectionsView})
async def list_connections(call: Call) -> Response:
    """GET /v1/admin/connections: of all processes, as far as they are heard of."""
    query = call.query(ConnectionsQuery)
    present = await _present(call.services)
    after = "" if query.before is None else query.before
    people = nsmallest(query.limit + 1, (person for person in present.streams if person[0] > after))
    shown = people[: query.limit]
    view = ConnectionsView(
        items=tuple(ConnectionView(user_id=who[0], user_type=who[1], streams=present.streams[who]) for who in shown),
        next=shown[-1][0] if len(people) > len(shown) else None,
        total=present.total,
        processes=present.processes,
        complete=present.complete,
    )
    return json_response(view)


async def _present(services: Services) -> Present:
    """Return who is connected; not complete while another server can't be heard."""
    present = await services.presence.everywhere()
    return msgspec.structs.replace(present, complete=present.complete and not services.neighbours.unheard)
