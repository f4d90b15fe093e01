"""Liveness and readiness, for supervisors, load balancers and operators."""

import asyncio
from typing import Final

from msgspec import UNSET, UnsetType
from starlette.responses import Response

from festival_push import __version__
from festival_push.domain.log import LogHead
from festival_push.domain.money.amounts import Currency
from festival_push.ops.metrics.process import disk_free_bytes
from festival_push.store.errors import Unavailable
from festival_push.store.writing.committer import Committer
from festival_push.web.api.views import View
from festival_push.web.routing.endpoint import ANYONE, Call, Endpoints, json_response
from festival_push.web.routing.operator import may_see_metrics
from festival_push.web.routing.services import Services

ENDPOINTS: Final = Endpoints()

DATABASE_WITHIN_S: Final = 1.0
WRITE_BUSY_S_MAX: Final = 2.0  # commands that wait for longer than a transaction may take are refused
WRITE_PROVES_S: Final = 5.0
"""A commit proves for so long that commands can be taken; then, if somebody asks, one is made."""
BEHIND_EVENTS_MAX: Final = 5_000  # a burst is read within a second; more than this means that the tail is stuck
BUSY_SHARE: Final = 0.5  # of `limits.pending_max`
LAG_S_MAX: Final = 0.25  # people begin to notice
DISK_FREE_MIN: Final = 512 * 1024 * 1024  # some 500,000 orders, and time to free some space


class AliveView(View, frozen=True, kw_only=True):
    """The process answers, and says which version of Festival Push it runs."""

    status: str = "ok"
    version: str


class ReadyView(View, frozen=True, kw_only=True):
    """What works. `unavailable` is not fit for work; `degraded` is, but somebody should look.

    All but the status is for the readers of the metrics, and left out for others.
    """

    status: str  # ready, degraded, unavailable
    reasons: tuple[str, ...] | UnsetType = UNSET  # why it is not `ready`: what is unfit first
    database: str | UnsetType = UNSET  # ok, unavailable
    committer: str | UnsetType = UNSET  # ok, full
    writer: str | UnsetType = UNSET  # ok, unavailable
    written_ms: int | UnsetType | None = UNSET  # since the last commit; None: the last one failed
    waiting: int | UnsetType = UNSET  # commands
    streams: int | UnsetType = UNSET
    draining: bool | UnsetType = UNSET
    position: int | UnsetType = UNSET  # of the tail
    head: int | UnsetType | None = UNSET  # of the log; None: not known
    redis: str | UnsetType = UNSET  # ok, unavailable, off
    replica: str | UnsetType = UNSET  # ok, behind, unavailable, off
    loop_lag_ms: int | UnsetType = UNSET  # the most of the last 15 to 30 seconds
    clock_jump_ms: int | UnsetType = (
        UNSET  # how far the machine's clock has jumped within the last hour; negative: back
    )
    disk_free: int | UnsetType | None = UNSET  # bytes, where the SQLite file is; None: not known, or PostgreSQL


@ENDPOINTS.get("/healthz", ANYONE, answers={200: AliveView})
async def show_alive(_call: Call) -> Response:
    """GET /healthz: reports nothing about Redis and the database, because a restart would not repair them."""
    return json_response(AliveView(version=__version__))


@ENDPOINTS.get("/readyz", ANYONE, answers={200: ReadyView, 503: ReadyView})
async def show_ready(call: Call) -> Response:
    """GET /readyz: 200, or 503 when requests should go elsewhere."""
    view = await _look(call.services)
    if not may_see_metrics(call.request, call.services.settings):
        view = ReadyView(status=view.status)
    response = json_response(view, 503 if view.status == "unavailable" else 200)
    response.headers["Cache-Control"] = "no-store"
    return response


async def _look(services: Services) -> ReadyView:
    (head, kept), writes = await asyncio.gather(_head(services), _writes(services.committer))
    position, waiting = services.tail.position, services.committer.waiting
    pending_max, healthy = services.settings.limits.pending_max, services.broker.healthy
    redis = bool(services.settings.redis.url)
    file = services.settings.database.file
    disk_free = None if file is None else await asyncio.to_thread(disk_free_bytes, file.parent)
    unfit = {
        "database": head is None,
        "writer": not writes,
        "currency": kept not in {None, services.rules.currency},
        "committer-full": waiting >= pending_max,
        "stale": services.streams.is_stale,
        "behind": head is not None and head.position - position > BEHIND_EVENTS_MAX,
        "draining": services.streams.is_draining,
    }
    worrying = {
        "redis": not healthy,
        "other-redis": services.neighbours.unheard > 0 and (redis or services.settings.production),
        "committer-busy": BUSY_SHARE * pending_max <= waiting < pending_max,
        "clock": services.watchdog.clock.has_jumped,
        "loop-lag": services.watchdog.lag_s > LAG_S_MAX,
        "replica": services.reads.replica in {"behind", "unavailable"},
        "disk-low": disk_free is not None and disk_free < DISK_FREE_MIN,
    }
    reasons = tuple(name for name, found in (unfit | worrying).items() if found)
    return ReadyView(
        status="unavailable" if any(unfit.values()) else "degraded" if reasons else "ready",
        reasons=reasons,
        database="unavailable" if head is None else "ok",
        committer="full" if unfit["committer-full"] else "ok",
        writer="ok" if writes else "unavailable",
        written_ms=None if (idle_s := services.committer.idle_s()) is None else round(idle_s * 1000),
        waiting=waiting,
        streams=len(services.streams),
        draining=services.streams.is_draining,
        position=position,
        head=None if head is None else head.position,
        redis="off" if not redis else "ok" if healthy else "unavailable",
        replica=services.reads.replica,
        loop_lag_ms=round(services.watchdog.lag_s * 1000),
        clock_jump_ms=round(services.watchdog.clock.jumped_s * 1000) if services.watchdog.clock.has_jumped else 0,
        disk_free=disk_free,
    )


async def _writes(committer: Committer) -> bool:
    """Return whether commands can be taken: one was committed a moment ago, or a commit without one succeeds."""
    if committer.busy_s() > WRITE_BUSY_S_MAX:
        return False
    idle_s = committer.idle_s()
    if idle_s is not None and idle_s < WRITE_PROVES_S:
        return True
    try:
        async with asyncio.timeout(DATABASE_WITHIN_S):
            await committer.look()
    except (Unavailable, TimeoutError):
        return False
    return True


async def _head(services: Services) -> tuple[LogHead | None, Currency | None]:
    """Return the head of the log and the currency that the database is in; None for what is not known."""
    try:
        async with asyncio.timeout(DATABASE_WITHIN_S):
            return await services.log.head(), await services.reads.currency()
    except (Unavailable, TimeoutError):
        return None, None
