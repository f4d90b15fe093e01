"""Identities: a person as an identity provider knows them, by issuer and subject together, and who they are here.

A subject is a name that somebody else gives out: it is never an id of ours, whatever it is spelt like. So a provider's
person is nobody who was here before, unless the operator has linked them.
"""

from hashlib import sha256
from typing import ClassVar

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.draft import Draft
from festival_push.domain.events import UserChanged
from festival_push.domain.office.deeds import DeedKind, State
from festival_push.domain.people.people import add_user
from festival_push.domain.refusals import AlreadyExists, NotFound, Refusals
from festival_push.domain.row_kinds import Needs
from festival_push.domain.rows import User
from festival_push.domain.signing_in.rows import Identity
from festival_push.domain.signing_in.sessions import end_session
from festival_push.domain.topics import SYSTEM
from festival_push.domain.values import COMMAND_LINE, Instant, UserId


def identity_id(issuer: str, subject: str) -> str:
    """Return the id of an identity. The issuer, which the operator has set, holds no NUL, so no two share one."""
    return sha256(f"{issuer}\0{subject}".encode()).hexdigest()


class MeetUser(msgspec.Struct, frozen=True, kw_only=True):
    """Find the person whom a trusted identity provider vouches for; create a customer at the first sign-in."""

    issuer: str
    subject: str
    user_id: UserId  # of the new customer; never the subject
    name: str
    top_up_code: str

    def needs(self) -> Needs:
        return Needs(users=(self.user_id,), identities=(identity_id(self.issuer, self.subject),))

    def decide(self, book: Book, now: Instant) -> Decision[UserId]:
        """Return who it is; nothing changes if they are known."""
        draft, key = Draft(book, now), identity_id(self.issuer, self.subject)
        if (known := book.identities.get(key)) is not None and known.user_id is not None:
            return draft.decision(known.user_id)
        add_user(draft, self.user_id, name=self.name, pin_hash=None, top_up_code=self.top_up_code)
        draft.put(_identity(self.issuer, self.subject, self.user_id, now))
        return draft.decision(self.user_id)


class LinkIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """Let a provider's person be somebody who is here already, as the operator says at the command line."""

    REFUSES: ClassVar[Refusals] = (AlreadyExists,)

    user_id: UserId
    issuer: str
    subject: str

    def needs(self) -> Needs:
        return Needs(users=(self.user_id,), identities=(identity_id(self.issuer, self.subject),))

    def decide(self, book: Book, now: Instant) -> Decision[User]:
        """Link them; nothing happens if they are linked already.

        Raises NotFound; AlreadyExists if the identity is somebody else's: it must be unlinked first.
        """
        user, draft = book.user(self.user_id), Draft(book, now, actor=COMMAND_LINE)
        known = book.identities.get(identity_id(self.issuer, self.subject))
        if known is not None and known.user_id not in {None, self.user_id}:
            raise AlreadyExists(what="identity")
        if known is None or known.user_id is None:
            draft.put(_identity(self.issuer, self.subject, self.user_id, now))
            draft.deed(DeedKind.LINK_IDENTITY, "user", self.user_id, after=_named(self.issuer, self.subject))
        return draft.decision(user)


class UnlinkIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """Let a provider's person be this person no more: at their next call they are a new customer."""

    user_id: UserId
    issuer: str
    subject: str

    def needs(self) -> Needs:
        key = identity_id(self.issuer, self.subject)
        return Needs(users=(self.user_id,), identities=(key,), sessions_of=(self.user_id,))

    def decide(self, book: Book, now: Instant) -> Decision[User]:
        """Unlink them, and end the person's sessions by any provider. Raises NotFound."""
        user, draft = book.user(self.user_id), Draft(book, now, actor=COMMAND_LINE)
        known = book.identities.get(identity_id(self.issuer, self.subject))
        if known is None or known.user_id != self.user_id:
            raise NotFound(what="identity")
        draft.put(msgspec.structs.replace(known, user_id=None))
        draft.deed(DeedKind.UNLINK_IDENTITY, "user", self.user_id, before=_named(self.issuer, self.subject))
        for session in book.sessions.values():
            if session.user_id == self.user_id and session.external:
                end_session(draft, session)
        draft.tell(UserChanged(timestamp=draft.timestamp, user_id=self.user_id), SYSTEM)
        return draft.decision(user)


def _named(issuer: str, subject: str) -> State:
    return {"issuer": issuer, "subject": subject}


def _identity(issuer: str, subject: str, user_id: UserId, now: Instant) -> Identity:
    key = identity_id(issuer, subject)
    return Identity(identity_id=key, issuer=issuer, subject=subject, user_id=user_id, created_at=now)
