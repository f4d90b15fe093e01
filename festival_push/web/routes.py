"""All routes, and how each request gets its answer."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route, Router
from starlette.types import Lifespan, Receive, Scope, Send

from festival_push.push.streams.endings import UNAVAILABLE, encode_refusal
from festival_push.settings import Settings
from festival_push.web.api import health, metrics, pages, streams
from festival_push.web.api.deposits import allowances, give_backs
from festival_push.web.api.desk import drawers
from festival_push.web.api.desk import payouts as desk_payouts
from festival_push.web.api.guests import cards, finding, new_sign_ins, wallets
from festival_push.web.api.money import confirmations, desk, ledger, overview, reversals, unread, webhooks
from festival_push.web.api.orders import boards, clearing, orders, payment_requests, qr, receipts, refunds
from festival_push.web.api.payouts import donations, payouts, runs
from festival_push.web.api.people import auth, deeds, erasing, factor_sign_in, factors, links, people, profile, sessions
from festival_push.web.api.reports import reports, settlements, takings, z_reports
from festival_push.web.api.stalls import keepers, menus, pairings, stalls
from festival_push.web.api.words import announcements, messages, notifications, rooms
from festival_push.web.contract.publish import publish
from festival_push.web.identity.origins import cors_middleware
from festival_push.web.parsing.problems import problem, to_problem
from festival_push.web.routing.admission import Admission
from festival_push.web.routing.endpoint import Endpoint
from festival_push.web.routing.services import services_of

_API: Final[tuple[Endpoint, ...]] = (
    *rooms.ENDPOINTS,
    *orders.ENDPOINTS,
    *clearing.ENDPOINTS,
    *streams.ENDPOINTS,
    *profile.ENDPOINTS,
    *notifications.ENDPOINTS,
    *menus.ENDPOINTS,
    *payment_requests.ENDPOINTS,
    *give_backs.ENDPOINTS,
    *allowances.ENDPOINTS,
    *qr.ENDPOINTS,
    *messages.ENDPOINTS,
    *announcements.ENDPOINTS,
    *boards.ENDPOINTS,
    *pairings.ENDPOINTS,
    *webhooks.ENDPOINTS,
    *auth.ENDPOINTS,
    *factor_sign_in.ENDPOINTS,
    *factors.ENDPOINTS,
    *sessions.ENDPOINTS,
    *links.ENDPOINTS,
    *stalls.ENDPOINTS,
    *keepers.ENDPOINTS,
    *desk.ENDPOINTS,
    *drawers.ENDPOINTS,
    *desk_payouts.ENDPOINTS,
    *unread.ENDPOINTS,
    *reversals.ENDPOINTS,
    *people.ENDPOINTS,
    *erasing.ENDPOINTS,
    *finding.ENDPOINTS,
    *cards.ENDPOINTS,
    *wallets.ENDPOINTS,
    *new_sign_ins.ENDPOINTS,
    *deeds.ENDPOINTS,
    *confirmations.ENDPOINTS,
    *overview.ENDPOINTS,
    *refunds.ENDPOINTS,
    *receipts.ENDPOINTS,
    *payouts.ENDPOINTS,
    *donations.ENDPOINTS,
    *runs.ENDPOINTS,
    *ledger.ENDPOINTS,
    *takings.ENDPOINTS,
    *reports.ENDPOINTS,
    *settlements.ENDPOINTS,
    *z_reports.ENDPOINTS,
    *health.ENDPOINTS,
    *metrics.ENDPOINTS,
)
ENDPOINTS: Final[tuple[Endpoint, ...]] = (*pages.ENDPOINTS, *_API, *publish(_API))
"""The whole API and all pages; the server answers nothing else. Paths with parameters are tried in this order, after
the plain ones, so the most used come first."""


_TEMPORARY: Final = frozenset({429, 503})


class Resource:
    """One path, as an ASGI application: picks the endpoint of the method, or answers 405."""

    def __init__(self, endpoints: Sequence[Endpoint]) -> None:
        self.template = endpoints[0].path
        self._by_method = {endpoint.method: endpoint for endpoint in endpoints}
        assert len(self._by_method) == len(endpoints), endpoints
        if (get := self._by_method.get("GET")) is not None and not get.stream:
            self._by_method["HEAD"] = get
        self._allow = ", ".join(sorted(self._by_method))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        endpoint = self._by_method.get(scope["method"])
        if endpoint is None:
            response = problem(405, "method-not-allowed", "Not this method.", headers={"Allow": self._allow})
        else:
            response = await answer(endpoint, Request(scope, receive))
        await response(scope, receive, send)


class _Plain(BaseRoute):
    """All paths without parameters, found by one look-up however many there are."""

    def __init__(self, resources: Mapping[str, Resource]) -> None:
        self._resources = resources

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match a path that is exactly one of them."""
        resource = self._resources.get(scope["path"])
        return (Match.NONE, {}) if resource is None else (Match.FULL, {"endpoint": resource})

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request by the resource that `matches` has found."""
        await scope["endpoint"](scope, receive, send)


class _Nowhere(BaseRoute):
    """Every path that no other route has, whatever is in it; a `Route`'s pattern would not match line ends."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match every path."""
        del scope
        return Match.FULL, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 404."""
        response = problem(404, "not-found", "There is nothing at this address.")
        await response(scope, receive, send)


async def answer(endpoint: Endpoint, request: Request) -> Response:
    """Admit a request, run its handler, and turn any error into a problem."""
    admission = Admission(endpoint, request, services_of(request.scope))
    try:
        response = await endpoint.handler(await admission.call())
    except Exception as error:  # the one place that turns errors into answers; the unexpected are logged
        response = to_problem(error)
        if endpoint.stream and response.status_code in _TEMPORARY:
            response = _come_back(request)
    return admission.finish(response)


def _come_back(request: Request) -> Response:
    """Answer a stream that can't open now with one that ends at once."""
    body = encode_refusal(UNAVAILABLE, retry_ms=services_of(request.scope).settings.stream.retry_ms)
    return Response(body, headers={"Connection": "close"}, media_type="text/event-stream")  # as any stream's end


def build_router(
    settings: Settings, *, endpoints: Sequence[Endpoint] = ENDPOINTS, lifespan: Lifespan[Any] | None = None
) -> Router:
    """Build the HTTP application without what `AnswerHeaders` adds to every answer.

    It is a bare router: Starlette's own layers for errors would wrap every `send` twice for nothing, because `answer`
    turns whatever a handler raises into a problem.
    """
    return Router(
        build_routes(endpoints), redirect_slashes=False, lifespan=lifespan, middleware=cors_middleware(settings)
    )


def build_routes(endpoints: Sequence[Endpoint] = ENDPOINTS) -> list[BaseRoute]:
    """Return a route for all plain paths, one for each path with parameters, and a last one for all others.

    Without the last one, Starlette would redirect `/x/` to `/x` on whatever host the request claims to be sent to.
    """
    by_path: dict[str, list[Endpoint]] = {}
    for endpoint in endpoints:
        by_path.setdefault(endpoint.path, []).append(endpoint)
    plain = {path: Resource(of_path) for path, of_path in by_path.items() if "{" not in path}
    routes = [_route(path, of_path) for path, of_path in by_path.items() if path not in plain]
    return [_Plain(plain), *routes, _Nowhere()]


def _route(path: str, endpoints: Sequence[Endpoint]) -> Route:
    route = Route(path, Resource(endpoints))
    # A `$` also matches before a last line end, and `/v1/orders%0a` would be another name of `/v1/orders`.
    route.path_regex = re.compile(route.path_regex.pattern.removesuffix("$") + r"\Z")
    return route
