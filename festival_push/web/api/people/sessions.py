"""The caller's own sessions: where they are signed in, for how long, and how that ends."""

from typing import Final

import msgspec
from msgspec import UNSET, UnsetType
from starlette.responses import Response

from festival_push.domain.refusals import NotFound
from festival_push.domain.signing_in.sessions import (
    SESSIONS_MAX,
    EndAllSessions,
    EndOwnSession,
    EndSession,
    RenewSession,
    is_live,
)
from festival_push.domain.values import rfc3339
from festival_push.web.api.views import View
from festival_push.web.identity.cookies import sent_cookies
from festival_push.web.parsing.fields import Body
from festival_push.web.routing.endpoint import USER, Call, Endpoints, json_response, no_content

ENDPOINTS: Final = Endpoints()


class SessionView(View, frozen=True, kw_only=True):
    """One session of the caller's."""

    session_id: str
    current: bool  # it is the one that asks
    device: str | UnsetType = UNSET  # what it said it is: proof of nothing
    external: bool  # by an identity provider
    created_at: str
    last_seen_at: str  # to the hour
    expires_at: str


class SessionsView(View, frozen=True, kw_only=True):
    """All that are kept, the last used first. One that began before sessions were kept is not there."""

    items: tuple[SessionView, ...]


class EndAllBody(Body, frozen=True, kw_only=True):
    """Whether the session that asks stays."""

    keep_this: bool


class EndedView(View, frozen=True, kw_only=True):
    """How many of those that are kept have ended."""

    ended: int


class Renewed(msgspec.Struct, frozen=True, rename="camel"):
    """The session's next token; the one that asked for it stays valid until it expires."""

    token: str
    expires_at: str


@ENDPOINTS.get("/v1/me/sessions", USER, unproven=True, answers={200: SessionsView})
async def list_sessions(call: Call) -> Response:
    """GET /v1/me/sessions."""
    caller, services = call.user(), call.services
    rows = await services.reads.sessions(caller.user.user_id, limit=2 * SESSIONS_MAX)
    now = services.now()
    items = [
        SessionView(
            session_id=row.session_id,
            current=row.session_id == caller.jti,
            device=row.device or UNSET,
            external=row.external,
            created_at=rfc3339(row.created_at),
            last_seen_at=rfc3339(row.last_seen_at),
            expires_at=rfc3339(row.expires_at),
        )
        for row in rows
        if is_live(row, caller.user, now)
    ]
    return json_response(SessionsView(items=tuple(items)))


@ENDPOINTS.delete("/v1/me/sessions/{sessionId}", USER, unproven=True, answers={204: None}, refuses=(NotFound,))
async def end_session(call: Call) -> Response:
    """DELETE /v1/me/sessions/{sessionId}: its tokens are refused, and its streams end, within a second."""
    session_id = call.id("sessionId")
    await call.services.committer.submit(EndOwnSession(user_id=call.user().user.user_id, session_id=session_id))
    call.services.authenticator.end_session(session_id)
    return _signed_out(call) if session_id == call.user().jti else no_content()


@ENDPOINTS.post("/v1/me/sessions/end-all", USER, unproven=True, body=EndAllBody, answers={200: EndedView})
async def end_all_sessions(call: Call) -> Response:
    """POST /v1/me/sessions/end-all: as ending each, and also those that are not kept."""
    body, caller, services = await call.body(EndAllBody), call.user(), call.services
    keep = caller.jti if body.keep_this else None
    ended = (await services.committer.submit(EndAllSessions(user_id=caller.user.user_id, keep=keep))).reply
    response = json_response(EndedView(ended=ended))
    if not body.keep_this:
        await services.committer.submit(EndSession(jti=caller.jti, expires_at=caller.expires_at))
        services.authenticator.end_session(caller.jti)
        _forget(call, response)
    return response


@ENDPOINTS.post("/v1/auth/renew", USER, unproven=True, answers={200: Renewed}, refuses=RenewSession.REFUSES)
async def renew_session(call: Call) -> Response:
    """POST /v1/auth/renew: a session goes on because it is used. A browser's goes on by itself (`Admission`)."""
    caller, services = call.user(), call.services
    issued = await services.issuing.renew(caller)
    response = json_response(Renewed(issued.token, rfc3339(issued.expires_at)))
    if caller.by_cookie:
        services.cookies.set_session(response, issued.token, (issued.expires_at - services.now()) // 1000)
    return response


def _signed_out(call: Call) -> Response:
    response = no_content()
    _forget(call, response)
    return response


def _forget(call: Call, response: Response) -> None:
    """Let a browser that has ended its own session forget it."""
    caller, services = call.user(), call.services
    if caller.by_cookie:
        services.cookies.clear_session(response)
        services.cookies.clear_streams(response, sent_cookies(call.request.headers))
