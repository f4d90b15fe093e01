"""Sessions: a person is signed in on a device, is seen there, stays signed in while they use it, and signs out."""

from typing import ClassVar, Final

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.draft import Draft
from festival_push.domain.events import SessionEnded, UserChanged
from festival_push.domain.office.deeds import DeedKind
from festival_push.domain.refusals import NotFound, Refusals, Suspended
from festival_push.domain.row_kinds import Needs
from festival_push.domain.rows import User
from festival_push.domain.signing_in.refusals import SessionNotRenewable
from festival_push.domain.signing_in.rows import Session, SpentToken
from festival_push.domain.topics import SYSTEM
from festival_push.domain.values import Actor, Instant, Role, UserId, rfc3339

SESSIONS_MAX: Final = 50
"""Of one person: one more sign-in ends the session that was not used for the longest time."""
SEEN_EVERY_MS: Final = 3600 * 1000
"""A session's use is written down at most this often: a write for each request would be as much as the orders."""
DEVICE_CHARS_MAX: Final = 60
_RANK: Final = {Role.CUSTOMER: 0, Role.VENDOR: 1, Role.ADMIN: 2}


class BeginSession(msgspec.Struct, frozen=True, kw_only=True):
    """Note that a person has signed in: by their PIN, or by an identity provider's token that was not seen before."""

    session_id: str
    user_id: UserId
    version: int  # the `session_version` at which the person proved who they are
    device: str
    expires_at: Instant
    external: bool = False
    actor: Actor | None = None  # who lets them in without a proof, which is a deed; None: the person has signed in

    def needs(self) -> Needs:
        """Name the person, their sessions, and the token, which may have ended before."""
        return Needs(
            users=(self.user_id,), sessions=(self.session_id,), sessions_of=(self.user_id,), tokens=(self.session_id,)
        )

    def decide(self, book: Book, now: Instant) -> Decision[None]:
        """Keep the session, and end the least used one of too many. A known session stays as it is. Raises NotFound."""
        user, draft = book.user(self.user_id), Draft(book, now, actor=self.actor)
        if self.session_id in book.sessions or self.session_id in book.tokens:
            return draft.decision(None)
        row = Session(
            session_id=self.session_id,
            user_id=self.user_id,
            device=self.device[:DEVICE_CHARS_MAX],
            version=self.version,
            user_type=book.person(self.user_id).user_type,
            external=self.external,
            created_at=now,
            last_seen_at=now,
            expires_at=self.expires_at,
        )
        draft.new(row)
        if self.actor is not None:
            draft.deed(DeedKind.ISSUE_SESSION, "user", self.user_id, after={"expiresAt": rfc3339(self.expires_at)})
        others = sorted(_live(book, user, now), key=lambda other: (other.last_seen_at, other.created_at))
        for other in others[: max(0, len(others) + 1 - SESSIONS_MAX)]:
            end_session(draft, other)
        return draft.decision(None)


class SeeSession(msgspec.Struct, frozen=True, kw_only=True):
    """Note that a session is used, unless that was noted within the hour."""

    session_id: str

    def needs(self) -> Needs:
        return Needs(sessions=(self.session_id,))

    def decide(self, book: Book, now: Instant) -> Decision[None]:
        """Move `last_seen_at`; a session without a row, or one that has ended, stays as it is."""
        draft, row = Draft(book, now), book.sessions.get(self.session_id)
        if row is not None and not row.ended and now - row.last_seen_at >= SEEN_EVERY_MS:
            draft.put(msgspec.structs.replace(row, last_seen_at=now))
        return draft.decision(None)


class RenewSession(msgspec.Struct, frozen=True, kw_only=True):
    """Let a session go on, because it is used."""

    REFUSES: ClassVar[Refusals] = (SessionNotRenewable, Suspended)

    session_id: str
    user_id: UserId
    ttl_ms: int  # from now
    longest_ms: int  # from the sign-in, however often it is renewed
    until: Instant  # when the token that asks expires

    def needs(self) -> Needs:
        return Needs(users=(self.user_id,), sessions=(self.session_id,), tokens=(self.session_id,))

    def decide(self, book: Book, now: Instant) -> Decision[Session]:
        """Return the session with the expiry of its next token.

        Raises NotFound, Suspended; SessionNotRenewable for a session that has ended, of an identity provider, of before
        sessions were kept, that has reached its longest, that began before the person's PIN was changed, or that began
        when they could do more than now.
        """
        user = book.user(self.user_id)
        if user.suspended:
            raise Suspended
        row = book.sessions.get(self.session_id)
        if row is None or row.user_id != user.user_id or self.session_id in book.tokens or not is_live(row, user, now):
            raise SessionNotRenewable
        if row.external or _RANK[book.person(self.user_id).user_type] < _RANK[row.user_type]:
            raise SessionNotRenewable
        expires_at = Instant(min(now + self.ttl_ms, row.created_at + self.longest_ms))
        if expires_at <= self.until:
            raise SessionNotRenewable
        renewed = msgspec.structs.replace(row, expires_at=Instant(max(expires_at, row.expires_at)), last_seen_at=now)
        draft = Draft(book, now)
        draft.put(renewed)
        return draft.decision(msgspec.structs.replace(renewed, expires_at=expires_at))


