"""What is the operator's alone: who may see it, and the listener, `server.ops_listen`, that serves nothing else."""

from ipaddress import ip_network
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from festival_push.settings import Settings, ops_address
from festival_push.web.parsing.addresses import parse_address
from festival_push.web.parsing.problems import problem

SERVED: Final = frozenset({"/healthz", "/metrics", "/readyz"})
_METHODS: Final = frozenset({"GET", "HEAD"})
_FORWARDED: Final = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
"""The headers that proxies add. A client that forges one only shuts itself out."""


def came_to_operator(scope: Scope, address: tuple[str, int] | None) -> bool:
    """Return whether a request came to the operator's listener.

    The port of our own end of the connection tells it: no other listener of the server has that port, and no header
    changes it.

    Args:
        address: Host and port of the listener; None: there is none.
    """
    if address is None:
        return False
    own_end = scope.get("server")
    return own_end is not None and own_end[1] == address[1]


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


class OperatorsListener:
    """Wrap the application with it: on the operator's listener, nothing but what is SERVED is left of it.

    Args:
        address: As of `came_to_operator`.
    """

    def __init__(self, app: ASGIApp, address: tuple[str, int] | None) -> None:
        self._app = app
        self._address = address

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        app: ASGIApp = self._app
        if (
            scope["type"] == "http"
            and came_to_operator(scope, self._address)
            and not (scope["path"] in SERVED and scope["method"] in _METHODS)
        ):
            app = problem(404, "not-found", "There is nothing at this address.")
        await app(scope, receive, send)
