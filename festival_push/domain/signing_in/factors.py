"""Second factors: what a person needs besides their PIN, once they have one.

    begun (nothing is stored) ──► enrolled, by a first right code ──► used, each code once ──► removed, or reset

A code of an app is right for a minute and a half, so its step (30 seconds) is remembered: neither it nor an earlier one
counts again. A passkey counts its uses itself; those that stay at 0, because they live on several devices, can't be
held to it, and their answers are bound to a challenge that is used once.
"""

from typing import ClassVar, Final

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.draft import Draft
from festival_push.domain.events import UserChanged
from festival_push.domain.people.relations import Person
from festival_push.domain.refusals import AlreadyExists, Refusals, TokenSpent
from festival_push.domain.row_kinds import Needs
from festival_push.domain.rows import User
from festival_push.domain.signing_in.guesses import forgotten
from festival_push.domain.signing_in.refusals import TooManyFactors, WrongFactor
from festival_push.domain.signing_in.rows import Factor, RecoveryCodes, SpentToken
from festival_push.domain.topics import SYSTEM, user_topic
from festival_push.domain.values import FactorId, FactorKind, Instant, Rules, UserId

FACTORS_MAX: Final = 10
"""How many second factors a person may have."""
RECOVERY_CODES: Final = 10
"""How many recovery codes are made at once."""


def is_organiser(user: User) -> bool:
    """Return whether somebody may do what organisers do."""
    return user.admin


def lacks_factor(user: User, rules: Rules) -> bool:
    """Return whether somebody is an organiser who may do nothing as one until they have a second factor."""
    return rules.organisers_prove and is_organiser(user) and user.factors == 0


class Challenge(msgspec.Struct, frozen=True, kw_only=True):
    """What a sign-in began with, after the right PIN or for a passkey alone: it ends one sign-in."""

    jti: str
    expires_at: Instant
    version: int | None  # the person's `session_version` then; None: nobody was known yet


class EnrolFactor(msgspec.Struct, frozen=True, kw_only=True):
    """Add a second factor that has just proved itself. With the first one all other sessions end, because none of them
    has shown it."""

    REFUSES: ClassVar[Refusals] = (AlreadyExists, TooManyFactors)

    user_id: UserId
    factor_id: FactorId  # of the enrolment, so that it is done once
    kind: FactorKind
    name: str
    secret: str | None = None
    credential_id: str | None = None
    public_key: str | None = None
    counter: int  # of the code or assertion that proved it
    recovery_hashes: tuple[str, ...]  # become valid with the first factor only
    session: str  # jti of the session that asks, which stays

    def needs(self) -> Needs:
        """Name the person, their factors and codes, and the ids, which must be free."""
        return Needs(
            users=(self.user_id,),
            factors=(self.factor_id,),
            factors_of=(self.user_id,),
            credentials=() if self.credential_id is None else (self.credential_id,),
            recovery_codes=(self.user_id,),
        )

    def decide(self, book: Book, now: Instant) -> Decision[User]:
        """Add it. Raises NotFound, Suspended; AlreadyExists for an enrolment that is done, or a passkey that somebody
        has; TooManyFactors."""
        assert (self.secret is not None) == (self.kind is FactorKind.TOTP), self.factor_id  # the table's CHECK
        user = book.actor(self.user_id).user
        taken = (each.credential_id == self.credential_id for each in book.factors.values())
        if self.factor_id in book.factors or (self.credential_id is not None and any(taken)):
            raise AlreadyExists(what="factor")
        present = factors_of(book, self.user_id)
        if len(present) >= FACTORS_MAX:
            raise TooManyFactors(factors_max=FACTORS_MAX)
        draft = Draft(book, now)
        factor = Factor(
            factor_id=self.factor_id,
            user_id=self.user_id,
            kind=self.kind,
            name=self.name,
            secret=self.secret,
            credential_id=self.credential_id,
            public_key=self.public_key,
            counter=self.counter,
            created_at=now,
        )
        changed = msgspec.structs.replace(user, factors=len(present) + 1)
        if not present:
            changed = without_sessions(changed, kept=self.session)
            draft.put(RecoveryCodes(user_id=self.user_id, hashes=self.recovery_hashes, made_at=now))
        draft.put(changed)
        draft.new(factor)
        tell_factors(draft, self.user_id, "factor-added", name=self.name)
        return draft.decision(changed)


