"""Find the caller: from a header, a ticket or a cookie to a person or a display, as the database has them now."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final, Protocol

import msgspec

from festival_push.domain.events import DisplayRevoked, SessionEnded, UserChanged
from festival_push.domain.log import LogRow
from festival_push.domain.people.people import MeetUser, SpendToken
from festival_push.domain.people.relations import Person
from festival_push.domain.refusals import TokenSpent
from festival_push.domain.rows import User
from festival_push.domain.stall_rows import Display
from festival_push.domain.values import DisplayId, Instant, UserId
from festival_push.store.writing.committer import Committer
from festival_push.web.identity.cache import Cache
from festival_push.web.identity.claims import Claims, ExpiredToken, InvalidToken, TokenUse
from festival_push.web.identity.tokens import Tokens
from festival_push.web.parsing.ids import new_top_up_code
from festival_push.web.parsing.problems import Unauthorized
from festival_push.web.parsing.text import name_from_outside

_PEOPLE_TTL_S: Final = 5.0  # a second safeguard: the log tells of changes within milliseconds
_SESSION_TTL_S: Final = 30.0
_SIZE_MAX: Final = 50_000  # of each cache


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """A person who calls, and the session that they call by."""

    person: Person
    jti: str  # of the session, also when a ticket or a stream cookie stands for it
    expires_at: Instant  # of the session
    version: int | None  # of the session; None for an identity provider's, which no change of PIN ends
    by_cookie: bool = False  # a browser sends cookies on its own, also when another site's page makes the request

    @property
    def user(self) -> User:
        """The person's row."""
        return self.person.user


class DisplayCaller(msgspec.Struct, frozen=True, kw_only=True):
    """A display that calls."""

    display: Display
    jti: str
    expires_at: Instant


Caller = Principal | DisplayCaller


def words_of(person: Person) -> tuple[str, ...]:
    """Return all that a person is, as the wire says it in `is`; a customer first, because everybody is one."""
    further = {"keeper": bool(person.stalls), "cashier": person.user.cashier, "admin": person.user.admin}
    return ("customer", *(word for word, holds in further.items() if holds))


def is_staff(person: Person) -> bool:
    """Return whether somebody has let this person in as more than a customer."""
    return bool(person.stalls) or person.user.cashier or person.user.admin


def is_bearer(header: str | None) -> bool:
    """Return whether an Authorization header is of the scheme that we know, with a token or without."""
    return (header or "").partition(" ")[0].lower() == "bearer"


def bearer_token(header: str | None) -> str | None:
    """Return the token of an Authorization header; None when it holds none."""
    return (header or "").partition(" ")[2].strip() or None if is_bearer(header) else None


class CallerReads(Protocol):
    """The reads of the store that `Authenticator` needs."""

    async def person(self, user_id: UserId) -> Person | None: ...
    async def display(self, display_id: DisplayId) -> Display | None: ...
    async def token_spent(self, jti: str) -> bool: ...
    async def caller(self, jti: str, user_id: UserId) -> tuple[bool, Person | None]: ...


