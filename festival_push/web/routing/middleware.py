"""What every answer gets: a request id, security headers, a line in the access log, a count. Pure ASGI."""

import re
import secrets
from collections.abc import Sequence
from time import perf_counter
from typing import Final

from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from festival_push.ops.access import AccessLog
from festival_push.ops.logs import REQUEST_ID
from festival_push.ops.metrics.traffic import Traffic
from festival_push.web.parsing.problems import PROBLEM_TYPE, code_of, to_problem

_ON_ALL: Final = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
_PROBLEM: Final = PROBLEM_TYPE.encode()
_NO_STORE: Final = (b"cache-control", b"no-store")
_NO_DOCUMENT: Final = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
"""What a browser that opens an answer of the API as a page may load for it: nothing."""
_NOWHERE: Final = "none"
"""Stands for the route where no route has the path."""
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SANE_ID: Final = re.compile(rb"[0-9A-Za-z-]{8,64}")


class AnswerHeaders:
    """The outermost layer: wrap the whole application with it, so that its 500s are covered too.

    Args:
        layers: The application's own, which add headers too: what it raises goes out through them once more.
    """

    def __init__(self, app: ASGIApp, traffic: Traffic, access: AccessLog, layers: Sequence[Middleware] = ()) -> None:
        self._app = app
        self._traffic = traffic
        self._access = access
        self._layers = layers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began_s = perf_counter()
        request_id = _request_id(scope)
        REQUEST_ID.set(request_id)
        private = scope["path"].startswith("/v1/")

        begun = is_problem = False

        async def send_with_headers(message: Message) -> None:
            nonlocal begun, is_problem
            if message["type"] == "http.response.start":
                begun = True
                headers = [*message.get("headers", ()), *_ON_ALL, (b"x-request-id", request_id.encode())]
                if private:
                    headers.append(_NO_DOCUMENT)
                    if not any(name == b"cache-control" for name, _ in headers):
                        headers.append(_NO_STORE)
                self._note(scope, message["status"], perf_counter() - began_s, request_id)
                message = {**message, "headers": headers}
                is_problem = (b"content-type", _PROBLEM) in headers
            elif is_problem and message.get("body"):  # its whole body is one message
                self._traffic.problems[code_of(message["body"])] += 1
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception as error:  # of an answer itself: what a handler raises is turned into a problem before
            if begun:
                raise  # the server cuts the connection: half an answer must not pass for a whole one
            answer: ASGIApp = to_problem(error)
            for layer in reversed(self._layers):
                answer = layer.cls(answer, *layer.args, **layer.kwargs)
            await answer(scope, receive, send_with_headers)

    def _note(self, scope: Scope, status: int, seconds: float, request_id: str) -> None:
        """Count the answer and log it, when its head goes out: a stream's body may take hours."""
        method = scope["method"] if scope["method"] in _METHODS else "other"
        route = getattr(scope.get("endpoint"), "template", _NOWHERE)  # of the `routes.Resource`, if one was found
        self._traffic.count(method, route, status, seconds)
        self._access.note(method, route, status, seconds, request_id)


def _request_id(scope: Scope) -> str:
    """Return the id that the proxy or client sent, if it looks like one, so that their log's lines lead to ours."""
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            return value.decode() if _SANE_ID.fullmatch(value) else secrets.token_hex(8)
    return secrets.token_hex(8)