class UseFactor(msgspec.Struct, frozen=True, kw_only=True):
    """Let a second factor count, once, whose code or signature was checked; or a recovery code instead."""

    REFUSES: ClassVar[Refusals] = (WrongFactor, TokenSpent)

    user_id: UserId
    factor_id: FactorId | None = None
    counter: int = 0  # the code's step, or what the passkey has counted
    recovery_hash: str | None = None
    failures: str | None = None  # key of the count of wrong ones, which begins anew
    challenge: Challenge | None = None  # of the sign-in that this completes; None: who is signed in proves it again

    def needs(self) -> Needs:
        """Name the person, the factor, the recovery codes, and the challenge."""
        return Needs(
            users=(self.user_id,),
            factors=() if self.factor_id is None else (self.factor_id,),
            recovery_codes=() if self.recovery_hash is None else (self.user_id,),
            tokens=() if self.challenge is None else (self.challenge.jti,),
            guesses=() if self.failures is None else (self.failures,),
        )

    def decide(self, book: Book, now: Instant) -> Decision[Person]:
        """Note the use, and forget the wrong tries.

        Raises NotFound, Suspended; WrongFactor for one that is not theirs, has ended, or whose code was used;
        TokenSpent for a challenge that was used, or whose PIN is no longer the PIN.
        """
        person = book.actor(self.user_id)
        draft = Draft(book, now)
        if (challenge := self.challenge) is not None:
            if challenge.jti in book.tokens or challenge.version not in {None, person.user.session_version}:
                raise TokenSpent
            draft.new(SpentToken(jti=challenge.jti, expires_at=challenge.expires_at))
        if self.recovery_hash is not None:
            self._use_recovery_code(draft, self.recovery_hash)
        else:
            self._use_factor(draft)
        if self.failures is not None:
            draft.put(*forgotten(book, self.failures, now))
        return draft.decision(person)

    def _use_factor(self, draft: Draft) -> None:
        factor = _present(draft.book, self.user_id, self.factor_id)
        counts = factor.kind is FactorKind.TOTP or self.counter > 0 or factor.counter > 0
        if counts and self.counter <= factor.counter:
            raise WrongFactor
        draft.put(msgspec.structs.replace(factor, counter=self.counter, last_used_at=draft.now))

    def _use_recovery_code(self, draft: Draft, used: str) -> None:
        codes = draft.book.recovery_codes.get(self.user_id)
        if codes is None or used not in codes.hashes:
            raise WrongFactor
        left = tuple(each for each in codes.hashes if each != used)
        draft.put(msgspec.structs.replace(codes, hashes=left))
        draft.notify(user_topic(self.user_id), "recovery-code-used", left=len(left))


def factors_of(book: Book, user_id: UserId) -> list[Factor]:
    """Return a person's factors that have not ended, of those that are loaded."""
    return [each for each in book.factors.values() if each.user_id == user_id and each.ended_at is None]


def _present(book: Book, user_id: UserId, factor_id: FactorId | None) -> Factor:
    factor = None if factor_id is None else book.factors.get(factor_id)
    if factor is None or factor.user_id != user_id or factor.ended_at is not None:
        raise WrongFactor
    return factor


def ended(factor: Factor, now: Instant) -> Factor:
    """Return the factor as it stays, without what proves it."""
    return msgspec.structs.replace(factor, secret=None, credential_id=None, public_key=None, ended_at=now)


def without_sessions(user: User, *, kept: str | None = None) -> User:
    """Return a person all of whose sessions have ended, but perhaps one."""
    return msgspec.structs.replace(user, session_version=user.session_version + 1, kept_session=kept)


def tell_factors(draft: Draft, user_id: UserId, code: str, *, name: str | None = None) -> None:
    """Tell every process that a person's factors have changed, and the person by a notice."""
    draft.tell(UserChanged(timestamp=draft.timestamp, user_id=user_id), SYSTEM)
    draft.notify(user_topic(user_id), code, name=name)
