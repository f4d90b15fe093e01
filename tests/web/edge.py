"""The web edge over a real committer and a real SQLite file, without a server: requests go straight into the app."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import httpx2
import msgspec
from argon2 import PasswordHasher
from starlette.types import Receive, Scope, Send

from festival_push.domain.log import LogRow
from festival_push.domain.people.people import AddUser
from festival_push.domain.people.relations import Person
from festival_push.domain.topics import SYSTEM
from festival_push.domain.values import Instant, Role, UserId
from festival_push.ops.access import AccessLog
from festival_push.ops.metrics.exposition import Metrics
from festival_push.ops.metrics.traffic import Traffic
from festival_push.ops.neighbours import neighbours_by
from festival_push.ops.watchdog import Watchdog
from festival_push.push.headcount import Headcount
from festival_push.push.hub.hub import Hub
from festival_push.push.news.broker import NoBroker
from festival_push.push.news.presence import LocalPresence
from festival_push.push.news.tail import Tail
from festival_push.push.streams.registry import StreamRegistry
from festival_push.settings import Auth, Boards, Limits, Secret, Secrets, Server, Settings
from festival_push.store.database import Database
from festival_push.store.log import EventLog
from festival_push.store.opening import open_database
from festival_push.store.reads.reads import Reads
from festival_push.store.writing.committer import Committer
from festival_push.web.api.pages import open_files
from festival_push.web.api.people import auth
from festival_push.web.identity.claims import TokenUse
from festival_push.web.identity.cookies import Cookies
from festival_push.web.identity.factors.sealing import Sealer
from festival_push.web.identity.guessing.guard import Guessing
from festival_push.web.identity.issuing import build_issuing
from festival_push.web.identity.limits import LocalRateLimiter
from festival_push.web.identity.origins import build_origins, cors_middleware
from festival_push.web.identity.pins import Pins
from festival_push.web.identity.principal import Authenticator
from festival_push.web.identity.proofs import build_proofs
from festival_push.web.identity.tokens import build_tokens
from festival_push.web.parsing.ids import new_top_up_code
from festival_push.web.routes import build_router
from festival_push.web.routing.endpoint import Endpoint
from festival_push.web.routing.middleware import AnswerHeaders
from festival_push.web.routing.pictures import Pictures
from festival_push.web.routing.services import Services
from tests.support.servers.sqlite import migrated_file

START_MS = 1_800_000_000_000
PIN_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PROOF_BITS = 4  # a test works for the principle


class Clock:
    """Wall time that stands still until it is moved."""

    def __init__(self) -> None:
        self.now_ms = START_MS

    def __call__(self) -> Instant:
        return Instant(self.now_ms)


class Edge:
    """An app with people in it. `client` has no cookies of its own unless an answer sets them."""

    def __init__(self, services: Services, app: Any, clock: Clock) -> None:
        self.services = services
        self.clock = clock
        self.app = app
        self.client = self.browser()

    def browser(self, base_url: str = "http://fest.test") -> httpx2.AsyncClient:
        """A client with a cookie jar of its own."""
        return httpx2.AsyncClient(transport=httpx2.ASGITransport(self.app), base_url=base_url)

    async def add(self, user_id: str, role: Role = Role.CUSTOMER, *, pin: str | None = None) -> Person:
        """A new person."""
        pin_hash = None if pin is None else PIN_HASHER.hash(pin)
        command = AddUser(
            user_id=UserId(user_id),
            role=role,
            name=user_id.title(),
            pin_hash=pin_hash,
            top_up_code=new_top_up_code(),
            sign_in=user_id if pin else None,
            pin_digits=len(pin or ""),
        )
        return (await self.services.committer.submit(command)).reply

    def token(self, user_id: str, ttl_s: int = 3600) -> str:
        """A session token."""
        return self.services.tokens.issue(user_id, TokenUse.SESSION, ttl_s).token

    def bearer(self, user_id: str) -> dict[str, str]:
        """The header that makes a request somebody's."""
        return {"Authorization": f"Bearer {self.token(user_id)}"}


