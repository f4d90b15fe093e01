"""Where a browser's request comes from: which pages may use the API, and which may use a person's cookie."""

from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from festival_push.settings import USUAL_PORTS, Settings, wrong_origin
from festival_push.web.parsing.problems import ProblemError

_ALLOWED_HEADERS: Final = (
    "Authorization", "Content-Type", "Idempotency-Key", "Last-Event-ID", "Cache-Control", "X-Request-Id",
    "Proof-Of-Work",
    # Libraries put these into every request. We read none of them, but a browser drops a request if one is not allowed.
    "Pragma", "X-Requested-With", "baggage", "sentry-trace", "traceparent", "tracestate",
)  # fmt: skip
_EXPOSED_HEADERS: Final = (
    "Idempotent-Replayed", "Retry-After", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "X-Request-Id",
)  # fmt: skip


class Origins:
    """The origins that are ours, and those that the organiser allows: exact, as browsers write them."""

    def __init__(self, *, public_url: str, allowed: tuple[str, ...], trust_host: bool) -> None:
        """`trust_host`: the Host header names an origin of ours too; for development, where a server has many names."""
        # A wildcard, or `null`, would let anybody in.
        assert not any(map(wrong_origin, allowed)), "the settings are checked before"
        self.allowed = frozenset(allowed)
        self._own = origin_of(public_url) if public_url else None
        self._trust_host = trust_host

    def is_own(self, headers: Headers) -> bool:
        """Return whether the request comes from one of our own pages, by its `Origin`."""
        origin = headers.get("origin")
        if origin is None:
            return False
        host = headers.get("host")
        return origin == self._own or (self._trust_host and bool(host) and origin.partition("://")[2] == host)

    def of_passkeys(self, headers: Headers, otherwise: str) -> tuple[str, ...]:
        """Return the origins whose pages may use a passkey of this server: our own, first, and the allowed ones.

        Args:
            otherwise: Our URL, where the request comes from no page of ours.
        """
        own = headers["origin"] if self.is_own(headers) else origin_of(otherwise)
        return (own, *sorted(self.allowed - {own}))

    def require_same_site(self, headers: Headers, *, proof: bool) -> None:
        """Refuse a request that another site's page makes.

        Args:
            proof: The request is authenticated by a cookie, so its headers must show where it comes from. Otherwise
                they may say nothing: it may be a program.

        Raises:
            ProblemError: 403 `cross-site`.
        """
        origin = headers.get("origin")
        if origin is not None:
            fine = origin in self.allowed or self.is_own(headers)
        else:
            fine = headers.get("sec-fetch-site") == "same-origin" or not (proof or "sec-fetch-site" in headers)
        if not fine:
            raise ProblemError(403, "cross-site", "This page may not act for you here.")


def origin_of(url: str) -> str:
    """Return the origin of a URL as browsers write it, without the scheme's usual port: `https://festival.example`."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2].lower()
    return f"{parts.scheme}://{host.removesuffix(USUAL_PORTS.get(parts.scheme, ''))}"


def build_origins(settings: Settings) -> Origins:
    """Return the origins of a deployment."""
    server = settings.server
    return Origins(public_url=server.public_url, allowed=server.allowed_origins, trust_host=not settings.production)


def cors_middleware(settings: Settings) -> list[Middleware]:
    """Return CORS for just the allowed origins; an empty list if there are none."""
    origins = settings.server.allowed_origins
    if not origins:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=("GET", "POST", "PATCH", "DELETE"),
            allow_headers=_ALLOWED_HEADERS,
            expose_headers=_EXPOSED_HEADERS,
            allow_credentials=True,
            allow_private_network=True,  # browsers ask for it where a page of the internet calls a local address
        )
    ]