class EndSession(msgspec.Struct, frozen=True, kw_only=True):
    """Sign out: the session's tokens are no longer valid, in any process."""

    jti: str
    expires_at: Instant  # of the token that signs out

    def needs(self) -> Needs:
        return Needs(tokens=(self.jti,), sessions=(self.jti,))

    def decide(self, book: Book, now: Instant) -> Decision[None]:
        """End the session, also one that is not kept; ending it again changes nothing."""
        draft = Draft(book, now)
        if (row := book.sessions.get(self.jti)) is not None:
            end_session(draft, row)
        elif self.jti not in book.tokens:
            _refuse(draft, self.jti, self.expires_at)
        return draft.decision(None)


class EndOwnSession(msgspec.Struct, frozen=True, kw_only=True):
    """End one of the caller's sessions, which may be on a device that they have lost."""

    user_id: UserId
    session_id: str

    def needs(self) -> Needs:
        return Needs(users=(self.user_id,), sessions=(self.session_id,), tokens=(self.session_id,))

    def decide(self, book: Book, now: Instant) -> Decision[None]:
        """End it. Raises NotFound, also for somebody else's and for one that is over."""
        row, user = book.sessions.get(self.session_id), book.user(self.user_id)
        if row is None or row.user_id != self.user_id or not is_live(row, user, now):
            raise NotFound(what="session")
        draft = Draft(book, now)
        end_session(draft, row)
        return draft.decision(None)


class EndAllSessions(msgspec.Struct, frozen=True, kw_only=True):
    """End all of the caller's sessions."""

    user_id: UserId
    keep: str | None  # the one that stays; None: none does

    def needs(self) -> Needs:
        return Needs(users=(self.user_id,), sessions_of=(self.user_id,))

    def decide(self, book: Book, now: Instant) -> Decision[int]:
        """End them, and with a new `session_version` also those that are not kept. Return how many kept ones ended.

        Raises NotFound.
        """
        user, draft = book.user(self.user_id), Draft(book, now)
        ending = [row for row in _live(book, user, now) if row.session_id != self.keep]
        for row in ending:
            end_session(draft, row)
        version = user.session_version + 1
        draft.put(msgspec.structs.replace(user, session_version=version, kept_session=self.keep))
        if (kept := book.sessions.get(self.keep or "")) is not None and kept.user_id == user.user_id:
            draft.put(msgspec.structs.replace(kept, version=version))
        draft.tell(UserChanged(timestamp=draft.timestamp, user_id=user.user_id), SYSTEM)
        return draft.decision(len(ending))


def is_live(row: Session, user: User, now: Instant) -> bool:
    """Return whether a session of this person is one that they are signed in by."""
    admitted = row.external or user.admits(version=row.version, session=row.session_id)
    return admitted and not row.ended and row.expires_at > now


def _live(book: Book, user: User, now: Instant) -> list[Session]:
    return [row for row in book.sessions.values() if row.user_id == user.user_id and is_live(row, user, now)]


def end_session(draft: Draft, row: Session) -> None:
    """End a session; nothing happens if it has ended."""
    if not row.ended:
        draft.put(msgspec.structs.replace(row, ended=True))
        _refuse(draft, row.session_id, row.expires_at)


def end_sessions(draft: Draft, user: User) -> User:
    """End all sessions of a person whom the command has named in `sessions_of`, also those that are not kept, and
    return the person with that; the caller puts them."""
    for row in _live(draft.book, user, draft.now):
        end_session(draft, row)
    draft.tell(UserChanged(timestamp=draft.timestamp, user_id=user.user_id), SYSTEM)
    return msgspec.structs.replace(user, session_version=user.session_version + 1, kept_session=None)


def _refuse(draft: Draft, session_id: str, expires_at: Instant) -> None:
    if session_id not in draft.book.tokens:
        draft.put(SpentToken(jti=session_id, expires_at=expires_at))
        draft.tell(SessionEnded(timestamp=draft.timestamp, jti=session_id), SYSTEM)
