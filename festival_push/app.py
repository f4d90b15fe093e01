"""The composition root: builds the running application from the settings. It imports all packages but `cli` and
`simulate`; only `cli` imports it."""

import asyncio
import gc
import logging
import os
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from starlette.routing import Router
from starlette.types import ASGIApp, Lifespan

from festival_push.domain.office.kept_settings import NoteSettings
from festival_push.domain.values import Instant, Rules
from festival_push.ops.access import AccessLog
from festival_push.ops.advice import advised
from festival_push.ops.at_work import at_work
from festival_push.ops.attendance import Attendance
from festival_push.ops.listener import Listener
from festival_push.ops.logs import configure_logs
from festival_push.ops.metrics.exposition import Measured, Metrics
from festival_push.ops.metrics.traffic import Traffic
from festival_push.ops.neighbours import neighbours_by
from festival_push.ops.private_database import close_to_others
from festival_push.ops.watchdog import Watchdog
from festival_push.push.hub.hub import Hub
from festival_push.push.news.broker import Broker, NoBroker
from festival_push.push.news.presence import LocalPresence, Presence
from festival_push.push.news.redis_broker import RedisBroker
from festival_push.push.news.redis_presence import RedisPresence
from festival_push.push.news.tail import Tail
from festival_push.push.streams.feed import Sources
from festival_push.push.streams.registry import StreamRegistry, StreamRules
from festival_push.serving.refusals import cut_offs
from festival_push.settings import Settings, load_settings, ops_address
from festival_push.settings.development import development_secrets
from festival_push.settings.variables import CONFIG_VARIABLE
from festival_push.store.currency import rules_of
from festival_push.store.database import Database
from festival_push.store.errors import Unavailable, UnsafeDatabase
from festival_push.store.log import EventLog
from festival_push.store.migrations.runner import migrate
from festival_push.store.opening import open_database
from festival_push.store.reads.reads import Reads
from festival_push.store.writing.committer import Committer
from festival_push.web.api.pages import open_files
from festival_push.web.identity.cookies import Cookies
from festival_push.web.identity.factors.resealing import open_sealer
from festival_push.web.identity.guessing.guard import Guessing
from festival_push.web.identity.issuing import build_issuing
from festival_push.web.identity.limits import LocalRateLimiter, RateLimiter
from festival_push.web.identity.origins import build_origins, cors_middleware
from festival_push.web.identity.pins import Pins, standard_hasher
from festival_push.web.identity.principal import Authenticator
from festival_push.web.identity.proofs import build_proofs
from festival_push.web.identity.redis_limits import RedisRateLimiter
from festival_push.web.identity.rights import Rights
from festival_push.web.identity.stream_guard import StreamGuard
from festival_push.web.identity.tokens import Tokens, build_tokens
from festival_push.web.routes import build_router
from festival_push.web.routing.middleware import AnswerHeaders
from festival_push.web.routing.operator import OperatorsListener
from festival_push.web.routing.pictures import Pictures
from festival_push.web.routing.services import Services
from festival_push.web.routing.starting import SaidStart

_POLL_S: Final = 1.0  # the log is read at least this often, also while the broker is healthy
_WRITE_WITHIN_S: Final = 1.5  # so that a server that is cut off answers within 2 s, and lets the others go on
_SETTLE_S: Final = 2.0  # the same; who repeats the command, here or elsewhere, finds out what became of it
_PATIENCE_S: Final = 90.0  # with others that use the database of an upgrade; a killed server counts for a minute
_TRIM_EVERY_S: Final = 600.0
_GC_THRESHOLDS: Final = (50_000, 50, 1_000)
"""Higher than Python's, because a full collection visits every open stream: with the default thresholds a broadcast's
p99 was 250 ms."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenStore:
    """An open database with its committer, the only writer, running."""

    database: Database
    committer: Committer
    rules: Rules
    migrated: list[str]  # names of the migrations that were applied when it was opened


def now() -> Instant:
    """Return the present time of the wall clock, in milliseconds since 1970."""
    return Instant(time.time_ns() // 1_000_000)


def create_app() -> ASGIApp:
    """Make the application in a server's process: read the settings file that CONFIG_VARIABLE names."""
    configure_logs()
    path = os.environ.get(CONFIG_VARIABLE)
    return build_app(development_secrets(load_settings(Path(path) if path else None)))


def build_app(settings: Settings) -> ASGIApp:
    """Build one process' application. It opens what it needs at start-up, and closes it at the end."""
    traffic, access = Traffic(), AccessLog(enabled=settings.server.access_log)
    router = build_router(settings, lifespan=_lifespan(settings, traffic, access))
    application = OperatorsListener(_said(router, settings), ops_address(settings.server))
    return AnswerHeaders(application, traffic, access, cors_middleware(settings))


