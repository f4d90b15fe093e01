"""Claims: what a payment provider takes back of a payment, by a refund or a dispute, and gives back if that fails.

Providers report one refund by several events, in any order, and a refund before its payment. So each report only says
what is known of one claim, and `settle` then moves as much money as all that is known of the payment calls for.
"""

from collections.abc import Iterable
from enum import StrEnum
from hashlib import blake2b

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.draft import Draft
from festival_push.domain.money.providers.taking import PaymentMoney
from festival_push.domain.money.rows import Claim, ClaimKind, ClaimStatus
from festival_push.domain.row_kinds import Needs
from festival_push.domain.rows import Receipt
from festival_push.domain.topics import role_topic, user_topic
from festival_push.domain.values import ClaimId, Instant, ReceiptId, Role, TransferId, provider_actor


class ClaimOutcome(StrEnum):
    """What became of a report of a claim."""

    TAKEN = "taken-back"  # money moved, or this is known to be covered already
    WAITING = "waiting"  # for its payment
    WON = "given-back"
    DUPLICATE = "duplicate"
    OTHER_PAYMENT = "other-payment"  # nothing moved: this claim is known, and of another payment


class ClaimReply(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a report of a claim."""

    status: ClaimOutcome
    claim_id: ClaimId
    taken: int
    lost: int


def claim_id(provider: str, external_id: str) -> ClaimId:
    """Return the id of one claim of one provider: a hash, so that it fits in a URL whatever the provider's id is."""
    return ClaimId(blake2b(f"claim\0{provider}\0{external_id}".encode(), digest_size=16).hexdigest())


class ReportClaim(msgspec.Struct, frozen=True, kw_only=True):
    """Keep what a provider reports about one refund or dispute, and move the money that it calls for.

    A refund whose `external_id` is the payment's own says how much of the payment has been refunded so far; refunds
    with ids of their own are parts of that.
    """

    provider: str
    external_id: str
    payment_id: str
    receipt_id: ReceiptId  # of that payment
    kind: ClaimKind
    amount: int
    won: bool  # the provider has given it back: the dispute is won, or the refund has failed
    transfer_id: TransferId

    def needs(self) -> Needs:
        """Name all that is known of the payment."""
        payment = (self.receipt_id,)
        return Needs(
            receipts=payment, claims_of=payment, moved_by=payment,
            claims=(claim_id(self.provider, self.external_id),),
        )  # fmt: skip

    def decide(self, book: Book, now: Instant) -> Decision[ClaimReply]:
        """Keep the claim and settle its payment; a report that says nothing new changes nothing."""
        draft = Draft(book, now, actor=provider_actor(self.provider))
        own_id = claim_id(self.provider, self.external_id)
        known = book.claims.get(own_id)
        if known is not None and known.receipt_id != self.receipt_id:
            return draft.decision(_reply(known, ClaimOutcome.OTHER_PAYMENT))
        claim = self._claim(own_id, known, now)
        if claim == known:
            return draft.decision(_reply(claim, ClaimOutcome.DUPLICATE))
        claims = {each.claim_id: each for each in claims_of(book, self.receipt_id)} | {own_id: claim}
        receipt = book.receipts.get(self.receipt_id)
        if receipt is None:
            draft.put(claim)
            outcome = ClaimOutcome.WON if claim.status is ClaimStatus.WON else ClaimOutcome.WAITING
            return draft.decision(_reply(claim, outcome))
        settled, receipt = settle(draft, receipt, claims.values(), transfer_id=self.transfer_id)
        draft.put(receipt, *(each for each in settled if each != book.claims.get(each.claim_id)))
        claim = next(each for each in settled if each.claim_id == own_id)
        outcome = ClaimOutcome.WON if claim.status is ClaimStatus.WON else ClaimOutcome.TAKEN
        return draft.decision(_reply(claim, outcome))

    def _claim(self, own_id: ClaimId, known: Claim | None, now: Instant) -> Claim:
        """Return what is known of the claim now: what was won stays so, and the largest amount counts."""
        if known is None:
            return Claim(
                claim_id=own_id, provider=self.provider, external_id=self.external_id, payment_id=self.payment_id,
                receipt_id=self.receipt_id, kind=self.kind, amount=self.amount,
                status=ClaimStatus.WON if self.won else ClaimStatus.WAITING, created_at=now, updated_at=now,
            )  # fmt: skip
        status = ClaimStatus.WON if self.won else known.status
        changed = msgspec.structs.replace(known, status=status, amount=max(known.amount, self.amount))
        return known if changed == known else msgspec.structs.replace(changed, updated_at=now)


def claims_of(book: Book, receipt_id: ReceiptId) -> list[Claim]:
    """Return the loaded claims to one payment."""
    return [claim for claim in book.claims.values() if claim.receipt_id == receipt_id]


def settle(
    draft: Draft, receipt: Receipt, claims: Iterable[Claim], *, transfer_id: TransferId, fresh: bool = False
) -> tuple[list[Claim], Receipt]:
    """Move as much of a payment's money as its claims call for, and tell whom it concerns.

    What is held goes first, then what the wallets that got it still have of it; the rest is lost. What the provider
    gives back covers the losses first. So the result depends on what is known, never on the order in which it came.

    Args:
        claims: All of this payment.
        transfer_id: What the ids of the new transfers begin with.
        fresh: Whether this draft has just put the money where the receipt says.
    Returns:
        All claims and the receipt as they are now; the caller puts them.
    """
    claims = sorted(claims, key=lambda claim: claim.claim_id)
    due = _due(claims, receipt.returned)
    taken, lost = sum(claim.taken for claim in claims), sum(claim.lost for claim in claims)
    more = sum(due.values()) - taken - lost
    money = PaymentMoney(draft, receipt, transfer_id=transfer_id, fresh=fresh)
    if more > 0:
        got = money.take(more)
        taken, lost = taken + got, lost + more - got
    elif more < 0:
        covered = money.give_back(-more, lost)
        taken, lost = taken - (-more - covered), lost - covered
    settled = _allotted(draft.now, claims, due, taken, lost, money)
    if money.moved:
        _tell(draft, receipt, settled, money)
    return settled, money.receipt


def _due(claims: list[Claim], returned: int) -> dict[ClaimId, int]:
    """Return how much each claim calls for, in minor units.

    Args:
        returned: How much an organiser has given back by hand: a refund that the provider reports may be just that.
    """
    refunds = [claim for claim in claims if claim.kind is ClaimKind.REFUND]
    parts = sum(claim.amount for claim in refunds if claim.external_id != claim.payment_id)
    due: dict[ClaimId, int] = {}
    for claim in claims:
        wanted = 0 if claim.status is ClaimStatus.WON else claim.amount
        if claim.kind is ClaimKind.REFUND:
            if claim.external_id == claim.payment_id:  # all refunds so far, of which each part counts by itself
                wanted = max(wanted - parts, 0)
            by_hand = min(wanted, returned)
            wanted, returned = wanted - by_hand, returned - by_hand
        due[claim.claim_id] = wanted
    return due


def _allotted(
    now: Instant, claims: list[Claim], due: dict[ClaimId, int], taken: int, lost: int, money: PaymentMoney
) -> list[Claim]:
    """Say of each claim how much of it was taken and lost; together it is what has moved."""
    settled = []
    for claim in claims:
        from_money = min(due[claim.claim_id], taken)
        from_losses = min(due[claim.claim_id] - from_money, lost)
        taken, lost = taken - from_money, lost - from_losses
        status = ClaimStatus.WON if claim.status is ClaimStatus.WON else ClaimStatus.TAKEN
        user_id = claim.user_id or money.last_owner
        changed = msgspec.structs.replace(
            claim, taken=from_money, lost=from_losses, status=status, user_id=user_id
        )  # fmt: skip
        settled.append(claim if changed == claim else msgspec.structs.replace(changed, updated_at=now))
    assert taken == lost == 0, (claims, taken, lost)
    return settled


def _reply(claim: Claim, status: ClaimOutcome) -> ClaimReply:
    return ClaimReply(status=status, claim_id=claim.claim_id, taken=claim.taken, lost=claim.lost)


def _tell(draft: Draft, receipt: Receipt, claims: list[Claim], money: PaymentMoney) -> None:
    """Tell the owners of the wallets, and the organisers, what has moved."""
    for user_id, amount in money.by_owner.items():
        if amount:
            draft.notify(
                user_topic(user_id), "provider-took-back" if amount < 0 else "provider-gave-back",
                provider=receipt.provider, amount=abs(amount),
            )  # fmt: skip
    lost = sum(claim.lost for claim in claims)
    draft.notify(
        role_topic(Role.ADMIN), "claim-taken" if money.to_provider > 0 else "claim-given-back",
        provider=receipt.provider, amount=abs(money.to_provider), payment=receipt.external_id,
        lost=lost or None,
    )  # fmt: skip
