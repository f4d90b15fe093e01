"""Find the caller: from a header, a ticket or a cookie to a person or a display, as the database has them now."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, Protocol

import msgspec

from festival_push.domain.events import DisplayRevoked, SessionEnded, UserChanged
from festival_push.domain.log import LogRow
from festival_push.domain.people.identities import MeetUser
from festival_push.domain.people.people import SpendToken
from festival_push.domain.people.relations import Person
from festival_push.domain.refusals import Refused, TokenSpent
from festival_push.domain.rows import User
from festival_push.domain.signing_in.rows import Identity
from festival_push.domain.signing_in.sessions import SEEN_EVERY_MS, BeginSession, SeeSession
from festival_push.domain.stall_rows import Display
from festival_push.domain.values import DisplayId, Instant, UserId
from festival_push.store.errors import CommandFailed, Overloaded, Unavailable
from festival_push.store.reads.people import SessionSeen
from festival_push.store.writing.committer import Committer
from festival_push.web.identity.cache import Cache
from festival_push.web.identity.claims import Claims, ExpiredToken, InvalidToken, TokenUse
from festival_push.web.identity.tokens import Tokens
from festival_push.web.parsing.devices import device_name
from festival_push.web.parsing.ids import new_top_up_code, new_user_id
from festival_push.web.parsing.problems import Unauthorized
from festival_push.web.parsing.text import name_from_outside

_PEOPLE_TTL_S: Final = 5.0  # a second safeguard: the log tells of changes within milliseconds
_SESSION_TTL_S: Final = 30.0
_SIZE_MAX: Final = 50_000  # of each cache
_STRANGER: Final = "Guest"  # the name of a provider's person who has none that can be shown

_log = logging.getLogger(__name__)


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """A person who calls, and the session that they call by."""

    person: Person
    jti: str  # of the session, also when a ticket or a stream cookie stands for it
    expires_at: Instant  # of the session
    version: int | None  # of the session; None for an identity provider's, which no change of PIN ends
    began_at: Instant | None = None  # when the person signed in; None: not known, or long ago
    renew_at: Instant | None = None  # from then on its token is worth renewing; None: it can't be
    key: str | None = None  # fingerprint of the identity provider's key that vouches for the session
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
    async def identity(self, identity_id: str) -> Identity | None: ...
    async def session_seen(self, session_id: str) -> SessionSeen: ...
    async def caller(self, session_id: str, user_id: UserId) -> tuple[SessionSeen, Person | None]: ...


class Authenticator:
    """Turns tokens into callers. What they are comes from the database, through short-lived caches."""

    def __init__(self, *, tokens: Tokens, reads: CallerReads, committer: Committer) -> None:
        self._tokens = tokens
        self._reads = reads
        self._committer = committer
        self._people: Cache[UserId, Person] = Cache(reads.person, ttl_s=_PEOPLE_TTL_S, size_max=_SIZE_MAX)
        self._displays: Cache[DisplayId, Display] = Cache(reads.display, ttl_s=_PEOPLE_TTL_S, size_max=_SIZE_MAX)
        self._identities: Cache[str, UserId] = Cache(self._read_identity, ttl_s=_PEOPLE_TTL_S, size_max=_SIZE_MAX)
        self._sessions: Cache[str, SessionSeen] = Cache(self._read_session, ttl_s=_SESSION_TTL_S, size_max=_SIZE_MAX)
        self._noting: set[asyncio.Task[None]] = set()  # the loop itself keeps no task alive
        self._ended: OrderedDict[str, None] = OrderedDict()  # the newest, before the database is asked

    async def caller(self, token: str, *, by_cookie: bool = False, user_agent: str | None = None) -> Caller:
        """Return the caller whose session token or, unless `by_cookie`, display token this is. Raises Unauthorized.

        Args:
            user_agent: As the caller's device names itself.
        """
        claims = await self._verify(token, TokenUse.SESSION, *(() if by_cookie else (TokenUse.DISPLAY,)))
        return await self._admit(claims, by_cookie=by_cookie, user_agent=user_agent)

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
                changed = msgspec.json.decode(row.data, type=UserChanged).user_id
                self._people.forget(changed)
                self._identities.forget_where(changed.__eq__)  # it may have been unlinked
            case DisplayRevoked.TYPE:
                self._displays.forget(DisplayId(msgspec.json.decode(row.data, type=DisplayRevoked).display_id))
            case SessionEnded.TYPE:
                self.end_session(msgspec.json.decode(row.data, type=SessionEnded).jti)

    def forget_all(self) -> None:
        """Forget who everybody is: the log is another one, and some of it may not have happened there."""
        for cache in (self._people, self._displays, self._identities, self._sessions):
            cache.forget_all()

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

    async def _admit(self, claims: Claims, *, by_cookie: bool, user_agent: str | None = None) -> Caller:
        if claims.screen or claims.audience is TokenUse.DISPLAY:
            return await self._admit_screen(claims)
        user_id = await self._identify(claims) if claims.external else UserId(claims.sub)
        await self._look_up(claims.session, user_id)
        seen = await self._require_session(claims)
        person = await self._people.get(user_id)
        if person is None:
            raise Unauthorized(detail="The token is for somebody whom we don't know.")
        by_provider = (
            claims.external or claims.key is not None
        )  # the latter: a ticket or stream cookie of such a session
        if not by_provider and not person.user.admits(version=claims.ver, session=claims.session):
            raise Unauthorized("session-ended", "The PIN was changed: sign in with the new one.")
        await self._note(claims, person.user, seen, user_agent)
        own = claims.key is None and claims.audience is TokenUse.SESSION
        return Principal(
            person=person,
            jti=claims.session,
            expires_at=claims.session_expires_at,
            version=None if by_provider else claims.ver,
            began_at=None if claims.sid or claims.external else Instant(claims.iat * 1000),
            by_cookie=by_cookie,
            renew_at=Instant((claims.iat + claims.exp) * 500) if own else None,
            key=claims.key,
        )

    async def _admit_screen(self, claims: Claims) -> DisplayCaller:
        await self._require_session(claims)
        display = await self._displays.get(DisplayId(claims.sub))
        if display is None or display.revoked:
            raise Unauthorized("display-revoked", "This display may not be used any more.")
        return DisplayCaller(display=display, jti=claims.session, expires_at=claims.session_expires_at)

    async def _require_session(self, claims: Claims) -> SessionSeen:
        seen = None if claims.session in self._ended else await self._sessions.get(claims.session)
        if seen is None:
            raise Unauthorized("session-ended", "This session was signed out.")
        return seen

    async def _look_up(self, session: str, user_id: UserId) -> None:
        """Fill both caches by one read instead of two, for a caller whom neither of them knows."""
        sessions, people = self._sessions, self._people
        if sessions.known(session) is not None or people.known(user_id) is not None:
            return
        began = sessions.begin(), people.begin()
        seen, person = await self._reads.caller(session, user_id)
        if not seen.ended:
            sessions.keep(session, seen, began[0])
        if person is not None:
            people.keep(user_id, person, began[1])

    async def _identify(self, claims: Claims) -> UserId:
        """Return whom an identity provider vouches for: at their first call, a customer who was nobody before."""
        if (known := await self._identities.get(claims.sub)) is not None:
            return known
        assert self._tokens.provider is not None, "somebody has verified the token"
        subject = claims.subject or ""
        name = name_from_outside(claims.name, otherwise=name_from_outside(subject, otherwise=_STRANGER))
        began = self._identities.begin()
        met = await self._committer.submit(
            MeetUser(
                issuer=self._tokens.provider.issuer,
                subject=subject,
                user_id=UserId(new_user_id()),
                name=name,
                top_up_code=new_top_up_code(),
            )
        )
        self._identities.keep(claims.sub, met.reply, began)
        return met.reply

    async def _note(self, claims: Claims, user: User, seen: SessionSeen, user_agent: str | None) -> None:
        """Write down that a session is used: one of a provider at its first call, and every one about once an hour.

        Nobody is refused because that fails: it is tried again at a later call.
        """
        now, session = self._tokens.now(), claims.session
        if seen.last_seen_at is None:
            if claims.external:
                began = self._sessions.begin()
                command = BeginSession(
                    session_id=session,
                    user_id=user.user_id,
                    version=user.session_version,
                    device=device_name(user_agent),
                    expires_at=claims.session_expires_at,
                    external=True,
                )
                await self._try(command)
                self._sessions.keep(session, SessionSeen(ended=False, last_seen_at=now), began)
        elif now - seen.last_seen_at >= SEEN_EVERY_MS:
            self._sessions.keep(session, SessionSeen(ended=False, last_seen_at=now), self._sessions.begin())
            task = asyncio.ensure_future(self._try(SeeSession(session_id=session)))
            self._noting.add(task)
            task.add_done_callback(self._noting.discard)

    async def _try(self, command: BeginSession | SeeSession) -> None:
        try:
            await self._committer.submit(command)
        except (Refused, Overloaded, Unavailable, CommandFailed) as error:
            _log.info("the use of a session was not written down: %r", error)

    async def _read_session(self, session: str) -> SessionSeen | None:
        seen = await self._reads.session_seen(session)
        return None if seen.ended else seen

    async def _read_identity(self, identity_id: str) -> UserId | None:
        identity = await self._reads.identity(identity_id)
        return None if identity is None else identity.user_id
