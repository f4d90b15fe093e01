"""Is this process alive, and is it fit for work? For supervisors, load balancers and whoever is called at night."""

import asyncio
from typing import Final

from starlette.responses import Response

from festival_push.store.errors import Unavailable
from festival_push.store.log import LogHead
from festival_push.web.calls import Call, json_response
from festival_push.web.endpoints import ANYONE, Endpoint
from festival_push.web.services import Services
from festival_push.web.views import View

DATABASE_WITHIN_S: Final = 1.0
BEHIND_EVENTS_MAX: Final = 5_000  # a burst is gone through within a second; more than this is standing still


class AliveView(View, frozen=True, kw_only=True):
    """The process answers."""

    status: str = "ok"


class ReadyView(View, frozen=True, kw_only=True):
    """What works. `unavailable` is not fit for work; `degraded` is, but somebody should look."""

    status: str  # ready, degraded, unavailable
    database: str  # ok, unavailable
    committer: str  # ok, full
    waiting: int  # commands
    streams: int
    draining: bool
    position: int  # of the tail
    head: int | None  # of the log; None: not known
    redis: str  # ok, unavailable, off


async def show_alive(_call: Call) -> Response:
    """GET /healthz: says nothing of the neighbours, for a restart would not mend them."""
    return json_response(AliveView())


async def show_ready(call: Call) -> Response:
    """GET /readyz: 200, or 503 when requests should go elsewhere."""
    view = await _look(call.services)
    response = json_response(view, 503 if view.status == "unavailable" else 200)
    response.headers["Cache-Control"] = "no-store"
    return response


async def _look(services: Services) -> ReadyView:
    head = await _head(services)
    position, waiting = services.tail.position, services.committer.waiting
    full = waiting >= services.settings.limits.pending_max
    draining = services.streams.is_draining
    is_off = not services.settings.redis.url
    unfit = head is None or full or draining or head.position - position > BEHIND_EVENTS_MAX
    healthy = services.broker.healthy
    return ReadyView(
        status="unavailable" if unfit else "ready" if healthy else "degraded",
        database="unavailable" if head is None else "ok",
        committer="full" if full else "ok",
        waiting=waiting,
        streams=len(services.streams),
        draining=draining,
        position=position,
        head=None if head is None else head.position,
        redis="off" if is_off else "ok" if healthy else "unavailable",
    )


async def _head(services: Services) -> LogHead | None:
    try:
        async with asyncio.timeout(DATABASE_WITHIN_S):
            return await services.log.head()
    except (Unavailable, TimeoutError):
        return None


ENDPOINTS: Final = (
    Endpoint("GET", "/healthz", show_alive, ANYONE, answers={200: AliveView}),
    Endpoint("GET", "/readyz", show_ready, ANYONE, answers={200: ReadyView, 503: ReadyView}),
)
