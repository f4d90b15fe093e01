"""The services that handlers use; made once by the composition root and put into the lifespan state."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from starlette.types import Scope

from festival_push.domain.values import Instant, Rules
from festival_push.ops.metrics.exposition import Metrics
from festival_push.ops.neighbours import Neighbours
from festival_push.ops.watchdog import Watchdog
from festival_push.push.hub.hub import Hub
from festival_push.push.news.broker import Broker
from festival_push.push.news.presence import Presence
from festival_push.push.news.tail import Tail
from festival_push.push.streams.registry import StreamRegistry
from festival_push.settings import Settings
from festival_push.store.log import EventLog
from festival_push.store.reads.reads import Reads
from festival_push.store.writing.committer import Committer
from festival_push.web.identity.cookies import Cookies
from festival_push.web.identity.factors.sealing import Sealer
from festival_push.web.identity.guessing.guard import Guessing
from festival_push.web.identity.issuing import Issuing
from festival_push.web.identity.limits import LocalRateLimiter, RateLimiter
from festival_push.web.identity.origins import Origins
from festival_push.web.identity.pins import Pins
from festival_push.web.identity.principal import Authenticator
from festival_push.web.identity.proofs import Proofs
from festival_push.web.identity.tokens import Tokens
from festival_push.web.routing.pictures import Pictures
from festival_push.web.routing.static_files import StaticFiles


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """One process' packages, ready for use. The lifespan state is `{"services": Services(…)}`."""

    settings: Settings
    rules: Rules
    committer: Committer
    reads: Reads
    log: EventLog
    broker: Broker
    hub: Hub
    streams: StreamRegistry
    presence: Presence
    neighbours: Neighbours
    tail: Tail
    tokens: Tokens
    authenticator: Authenticator  # finds the caller: tokens, people, sessions, displays; hears `hub.on_system`
    issuing: Issuing  # signs people in
    cookies: Cookies
    pins: Pins
    guessing: Guessing
    pictures: Pictures
    files: StaticFiles  # of the pages
    limiter: RateLimiter
    reads_limiter: LocalRateLimiter  # of this process alone
    proofs: Proofs
    sealer: Sealer  # of the secrets of second factors
    origins: Origins
    metrics: Metrics
    watchdog: Watchdog
    now: Callable[[], Instant]


def services_of(scope: Scope) -> Services:
    """Return the services of the process that serves this request."""
    return cast(Services, scope["state"]["services"])
