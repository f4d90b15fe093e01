"""The cookies: one for the session, one for the device, and one for each stream that a ticket has opened."""

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import Response

_SESSION: Final = "fp_session"
_DEVICE: Final = "fp_device"
_STREAM_PREFIX: Final = "fp_stream_"
STREAM_PATH: Final = "/v1"
STREAM_COOKIES_MAX: Final = 8  # of one browser: they travel with every request, whose head is bounded
_DROPPED_MAX: Final = 32  # by one answer; a head has no room for more whole ones, but for hundreds of bare names
_OURS: Final = re.compile(
    rf"(?:^|;)[ \t]*(?P<name>(?:__Host-)?(?:{_SESSION}|{_DEVICE})|{_STREAM_PREFIX}[0-9a-f]{{8}})"
    r"[ \t]*(?:=(?P<value>[^;]*))?(?=;|\Z)"
)


def sent_cookies(headers: Headers) -> dict[str, str]:
    """Return those cookies of the request that have a name of ours, in the order in which they were sent.

    Values are taken as they are: ours hold nothing that needs quotes. Starlette takes the quotes off by `http.cookies`,
    which before Python 3.11.10 needs a second for one header of 16 KB (CVE-2024-7592).
    """
    found: dict[str, str] = {}
    for header in headers.getlist("cookie"):
        found |= {cookie["name"]: (cookie["value"] or "").strip() for cookie in _OURS.finditer(header)}
    return found


class Cookies:
    """Names and attributes of the cookies. `secure` is off in development only, where there may be no TLS."""

    def __init__(self, *, secure: bool) -> None:
        self._secure = secure
        # The prefix makes the browser hold us to Secure, Path=/ and no Domain: no other host can plant one.
        self._session_name = f"__Host-{_SESSION}" if secure else _SESSION
        self._device_name = f"__Host-{_DEVICE}" if secure else _DEVICE

    def session(self, cookies: Mapping[str, str]) -> str | None:
        """Return the session token that the browser sent; None if it sent none."""
        return cookies.get(self._session_name) or None

    def set_session(self, response: Response, token: str, max_age_s: int) -> None:
        """Sign the browser in: set the session cookie for `max_age_s` seconds."""
        self._set(response, self._session_name, token, max_age_s, path="/")

    def clear_session(self, response: Response) -> None:
        """Sign the browser out: make it drop the session cookie."""
        self._set(response, self._session_name, "", 0, path="/")

    def device(self, cookies: Mapping[str, str]) -> str | None:
        """Return what says who has signed in on this device; None if the browser sent nothing."""
        return cookies.get(self._device_name) or None

    def set_device(self, response: Response, value: str, max_age_s: int) -> None:
        """Let the browser keep for `max_age_s` seconds who has signed in on it. Signing out does not clear it."""
        self._set(response, self._device_name, value, max_age_s, path="/")

    def stream(self, cookies: Mapping[str, str], ticket_jti: str) -> str | None:
        """Return the stream token that goes with this ticket; None if the browser sent none."""
        return cookies.get(_stream_name(ticket_jti)) or None

    def set_stream(self, response: Response, token: str, *, ticket_jti: str, max_age_s: int, cross_site: bool) -> None:
        """Let EventSource come back with the URL of its spent ticket; `cross_site`: from another, allowed site."""
        self._set(response, _stream_name(ticket_jti), token, max_age_s, path=STREAM_PATH, cross_site=cross_site)

    def clear_streams(self, response: Response, cookies: Mapping[str, str], *, keep: int = 0) -> None:
        """Drop stream cookies but the last `keep` that the browser sent: it sends the oldest first (RFC 6265 5.4).

        At most `_DROPPED_MAX` at once: each costs more bytes to drop than to send.
        """
        names = [name for name in cookies if name.startswith(_STREAM_PREFIX)]
        for name in names[: max(0, len(names) - keep)][:_DROPPED_MAX]:
            self._set(response, name, "", 0, path=STREAM_PATH)

    def _set(
        self, response: Response, name: str, value: str, max_age_s: int, *, path: str, cross_site: bool = False
    ) -> None:
        parts = [f"{name}={value}", f"Max-Age={max_age_s}", f"Path={path}", "HttpOnly"]
        if cross_site and self._secure:  # browsers take SameSite=None only with Secure
            parts += ["SameSite=None", "Partitioned"]
        else:
            parts.append("SameSite=Lax")
        if self._secure:
            parts.append("Secure")
        response.headers.append("Set-Cookie", "; ".join(parts))


def _stream_name(ticket_jti: str) -> str:
    return _STREAM_PREFIX + sha256(ticket_jti.encode()).hexdigest()[:8]
