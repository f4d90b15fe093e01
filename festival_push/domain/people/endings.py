"""What ends with a keeper: whoever loses a stall leaves nothing behind there that still acts in the stall's name."""

from collections import Counter
from typing import Any, Final

import msgspec

from festival_push.domain.draft import Draft
from festival_push.domain.office.deeds import State
from festival_push.domain.people.relations import Act, Person, may
from festival_push.domain.stalls.displays import revoke
from festival_push.domain.stalls.pairings import settle_pairing
from festival_push.domain.values import Instant, PairingStatus, UserId, VendorId


def things_of(user_id: UserId) -> dict[str, Any]:
    """Return the fields of `Needs` that load what a person has made and that may have to end."""
    return dict.fromkeys(_NEEDS, (user_id,))


_NEEDS: Final = ("displays_by", "pairings_by", "requests_by", "give_backs_by")


def end_things(draft: Draft, person: Person) -> State:
    """End what a person has made at stalls for which they may not make it any more; all of it if they are suspended.

    Displays are revoked, screens that wait are refused; codes, payment requests and give-backs are over. What others
    have made for the same stall stays. Nothing of it comes back when the person does.

    Displays and screens have deeds of their own, as if whoever does it had ended each. Codes and requests just run out.

    Args:
        person: As the draft leaves them; `things_of` them are loaded.

    Returns:
        How many codes and requests are over, for the deed that ends them; a count of 0 is left out.
    """
    book, now = draft.book, draft.now
    over: Counter[str] = Counter()

    def is_lost(act: Act, vendor_id: VendorId, created_by: UserId | None) -> bool:
        return created_by == person.user_id and (person.user.suspended or not may(person, act, vendor_id=vendor_id))

    for display in list(book.displays.values()):
        if not display.revoked and is_lost(Act.KEEP_DISPLAYS, display.vendor_id, display.created_by):
            revoke(draft, display)
    for pairing in list(book.pairings.values()):
        waits = pairing.status is PairingStatus.WAITING and now < pairing.expires_at
        if waits and is_lost(Act.KEEP_DISPLAYS, pairing.vendor_id, pairing.created_by):
            if pairing.secret_hash is None:  # nobody waits for an answer
                draft.put(msgspec.structs.replace(pairing, expires_at=_over(pairing.created_at, now)))
                over["pairingCodesEnded"] += 1
            else:
                settle_pairing(draft, pairing, PairingStatus.REFUSED)
    for request in list(book.payment_requests.values()):
        is_open = request.order_id is None and now < request.expires_at
        if is_open and is_lost(Act.REQUEST_PAYMENT, request.vendor_id, request.created_by):
            draft.put(msgspec.structs.replace(request, expires_at=_over(request.created_at, now)))
            over["paymentRequestsEnded"] += 1
    for offer in list(book.give_backs.values()):
        is_open = offer.claimed_by is None and now < offer.expires_at
        if is_open and is_lost(Act.GIVE_DEPOSIT_BACK, offer.vendor_id, offer.created_by):
            draft.put(msgspec.structs.replace(offer, expires_at=_over(offer.created_at, now)))
            over["giveBacksEnded"] += 1
    return dict(over)


def _over(created_at: Instant, now: Instant) -> Instant:
    """Return the end of something that is over now; it is after its beginning also if that was now."""
    return max(now, Instant(created_at + 1))
