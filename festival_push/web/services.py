"""What the handlers work with; made once by the composition root and put into the lifespan state."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from starlette.types import Scope

from festival_push.domain.values import Instant, Rules
from festival_push.ops.metrics import Metrics
from festival_push.ops.watchdog import Watchdog
from festival_push.push.broker import Broker
from festival_push.push.hub import Hub
from festival_push.push.presence import Presence
from festival_push.push.streams import Streams
from festival_push.push.tail import Tail
from festival_push.settings import Settings
from festival_push.store.committer import Committer
from festival_push.store.log import EventLog
from festival_push.store.reads import Reads
from festival_push.web.cookies import Cookies
from festival_push.web.limits import RateLimiter
from festival_push.web.origins import Origins
from festival_push.web.pins import Pins
from festival_push.web.principal import Gate
from festival_push.web.tokens import Tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """One process' rooms, ready for use. The lifespan state is `{"services": Services(…)}`."""

    settings: Settings
    rules: Rules
    committer: Committer
    reads: Reads
    log: EventLog
    broker: Broker
    hub: Hub
    streams: Streams
    presence: Presence
    tail: Tail
    tokens: Tokens
    gate: Gate  # who is calling: tokens, people, sessions, displays; `hub.on_system(gate.hear)`
    cookies: Cookies
    pins: Pins
    limiter: RateLimiter
    origins: Origins
    metrics: Metrics
    watchdog: Watchdog
    now: Callable[[], Instant]


def services_of(scope: Scope) -> Services:
    """The services of the process that serves this request."""
    return cast(Services, scope["state"]["services"])
