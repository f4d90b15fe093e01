"""What providers take back, and what they report unreadably: in both databases as in the book, and in pages."""

from itertools import permutations
from typing import Final

from festival_push.domain.money.funds import receipt_id
from festival_push.domain.money.providers.claims import ReportClaim
from festival_push.domain.money.providers.unread import BookUnread, DismissUnread, KeepUnread
from festival_push.domain.money.rows import ClaimKind, UnreadStatus
from festival_push.domain.values import TransferId, UnreadId
from festival_push.store.database import Database
from festival_push.store.reads.reads import Reads
from tests.store.populated import populated
from tests.support.festival import ADMIN, ANNA, FALAFEL, AnyCommand, Festival, funds_of, order_of

PAGE: Final = 4


def claim(payment: str, external_id: str, amount: int, number: int, *, won: bool = False) -> ReportClaim:
    kind = ClaimKind.DISPUTE if external_id.startswith("dp") else ClaimKind.REFUND
    return ReportClaim(
        provider="zeffy", external_id=f"{external_id}-{payment}", payment_id=payment,
        receipt_id=receipt_id("zeffy", payment), kind=kind, amount=amount, won=won,
        transfer_id=TransferId(f"{payment}-{number}"),
    )  # fmt: skip


def keep(name: str) -> KeepUnread:
    return KeepUnread(
        provider="zeffy", unread_id=UnreadId(name), external_id=None, meaning="paid", field="amount", detail="x",
        body="{}\ufffd€",
    )  # fmt: skip


async def test_every_order_of_a_payment_and_its_claims_is_the_same_in_the_database(database: Database) -> None:
    commands: list[AnyCommand] = []
    for number, order in enumerate(permutations(range(4))):
        payment = f"p{number}"
        events: list[AnyCommand] = [
            funds_of(1_000, external_id=payment, number=number, user_id=ANNA if number % 2 else None),
            claim(payment, "re", 300, 1), claim(payment, "dp", 700, 2), claim(payment, "dp", 700, 3, won=True),
        ]  # fmt: skip
        commands += [events[index] for index in order]
        if number == 11:
            commands.append(order_of(FALAFEL, 5, number=900))
    book = Festival.opened()
    async with populated(database) as festival:
        for command in commands:
            book.do(command)
        await festival.do(commands)
        reads = Reads(database)
        found, before = [], None
        while page := await reads.claims(before=before, limit=PAGE):
            found += page
            before = page[-1].claim_id
        assert {each.claim_id: each.taken + each.lost for each in found} == {
            each.claim_id: each.taken + each.lost for each in book.book.claims.values()
        }
        overview = await reads.overview()
        assert overview.held == sum(receipt.held for receipt in book.book.receipts.values())
        assert len(found) == 48


async def test_unread_reports_are_kept_once_and_answered(database: Database) -> None:
    async with populated(database) as festival:
        await festival.do([keep("u1"), keep("u2"), keep("u1"), keep("u3")])
        book = BookUnread(
            actor_id=ADMIN, unread_id=UnreadId("u1"), provider="zeffy", amount=500, external_id="by-hand",
            user_id=ANNA, transfer_id=TransferId("b1"),
        )  # fmt: skip
        await festival.do([book, DismissUnread(actor_id=ADMIN, unread_id=UnreadId("u2"), reason="a test")])
        reads = Reads(database)
        assert [each.unread_id for each in await reads.unread_receipts(waiting=True, limit=9)] == ["u3"]
        every = await reads.unread_receipts(limit=9)
        assert {each.unread_id: each.status for each in every} == {
            "u1": UnreadStatus.BOOKED, "u2": UnreadStatus.DISMISSED, "u3": UnreadStatus.WAITING,
        }  # fmt: skip
        assert await reads.unread_receipts(before=every[0].unread_id, limit=9) == every[1:]
        booked = await reads.unread_receipt(UnreadId("u1"))
        assert booked is not None
        assert (booked.receipt_id, booked.body) == (receipt_id("zeffy", "by-hand"), "{}\ufffd€")
        assert await reads.unread_receipt(UnreadId("none")) is None
