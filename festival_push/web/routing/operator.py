"""The operator's listener, `server.ops_listen`: which requests came to it, and all that it serves."""

from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from festival_push.web.parsing.problems import problem

SERVED: Final = frozenset({"/healthz", "/metrics", "/readyz"})
_METHODS: Final = frozenset({"GET", "HEAD"})


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
