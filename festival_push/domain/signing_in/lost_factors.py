"""How second factors end: removed by their owner, or reset by another organiser when they are lost."""

from typing import ClassVar

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.draft import Draft
from festival_push.domain.office.deeds import DeedKind
from festival_push.domain.people.relations import Act
from festival_push.domain.refusals import Forbidden, NotFound, Refusals
from festival_push.domain.row_kinds import Needs
from festival_push.domain.rows import User
from festival_push.domain.signing_in.factors import (
    ended,
    factors_of,
    lacks_factor,
    tell_factors,
    without_sessions,
)
from festival_push.domain.signing_in.refusals import LastFactor
from festival_push.domain.signing_in.rows import RecoveryCodes
from festival_push.domain.topics import user_topic
from festival_push.domain.values import FactorId, Instant, UserId, staff_actor


class RemoveFactor(msgspec.Struct, frozen=True, kw_only=True):
    """Remove one of one's own second factors; with the last one the recovery codes go too."""

    REFUSES: ClassVar[Refusals] = (LastFactor,)

    user_id: UserId
    factor_id: FactorId

    def needs(self) -> Needs:
        """Name the person, their factors and their codes."""
        return Needs(
            users=(self.user_id,),
            factors=(self.factor_id,),
            factors_of=(self.user_id,),
            recovery_codes=(self.user_id,),
        )

    def decide(self, book: Book, now: Instant) -> Decision[User]:
        """Remove it. Raises NotFound, Suspended; LastFactor if an organiser would be without one and may not."""
        user = book.actor(self.user_id).user
        present = factors_of(book, self.user_id)
        factor = next((each for each in present if each.factor_id == self.factor_id), None)
        if factor is None:
            raise NotFound(what="factor")
        changed = msgspec.structs.replace(user, factors=len(present) - 1)
        if lacks_factor(changed, book.rules):
            raise LastFactor
        draft = Draft(book, now)
        draft.put(changed, ended(factor, now))
        if len(present) == 1:
            draft.put(RecoveryCodes(user_id=self.user_id, made_at=now))
        tell_factors(draft, self.user_id, "factor-removed", name=factor.name)
        return draft.decision(changed)


class RenewRecoveryCodes(msgspec.Struct, frozen=True, kw_only=True):
    """Replace one's recovery codes; the earlier ones are no longer valid."""

    REFUSES: ClassVar[Refusals] = (NotFound,)

    user_id: UserId
    hashes: tuple[str, ...]

    def needs(self) -> Needs:
        return Needs(users=(self.user_id,), recovery_codes=(self.user_id,))

    def decide(self, book: Book, now: Instant) -> Decision[None]:
        """Store the hashes. Raises Suspended; NotFound for somebody who has no factor that they could stand in for."""
        if book.actor(self.user_id).user.factors == 0:
            raise NotFound(what="factor")
        draft = Draft(book, now)
        draft.put(RecoveryCodes(user_id=self.user_id, hashes=self.hashes, made_at=now))
        draft.notify(user_topic(self.user_id), "recovery-codes-renewed")
        return draft.decision(None)


class ResetFactors(msgspec.Struct, frozen=True, kw_only=True):
    """Remove all second factors of somebody who has lost theirs, as another organiser. Their sessions end."""

    actor_id: UserId | None  # None: the organiser at the command line
    user_id: UserId

    def needs(self) -> Needs:
        """Name both people, and what is removed."""
        actors = () if self.actor_id is None else (self.actor_id,)
        return Needs(users=(*actors, self.user_id), factors_of=(self.user_id,), recovery_codes=(self.user_id,))

    def decide(self, book: Book, now: Instant) -> Decision[User]:
        """Remove them; nothing happens if there are none. Raises NotFound; Forbidden, also for one's own."""
        if self.actor_id is not None:
            book.organiser(self.actor_id, Act.MANAGE_PEOPLE)
            if self.actor_id == self.user_id:  # who has theirs removes them by it
                raise Forbidden
        user, present = book.user(self.user_id), factors_of(book, self.user_id)
        draft = Draft(book, now, actor=staff_actor(self.actor_id))
        if not present:
            return draft.decision(user)
        draft.deed(DeedKind.RESET_FACTORS, "user", self.user_id, before={"factors": len(present)}, after={"factors": 0})
        user = without_sessions(msgspec.structs.replace(user, factors=0))
        if self.actor_id is not None:  # whoever has seen them type their PIN could be them now
            user = msgspec.structs.replace(user, rights_at=now)
        draft.put(user, *(ended(factor, now) for factor in present))
        draft.put(RecoveryCodes(user_id=self.user_id, made_at=now))
        tell_factors(draft, self.user_id, "factors-reset")
        return draft.decision(user)


class ResealFactors(msgspec.Struct, frozen=True, kw_only=True):
    """Store the secrets of apps anew: the same ones, sealed with the server's present key."""

    sealed: tuple[tuple[FactorId, str, str], ...]  # of each factor: the secret as it is stored, and as it shall be

    def needs(self) -> Needs:
        return Needs(factors=tuple(factor_id for factor_id, _, _ in self.sealed))

    def decide(self, book: Book, now: Instant) -> Decision[None]:
        """Store them, except for factors that have ended or were sealed anew meanwhile."""
        draft = Draft(book, now)
        for factor_id, before, after in self.sealed:
            factor = book.factors.get(factor_id)
            if factor is not None and factor.secret == before:
                draft.put(msgspec.structs.replace(factor, secret=after))
        return draft.decision(None)