def settings_for(
    *, limits: Limits | None = None, server: Server | None = None, boards: Boards | None = None, jwks_url: str = ""
) -> Settings:
    """Settings of the edge's tests."""
    secret = Secrets(Secret("0123456789abcdef-0123456789abcdef"))
    return Settings(
        auth=Auth(jwt_secret=secret, jwks_url=jwks_url, jwks_issuer="https://idp" if jwks_url else ""),
        limits=limits or Limits(),
        server=server or Server(),
        boards=boards or Boards(),
    )


@asynccontextmanager
async def open_edge(
    folder: Path, *, settings: Settings | None = None, endpoints: Sequence[Endpoint] = ()
) -> AsyncIterator[Edge]:
    """The auth routes and `endpoints`, ready for requests."""
    settings = settings or settings_for()
    file = folder / "edge.db"
    if not file.exists():  # else it is opened again
        migrated_file(file)
    database = await open_database(f"sqlite:///{file}")
    clock = Clock()
    services = _services(settings, database, clock)
    committing = asyncio.create_task(services.committer.run())
    router = build_router(settings, endpoints=(*auth.ENDPOINTS, *endpoints))

    async def with_state(scope: Scope, receive: Receive, send: Send) -> None:
        await router({**scope, "state": {"services": services}}, receive, send)

    try:
        app = AnswerHeaders(with_state, Traffic(), AccessLog(enabled=False), cors_middleware(settings))
        yield Edge(services, app, clock)
    finally:
        await services.committer.close()
        await committing
        services.pins.close()
        services.pictures.close()
        await database.close()


def _services(settings: Settings, database: Database, clock: Clock) -> Services:
    def tell_gate(rows: tuple[LogRow, ...]) -> None:
        for row in rows:
            if SYSTEM in row.topics:
                authenticator.hear(row)

    rules = settings.rules()
    committer = Committer(
        database, rules, batch_max=settings.limits.batch_max, pending_max=settings.limits.pending_max, now=clock,
        on_committed=tell_gate,
    )  # fmt: skip
    reads = Reads(database)
    tokens = build_tokens(settings, clock)
    authenticator = Authenticator(tokens=tokens, reads=reads, committer=committer)
    limiter, reads_limiter = (LocalRateLimiter(clock_s=lambda: clock() / 1000) for _ in range(2))
    proofs = build_proofs(settings, limiter, clock, bits=PROOF_BITS)
    keys = settings.auth.jwt_secret.derived(b"guessing")
    return Services(
        settings=settings, rules=rules, committer=committer, reads=reads, log=EventLog(database),
        broker=NoBroker(),
        hub=cast(Hub, None), streams=cast(StreamRegistry, None), tail=cast(Tail, None),  # the edge pushes nothing
        presence=LocalPresence(Headcount(), alone=True), neighbours=neighbours_by(NoBroker(), "edge", reads.servers),
        tokens=tokens, authenticator=authenticator, issuing=build_issuing(settings, tokens, committer),
        cookies=Cookies(secure=settings.production),
        pins=Pins(PIN_HASHER),
        limiter=limiter, reads_limiter=reads_limiter, proofs=proofs, origins=build_origins(settings), now=clock,
        sealer=Sealer((bytes(32),)),
        guessing=Guessing.of(keys, now=clock),
        metrics=cast(Metrics, None), watchdog=Watchdog(), pictures=Pictures(waiting_max=1),
        files=open_files(fixed=False),
    )  # fmt: skip


def problem_of(response: httpx2.Response, status: int, code: str) -> dict[str, Any]:
    """The problem document of an answer, which must be of this status and code and well-formed."""
    body: dict[str, Any] = msgspec.json.decode(response.content)
    assert (response.status_code, body.get("code")) == (status, code), response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert body["type"] == f"/problems/{code}"
    assert body["status"] == status
    assert body["title"]
    return body
