"""Admit a request before its handler sees it: who calls, whether they may, from where, how often."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from festival_push.domain.signing_in.factors import lacks_factor
from festival_push.web.identity.claims import Claims, TokenUse
from festival_push.web.identity.cookies import STREAM_COOKIES_MAX, sent_cookies
from festival_push.web.identity.limits import Budget
from festival_push.web.identity.principal import Caller, DisplayCaller, Principal, bearer_token, is_bearer
from festival_push.web.identity.tokens import Issued
from festival_push.web.parsing.bodies import declares_body
from festival_push.web.parsing.problems import ProblemError, Unauthorized
from festival_push.web.parsing.queries import sent_parameters
from festival_push.web.routing.access import accesses_of
from festival_push.web.routing.budgets import Budgets
from festival_push.web.routing.endpoint import Access, Call, Endpoint
from festival_push.web.routing.services import Services

_OPEN: Final = frozenset({Access.ANYONE, Access.SIGNED, Access.HOLDER})
_FORBIDDEN: Final = "You may not do this."
_WHAT_TO_SEND: Final = "Send Authorization: Bearer and a token."


def _ticket(request: Request) -> str | None:
    return dict(sent_parameters(request.scope["query_string"])).get("ticket")


class Admission:
    """Admits one request. `finish` completes its answer, whatever the answer is."""

    def __init__(self, endpoint: Endpoint, request: Request, services: Services) -> None:
        self._endpoint = endpoint
        self._request = request
        self._services = services
        self._used_ticket: tuple[Caller, Claims] | None = None
        self._renewed: Issued | None = None
        self.budget: Budget | None = None

    async def call(self) -> Call:
        """Check the request, and return it as a `Call`.

        Raises:
            ProblemError: 401, 403, 413, 415, 429; 400 if there is less of a body than was declared.
            ClientDisconnect: The client left before its request was complete.
        """
        caller = None if self._endpoint.access & _OPEN else await self._authenticate()
        self._authorise(caller)
        if not self._endpoint.safe:
            self._require_same_site(caller)
        proven = await self._limit(caller)
        if not self._endpoint.safe:
            self._require_json()
        await self._renew(caller)
        call = Call(self._endpoint, self._request, self._services, caller, proven)
        if not self._endpoint.safe and not self._reads_body and declares_body(self._request.headers):
            await call.raw_body()  # half a request is no command, though this one's body says nothing
        return call

    @property
    def _reads_body(self) -> bool:
        return self._endpoint.body is not None or Access.SIGNED in self._endpoint.access

    def finish(self, response: Response) -> Response:
        """Add the rate limit's headers, the cookie of a session that goes on, and the stream cookie where a ticket was
        used for the first time."""
        if self.budget is not None:
            response.headers.update(self.budget.headers())
        if self._renewed is not None:
            services = self._services
            left_s = (self._renewed.expires_at - services.now()) // 1000
            services.cookies.set_session(response, self._renewed.token, left_s)
        if self._used_ticket is not None and response.status_code == 200:
            self._set_stream_cookie(response, *self._used_ticket)
        return response

    async def _authenticate(self) -> Caller | None:
        try:
            return await self._caller()
        except Unauthorized:
            if self._open_to_passers_by():
                return None
            raise

    async def _caller(self) -> Caller:
        request, services = self._request, self._services
        header = request.headers.get("authorization")
        if is_bearer(header):
            if (token := bearer_token(header)) is None:
                raise Unauthorized(detail=_WHAT_TO_SEND)
            return await services.authenticator.caller(token, user_agent=request.headers.get("user-agent"))
        # Another scheme is for somebody else: a browser sends a proxy's Basic with every request.
        if self._endpoint.stream and (ticket := _ticket(request)) is not None:
            cookies = sent_cookies(request.headers)
            caller, first_use = await services.authenticator.by_ticket(
                ticket, lambda jti: services.cookies.stream(cookies, jti)
            )
            if first_use is not None:
                self._used_ticket = caller, first_use
            return caller
        if (token := services.cookies.session(sent_cookies(request.headers))) is not None:
            return await services.authenticator.caller(token, by_cookie=True)
        raise Unauthorized(detail=None if header is None else _WHAT_TO_SEND)

    def _open_to_passers_by(self) -> bool:
        return Access.PASSER_BY in self._endpoint.access and self._services.settings.boards.public

    def _authorise(self, caller: Caller | None) -> None:
        access = self._endpoint.access
        match caller:
            case Principal(person=person) if person.user.suspended:
                raise ProblemError(403, "suspended", "This account is suspended.")
            case Principal(person=person):
                allowed = Access.USER in access or not access.isdisjoint(accesses_of(person))  # everybody is a user
            case DisplayCaller():
                allowed = Access.DISPLAY in access
            case None:
                allowed = True  # else `_authenticate` would have raised Unauthorized
        if not allowed and not self._open_to_passers_by():
            raise ProblemError(403, "forbidden", _FORBIDDEN)
        if isinstance(caller, Principal) and not self._endpoint.unproven:
            self._require_factor(caller)

    def _require_factor(self, caller: Principal) -> None:
        """Refuse organisers who lack a second factor. An identity provider asks for what it asks for itself."""
        if caller.version is not None and lacks_factor(caller.user, self._services.rules):
            raise ProblemError(403, "second-factor-missing", "Add a second factor first: organisers need one here.")

    def _require_same_site(self, caller: Caller | None) -> None:
        """Refuse another site's page: a cookie doesn't prove that its owner wanted this, nor may it sign people in."""
        if Access.SIGNED in self._endpoint.access:
            return
        by_cookie = isinstance(caller, Principal) and caller.by_cookie
        if by_cookie or caller is None:
            self._services.origins.require_same_site(self._request.headers, proof=by_cookie)

    async def _limit(self, caller: Caller | None) -> bool:
        """Take from the request's budget, and return whether that was by a proof of work."""
        budgets = Budgets(self._endpoint, self._request, self._services)
        self.budget = await budgets.take(caller)
        if self.budget is not None and not self.budget.allowed:
            raise budgets.refusal(self.budget.retry_after_s)
        return budgets.proven

    async def _renew(self, caller: Caller | None) -> None:
        """Let a browser's session go on while it is used. Reads do it, so that no order waits for it, and no answer
        that signs the browser out signs it in again."""
        if self._endpoint.safe and isinstance(caller, Principal) and caller.by_cookie:
            self._renewed = await self._services.issuing.renew_in_passing(caller)

    def _require_json(self) -> None:
        headers = self._request.headers
        if Access.SIGNED in self._endpoint.access:
            return  # what is proved is kept, in whatever form it comes
        if headers.get("content-encoding", "identity").lower() != "identity":
            raise ProblemError(415, "unsupported-encoding", "Send the body as it is, not compressed.")
        if not declares_body(headers):
            return
        media_type, _, parameters = headers.get("content-type", "").partition(";")
        charset = parameters.replace('"', "").replace(" ", "").lower()
        if media_type.strip().lower() != "application/json" or charset not in {"", "charset=utf-8", "charset=utf8"}:
            raise ProblemError(415, "unsupported-media-type", "Send application/json.")

    def _set_stream_cookie(self, response: Response, caller: Caller, ticket: Claims) -> None:
        services, request = self._services, self._request
        left_s = (caller.expires_at - services.now()) // 1000
        issued = services.tokens.issue(
            ticket.sub, TokenUse.STREAM, left_s, until=caller.expires_at,
            session=ticket.session, session_expires_at=caller.expires_at, ticket=ticket.jti, screen=ticket.screen,
            version=ticket.ver, key=ticket.key,
        )  # fmt: skip
        services.cookies.clear_streams(response, sent_cookies(request.headers), keep=STREAM_COOKIES_MAX - 1)
        foreign = "origin" in request.headers and not services.origins.is_own(request.headers)
        services.cookies.set_stream(response, issued.token, ticket_jti=ticket.jti, max_age_s=left_s, cross_site=foreign)