def _said(router: Router, settings: Settings) -> ASGIApp:
    return SaidStart(router, (Unavailable, UnsafeDatabase), lambda error: advised(error, settings.database.file))


def tokens_of(settings: Settings) -> Tokens:
    """Return the issuer and verifier of tokens, with the identity provider's keys if one is configured."""
    return build_tokens(settings, now)


@asynccontextmanager
async def open_store(
    settings: Settings, listener: Listener | None = None, *, begins: bool = True
) -> AsyncIterator[OpenStore]:
    """Open the database, migrate it to this version and start the committer; at the end, finish the accepted commands
    and close.

    Args:
        listener: Told of each committed batch, and of a log that is another one; None where nobody is served.
        begins: Whether a server begins here, whose currency is kept; else the database's own is used, if it has one.
    Raises:
        UnsafeDatabase: As `open_database` and `migrate`, or there is money in it in another currency.
        InUse: As `migrate`.
        Unavailable, WriteFailed, CommitUnknown: The database can't be read or written.
    """
    serves, listener = listener is not None, listener or Listener()
    close_to_others(settings.database.file)
    given = settings.database
    database = await open_database(given.url, read_url=given.read_url, readers=given.readers)
    try:
        await database.writer().require_durable(refuse=settings.production)
        migrated = await migrate(database, patience_s=_PATIENCE_S)
        if serves:
            await database.writer().hurry(_WRITE_WITHIN_S)
        rules = await rules_of(database, settings.rules(), begins=begins)
        committer = Committer(
            database,
            rules,
            batch_max=settings.limits.batch_max,
            pending_max=settings.limits.pending_max,
            now=now,
            on_committed=listener.on_committed,
            on_renewed=listener.on_renewed,
            told=listener.told,
            settle_s=_SETTLE_S,
        )
        async with at_work("committer", committer.run()):
            try:
                yield OpenStore(database=database, committer=committer, rules=rules, migrated=migrated)
            finally:
                await committer.close()
    finally:
        await database.close()


def _lifespan(settings: Settings, traffic: Traffic, access: AccessLog) -> Lifespan[Router]:
    @asynccontextmanager
    async def lifespan(_app: Router) -> AsyncIterator[Mapping[str, Any]]:
        async with AsyncExitStack() as stack:
            stack.callback(access.flush)
            services = await _open(settings, stack, traffic)
            gc.collect()
            gc.freeze()
            gc.set_threshold(*_GC_THRESHOLDS)
            yield {"services": services, "drain": lambda: services.streams.drain(settings.server.drain_s)}

    return lifespan


async def _open(settings: Settings, stack: AsyncExitStack, traffic: Traffic) -> Services:
    """Open one part after the other; the stack closes them in the reverse order."""
    listener = Listener()
    store = await stack.enter_async_context(open_store(settings, listener))
    reads, log = Reads(store.database), EventLog(store.database)
    own = await _attend(settings, store, reads, stack)
    hub = Hub((await log.head()).epoch, window_bytes_max=settings.limits.window_bytes_max)
    broker = _broker(settings, hub, stack)
    tail = await _tail(settings, store, log, broker, hub, own)
    neighbours = neighbours_by(broker, own.server_id, reads.servers)
    listener.begin(tail, broker)
    streams, tokens, limiter = _streams(settings, hub, log, tail), tokens_of(settings), await _limiter(settings, stack)
    authenticator = Authenticator(tokens=tokens, reads=reads, committer=store.committer)
    await _guard(hub, authenticator, StreamGuard(streams, reads.person), tokens, stack)
    pins = stack.enter_context(closing(Pins(standard_hasher())))
    pictures = stack.enter_context(closing(Pictures(waiting_max=settings.limits.menu_items_max)))
    watchdog, guessing = Watchdog(), Guessing.of(settings.auth.jwt_secret.derived(b"guessing"), now=now)
    measured = Measured(
        committer=store.committer,
        streams=streams,
        tail=tail,
        broker=broker,
        traffic=traffic,
        watchdog=watchdog,
        cut_offs=cut_offs,
        guesses=guessing.watch,
        limits_shared=lambda: limiter.shared if isinstance(limiter, RedisRateLimiter) else None,
        read_head=log.head,
        reads=reads,
    )
    metrics, presence = Metrics(measured, settings.database.file), await _presence(settings, streams, stack)
    for name, work in (
        ("broker", broker.run()),
        ("tail", tail.run()),
        ("sweeper", streams.run()),
        ("watchdog", watchdog.run()),
        ("metrics", metrics.run()),
        ("neighbours", neighbours.run()),
        ("retention", _retention(store.committer, settings.database.retention_hours)),
    ):
        await stack.enter_async_context(at_work(name, work))
    return Services(
        settings=settings,
        rules=settings.rules(),
        committer=store.committer,
        reads=reads,
        log=log,
        broker=broker,
        hub=hub,
        streams=streams,
        presence=presence,
        neighbours=neighbours,
        tail=tail,
        tokens=tokens,
        authenticator=authenticator,
        issuing=build_issuing(settings, tokens, store.committer),
        cookies=Cookies(secure=settings.production),
        pins=pins,
        guessing=guessing,
        pictures=pictures,
        files=open_files(fixed=settings.production),
        limiter=limiter,
        reads_limiter=LocalRateLimiter(),
        proofs=build_proofs(settings, limiter, now),
        sealer=await open_sealer(settings.auth.jwt_secret.derived(b"factors"), reads, store.committer),
        origins=build_origins(settings),
        metrics=metrics,
        watchdog=watchdog,
        now=now,
    )