class Authenticator:
    """Turns tokens into callers. What they are comes from the database, through short-lived caches."""

    def __init__(self, *, tokens: Tokens, reads: CallerReads, committer: Committer) -> None:
        self._tokens = tokens
        self._reads = reads
        self._committer = committer
        self._people: Cache[UserId, Person] = Cache(reads.person, ttl_s=_PEOPLE_TTL_S, size_max=_SIZE_MAX)
        self._displays: Cache[DisplayId, Display] = Cache(reads.display, ttl_s=_PEOPLE_TTL_S, size_max=_SIZE_MAX)
        self._sessions: Cache[str, str] = Cache(self._read_session, ttl_s=_SESSION_TTL_S, size_max=_SIZE_MAX)
        self._ended: OrderedDict[str, None] = OrderedDict()  # the newest; a replica may hear of them later than we do

    async def caller(self, token: str, *, by_cookie: bool = False) -> Caller:
        """Return the caller whose session token or, unless `by_cookie`, display token this is. Raises Unauthorized."""
        claims = await self._verify(token, TokenUse.SESSION, *(() if by_cookie else (TokenUse.DISPLAY,)))
        return await self._admit(claims, by_cookie=by_cookie)

    async def by_ticket(self, ticket: str, stream_token: Callable[[str], str | None]) -> tuple[Caller, Claims | None]:
        """Return the caller who opens a stream with a ticket.

        Args:
            stream_token: Gives the stream cookie's value for a ticket's jti.

        Returns:
            The caller; and the ticket's claims at its first use, to set the stream cookie by; later None.

        Raises:
            Unauthorized: The ticket is not ours; or it is spent or too old, and its cookie is not there.
        """
        failure: Unauthorized | None = None
        try:
            claims = await self._tokens.verify(ticket, TokenUse.TICKET)
        except ExpiredToken as error:
            claims, failure = error.claims, Unauthorized("token-expired", str(error))
        except InvalidToken as error:
            raise Unauthorized(detail=str(error)) from None
        if (token := stream_token(claims.jti)) is not None:
            return await self._by_stream_token(token, claims), None
        if failure is not None:
            raise failure
        caller = await self._admit(claims, by_cookie=False)
        try:
            await self._committer.submit(SpendToken(jti=claims.jti, expires_at=claims.expires_at))
        except TokenSpent:
            raise Unauthorized("token-spent", TokenSpent.title) from None
        return caller, claims

    def let_go(self, principal: Principal) -> None:
        """Drop a caller who listens now from the caches: they may not call again for hours, and there are thousands."""
        self._sessions.drop(principal.jti)
        self._people.drop(principal.user.user_id)

    def hear(self, row: LogRow) -> None:
        """Forget what a row of the topic `system` says has changed."""
        match row.type:
            case UserChanged.TYPE:
                self._people.forget(msgspec.json.decode(row.data, type=UserChanged).user_id)
            case DisplayRevoked.TYPE:
                self._displays.forget(DisplayId(msgspec.json.decode(row.data, type=DisplayRevoked).display_id))
            case SessionEnded.TYPE:
                self.end_session(msgspec.json.decode(row.data, type=SessionEnded).jti)

    def end_session(self, jti: str) -> None:
        """Refuse this session from now on in this process: it has ended."""
        self._sessions.forget(jti)
        self._ended[jti] = None
        if len(self._ended) > _SIZE_MAX:
            self._ended.popitem(last=False)

    async def _by_stream_token(self, token: str, ticket: Claims) -> Caller:
        claims = await self._verify(token, TokenUse.STREAM)
        if claims.ticket != ticket.jti:
            raise Unauthorized(detail="The cookie belongs to another ticket.")
        return await self._admit(claims, by_cookie=True)

    async def _verify(self, token: str, *audiences: TokenUse) -> Claims:
        try:
            return await self._tokens.verify(token, *audiences)
        except ExpiredToken as error:
            raise Unauthorized("token-expired", str(error)) from None
        except InvalidToken as error:
            raise Unauthorized(detail=str(error)) from None

    async def _admit(self, claims: Claims, *, by_cookie: bool) -> Caller:
        is_screen = claims.screen or claims.audience is TokenUse.DISPLAY
        if not is_screen:
            await self._look_up(claims.session, UserId(claims.sub))
        if claims.session in self._ended or await self._sessions.get(claims.session) is None:
            raise Unauthorized("session-ended", "This session was signed out.")
        if is_screen:
            display = await self._displays.get(DisplayId(claims.sub))
            if display is None or display.revoked:
                raise Unauthorized("display-revoked", "This display may not be used any more.")
            return DisplayCaller(display=display, jti=claims.session, expires_at=claims.session_expires_at)
        person = await self._people.get(UserId(claims.sub))
        if person is None:
            person = await self._meet(claims)
        if not claims.external and not person.user.admits(version=claims.ver, session=claims.session):
            raise Unauthorized("session-ended", "The PIN was changed: sign in with the new one.")
        return Principal(
            person=person,
            jti=claims.session,
            expires_at=claims.session_expires_at,
            version=None if claims.external else claims.ver,
            by_cookie=by_cookie,
        )

    async def _look_up(self, session: str, user_id: UserId) -> None:
        """Fill both caches by one read instead of two, for a caller whom neither of them knows."""
        sessions, people = self._sessions, self._people
        if sessions.known(session) is not None or people.known(user_id) is not None:
            return
        began = sessions.begin(), people.begin()
        spent, person = await self._reads.caller(session, user_id)
        if not spent:
            sessions.keep(session, session, began[0])
        if person is not None:
            people.keep(user_id, person, began[1])

    async def _meet(self, claims: Claims) -> Person:
        """Add a person whom an identity provider vouches for, at their first call; raises Unauthorized for others."""
        if not claims.external:
            raise Unauthorized(detail="The token is for somebody whom we don't know.")
        name = name_from_outside(claims.name, otherwise=claims.sub)
        met = MeetUser(user_id=UserId(claims.sub), name=name, top_up_code=new_top_up_code())
        return (await self._committer.submit(met)).reply

    async def _read_session(self, jti: str) -> str | None:
        return None if await self._reads.token_spent(jti) else jti
