"""Pairings: a stall makes a code, somebody types it on a screen, and the stall confirms that screen as its display."""

from typing import ClassVar, Final

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.draft import Draft
from festival_push.domain.office.deeds import DeedKind
from festival_push.domain.people.relations import Act
from festival_push.domain.refusals import (
    AlreadyExists,
    InvalidPairingCode,
    NotFound,
    PairingSettled,
    Refusals,
    TooManyDisplays,
)
from festival_push.domain.row_kinds import Needs
from festival_push.domain.stall_rows import Pairing
from festival_push.domain.stalls.displays import add_display
from festival_push.domain.stalls.events import DisplayWaiting
from festival_push.domain.topics import stall_topic
from festival_push.domain.values import DisplayId, Instant, PairingId, PairingStatus, UserId, VendorId

PAIRING_MS: Final = 10 * 60 * 1000
"""How long each step may take: typing the code, the stall's answer, and then fetching the display's token."""


class RequestedPairing(msgspec.Struct, frozen=True):
    """A pairing that a screen has asked for, and the name of the stall."""

    pairing: Pairing
    vendor_name: str


class OfferPairing(msgspec.Struct, frozen=True, kw_only=True):
    """Make a code by which a screen may ask to become a stall's display."""

    REFUSES: ClassVar[Refusals] = (AlreadyExists,)

    actor_id: UserId
    vendor_id: VendorId
    pairing_id: PairingId
    code_hash: str
    name: str  # of the display

    def needs(self) -> Needs:
        return Needs(
            users=(self.actor_id,),
            vendors=(self.vendor_id,),
            pairing_codes=(self.code_hash,),
            offers=(self.vendor_id,),
        )

    def decide(self, book: Book, now: Instant) -> Decision[Pairing]:
        """Keep the code; the stall's older code, if nobody has typed it, does not work any more.

        Raises Forbidden, NotFound for someone else's stall, AlreadyExists for a code that is in use.
        """
        book.own_stall(self.actor_id, self.vendor_id, Act.KEEP_DISPLAYS)
        if _by_code(book, self.code_hash) is not None:
            raise AlreadyExists(what="code")
        older = next((each for each in book.pairings.values() if _is_offer_of(each, self.vendor_id)), None)
        pairing = Pairing(
            pairing_id=self.pairing_id if older is None else older.pairing_id,
            vendor_id=self.vendor_id,
            name=self.name,
            code_hash=self.code_hash,
            created_at=now,
            expires_at=Instant(now + PAIRING_MS),
            created_by=self.actor_id,
        )
        draft = Draft(book, now, user=self.actor_id)
        if older is None:
            draft.new(pairing)
        else:
            draft.put(pairing)
        after = {"vendorId": self.vendor_id, "name": self.name}
        draft.deed(DeedKind.OFFER_PAIRING, "pairing", pairing.pairing_id, after=after)
        return draft.decision(pairing)


class RequestPairing(msgspec.Struct, frozen=True, kw_only=True):
    """Ask, as a screen on which a code was typed, to become a display of the stall that made it."""

    REFUSES: ClassVar[Refusals] = (InvalidPairingCode,)

    code_hash: str
    secret_hash: str
    older_hashes: tuple[str, ...] = ()  # of the same code, by secrets of the server's that were replaced meanwhile

    def needs(self) -> Needs:
        return Needs(pairing_codes=(self.code_hash, *self.older_hashes))

    def decide(self, book: Book, now: Instant) -> Decision[RequestedPairing]:
        """Use the code up, and ask the stall. Raises InvalidPairingCode for an unknown, used or expired code."""
        pairing = _by_code(book, self.code_hash, *self.older_hashes)
        if pairing is None or now >= pairing.expires_at:
            raise InvalidPairingCode
        vendor = book.vendor(pairing.vendor_id)
        draft = Draft(book, now)
        pairing = msgspec.structs.replace(
            pairing, code_hash=None, secret_hash=self.secret_hash, expires_at=Instant(now + PAIRING_MS)
        )
        draft.put(pairing)
        event = DisplayWaiting(
            timestamp=draft.timestamp,
            pairing_id=pairing.pairing_id,
            vendor_id=pairing.vendor_id,
            name=pairing.name,
        )
        draft.tell(event, stall_topic(pairing.vendor_id))
        return draft.decision(RequestedPairing(pairing, vendor.name))


class AnswerPairing(msgspec.Struct, frozen=True, kw_only=True):
    """Confirm a screen that waits as a display of its stall, or refuse it."""

    REFUSES: ClassVar[Refusals] = (PairingSettled, TooManyDisplays)

    actor_id: UserId
    vendor_id: VendorId
    pairing_id: PairingId
    accept: bool
    display_id: DisplayId  # of the display that is made if the screen is confirmed

    def needs(self) -> Needs:
        return Needs(
            users=(self.actor_id,),
            vendors=(self.vendor_id,),
            pairings=(self.pairing_id,),
            display_counts=(self.vendor_id,),
        )

    def decide(self, book: Book, now: Instant) -> Decision[Pairing]:
        """Settle the pairing, and make the display if it is confirmed. The same answer again changes nothing.

        Raises Forbidden; NotFound for someone else's stall or pairing, an expired one, and one whose code nobody has
        typed; PairingSettled if the other answer was given before; TooManyDisplays.
        """
        book.own_stall(self.actor_id, self.vendor_id, Act.KEEP_DISPLAYS)
        pairing = book.pairings.get(self.pairing_id)
        if pairing is None or pairing.vendor_id != self.vendor_id or not is_asked_for(pairing, now):
            raise NotFound(what="pairing")
        draft = Draft(book, now, user=self.actor_id)
        answer = PairingStatus.CONFIRMED if self.accept else PairingStatus.REFUSED
        if pairing.status is not answer:
            if pairing.status is not PairingStatus.WAITING:
                raise PairingSettled(pairing_status=pairing.status)
            display_id = None
            if self.accept:
                name = pairing.name
                display_id = add_display(
                    draft, self.display_id, pairing.vendor_id, name=name, by=self.actor_id
                ).display_id
            pairing = settle_pairing(draft, pairing, answer, display_id=display_id)
        return draft.decision(pairing)


def settle_pairing(
    draft: Draft, pairing: Pairing, answer: PairingStatus, *, display_id: DisplayId | None = None
) -> Pairing:
    """Give a screen its answer, which it may fetch for a while, as a deed of the draft's actor.

    Args:
        display_id: The display that it is now, if it is confirmed.
    """
    settled = msgspec.structs.replace(
        pairing, status=answer, expires_at=Instant(draft.now + PAIRING_MS), display_id=display_id
    )
    draft.put(settled)
    act = DeedKind.CONFIRM_PAIRING if answer is PairingStatus.CONFIRMED else DeedKind.REFUSE_PAIRING
    after = {"vendorId": settled.vendor_id, "name": settled.name, "displayId": display_id}
    draft.deed(act, "pairing", settled.pairing_id, after=after)
    return settled


def is_asked_for(pairing: Pairing, now: Instant) -> bool:
    """Return whether a screen has asked for this pairing, and it has not expired."""
    return pairing.secret_hash is not None and now < pairing.expires_at


def _by_code(book: Book, *code_hashes: str) -> Pairing | None:
    """Return the loaded pairing whose code nobody has typed yet and has this hash; it may have expired."""
    return next((pairing for pairing in book.pairings.values() if pairing.code_hash in code_hashes), None)


def _is_offer_of(pairing: Pairing, vendor_id: VendorId) -> bool:
    return pairing.vendor_id == vendor_id and pairing.secret_hash is None