async def _attend(settings: Settings, store: OpenStore, reads: Reads, stack: AsyncExitStack) -> Attendance:
    """Serve beside others only who know the same people, and by settings that are noted. Raises UnsafeDatabase."""
    attendance = Attendance(settings.auth.jwt_secret, store.committer, reads.servers, now)
    await attendance.begin()
    await store.committer.submit(NoteSettings())
    stack.push_async_callback(attendance.end)
    await stack.enter_async_context(at_work("attendance", attendance.run()))
    return attendance


async def _tail(
    settings: Settings, store: OpenStore, log: EventLog, broker: Broker, hub: Hub, attendance: Attendance
) -> Tail:
    tail = Tail(
        log.head,
        log.read_range,
        broker,
        hub,
        look=store.committer.look,
        poll_s=min(_POLL_S, settings.stream.stale_s / 3),
        processes=lambda: attendance.processes,
    )
    await tail.start()
    return tail


async def _guard(
    hub: Hub, authenticator: Authenticator, guard: StreamGuard, tokens: Tokens, stack: AsyncExitStack
) -> None:
    """Let callers and streams lose the rights that change, and those that hang on a key of the identity provider which
    it withdraws; keep its keys fresh."""
    hub.on_system(Rights(caches=authenticator, streams=guard).hear)
    hub.on_renewed(authenticator.forget_all)
    if tokens.provider is not None:
        jwks = tokens.provider.jwks
        jwks.on_withdrawn = guard.withdraw
        await stack.enter_async_context(at_work("jwks", jwks.run()))


def _broker(settings: Settings, hub: Hub, stack: AsyncExitStack) -> Broker:
    redis = settings.redis
    broker: Broker = NoBroker()
    if redis.url:
        # Whoever may sign tokens may also speak to the other processes.
        secret, *older = settings.auth.jwt_secret.derived(b"broker")
        broker = RedisBroker(
            redis.url, prefix=redis.prefix, epoch=hub.epoch, secret=secret, older=older, heartbeat_s=redis.heartbeat_s,
            made=hub.memory.frame,
        )  # fmt: skip
    stack.push_async_callback(broker.close)
    return broker


async def _presence(settings: Settings, streams: StreamRegistry, stack: AsyncExitStack) -> Presence:
    presence: Presence = LocalPresence(streams.headcount, alone=settings.server.workers == 1)
    if settings.redis.url:
        redis, (secret, *older) = settings.redis, settings.auth.jwt_secret.derived(b"presence")
        presence = RedisPresence(streams.headcount, redis.url, prefix=redis.prefix, secret=secret, older=older)
    stack.push_async_callback(presence.close)
    await stack.enter_async_context(at_work("presence", presence.run()))
    return presence


async def _limiter(settings: Settings, stack: AsyncExitStack) -> RateLimiter:
    if not settings.redis.url:
        return LocalRateLimiter()
    limiter = RedisRateLimiter(settings.redis.url, prefix=settings.redis.prefix, local=LocalRateLimiter())
    stack.push_async_callback(limiter.close)
    await stack.enter_async_context(at_work("limits", limiter.run()))
    return limiter


def _streams(settings: Settings, hub: Hub, log: EventLog, tail: Tail) -> StreamRegistry:
    limits, stream = settings.limits, settings.stream
    log.follow(lambda: tail.newest)
    sources = Sources(
        hub, read_after=log.read_after, catch_up=tail.catch_up, replay_page=stream.replay_page, age_s=tail.age_s
    )
    rules = StreamRules(
        streams_max=limits.streams_max,
        streams_per_user=limits.streams_per_user,
        backlog_bytes_max=limits.backlog_bytes_max,
        heartbeat_s=stream.heartbeat_s,
        retry_ms=stream.retry_ms,
        max_age_s=stream.max_age_s,
        stale_s=stream.stale_s,
    )
    return StreamRegistry(sources, rules, now=now)


async def _retention(committer: Committer, hours: int) -> None:
    while True:
        try:
            await committer.trim(hours * 3_600_000)
        except Unavailable as error:
            _log.warning("the log could not be trimmed, trying again later: %s", error)
        await asyncio.sleep(_TRIM_EVERY_S)
