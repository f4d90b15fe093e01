"""The metrics, for the operator's Prometheus alone: who asks in public, through a proxy or from elsewhere, finds
nothing."""

from ipaddress import ip_network
from typing import Final
from urllib.parse import urlsplit

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import Response

from festival_push.settings import Settings, ops_address
from festival_push.web.parsing.addresses import parse_address
from festival_push.web.parsing.problems import ProblemError
from festival_push.web.routing.endpoint import ANYONE, Call, Endpoints
from festival_push.web.routing.operator import came_to_operator

ENDPOINTS: Final = Endpoints()

_FORWARDED: Final = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
"""The headers that proxies add. A client that forges one only shuts itself out."""


@ENDPOINTS.get("/metrics", ANYONE, answers={200: "text/plain"}, refuses=((404, "not-found"),))
async def show_metrics(call: Call) -> Response:
    """GET /metrics: in Prometheus' text format, of all processes behind this port."""
    if not may_see_metrics(call.request, call.services.settings):
        raise ProblemError(404, "not-found", "There is nothing at this address.")
    text = await call.services.metrics.text()
    return Response(text, headers={"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"})


def may_see_metrics(request: Request, settings: Settings) -> bool:
    """Return whether a request came to the operator's listener, or straight from a network of `server.metrics_from`.

    A proxy on this machine has such an address too. It is known by the headers that proxies add, and where it adds
    none, by the public host name that the client asked for.
    """
    if came_to_operator(request.scope, ops_address(settings.server)):
        return True
    if request.client is None or any(name in request.headers for name in _FORWARDED):
        return False
    public_host = urlsplit(settings.server.public_url).netloc.lower()
    if public_host and request.headers.get("host", "").lower() == public_host:
        return False
    address = parse_address(request.client.host)
    return address is not None and any(address in ip_network(each) for each in settings.server.metrics_from)
