"""Every row comes back from its table as it went in."""

from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.book import Book
from festival_push.domain.deposits.rows import DepositLine, GiveBackOffer
from festival_push.domain.desk.rows import Drawer
from festival_push.domain.money.rows import Claim, ClaimKind, ClaimStatus, UnreadReceipt, UnreadStatus
from festival_push.domain.office.deeds import FIRST_PREVIOUS, DeedKind, KeptDeed
from festival_push.domain.office.rows import Confirmation, ConfirmationStatus, DeskSum, KeptSettings
from festival_push.domain.orders.rows import Order, OrderLine, PaymentRequest
from festival_push.domain.payouts.rows import PayoutRun, PayoutRunStatus
from festival_push.domain.reports.rows import ZReport
from festival_push.domain.row_kinds import Needs
from festival_push.domain.rows import (
    KINDS,
    Account,
    Announcement,
    Keeper,
    MenuItem,
    Payout,
    Receipt,
    Rooms,
    Row,
    Transfer,
    User,
    Vendor,
)
from festival_push.domain.signing_in.rows import Factor, Guesses, Identity, RecoveryCodes, Server, Session, SpentToken
from festival_push.domain.stall_rows import Display, Pairing, VendorCode, VendorName
from festival_push.domain.values import (
    AccountId,
    Actor,
    AnnouncementId,
    Audience,
    ClaimId,
    ConfirmationId,
    DisplayId,
    DrawerId,
    FactorId,
    FactorKind,
    GiveBackId,
    Instant,
    ItemId,
    OrderId,
    OrderStatus,
    PairingId,
    PairingStatus,
    Part,
    PaymentRequestId,
    PayoutId,
    PayoutRunId,
    PayoutStatus,
    Position,
    ReceiptId,
    Role,
    Topic,
    TransferId,
    TransferKind,
    UnreadId,
    UserId,
    VendorId,
)
from festival_push.store import tables
from festival_push.store.database import Database
from festival_push.store.errors import WriteFailed
from festival_push.store.tables import KeyedTable, Table
from festival_push.store.writing.answers import KEPT_ANSWERS, KeptAnswer
from tests.support.festival import RULES

SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    NoneType: st.none(),
    msgspec.UnsetType: st.just(msgspec.UNSET),
    str: st.text(st.characters(exclude_categories=["Cs"])),
    int: st.integers(-(2**63), 2**63 - 1),
    bool: st.booleans(),
}


def values_of(hint: Any) -> st.SearchStrategy[Any]:
    """Any value of a field's type that SQL can hold."""
    if get_origin(hint) in (Union, UnionType):
        return st.one_of(*(values_of(kind) for kind in get_args(hint)))
    if get_origin(hint) is Literal:
        return st.sampled_from(get_args(hint))
    hint = getattr(hint, "__supertype__", hint)
    if hint in SCALARS:
        return SCALARS[hint]
    if get_origin(hint) is tuple:
        return st.lists(values_of(get_args(hint)[0]), max_size=3).map(tuple)
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return rows_of(hint)
    return st.sampled_from(list(hint))


def rows_of(kind: type[msgspec.Struct]) -> st.SearchStrategy[Any]:
    """Any row of a type."""
    hints = get_type_hints(kind)
    return st.builds(kind, **{name: values_of(hints[name]) for name in kind.__struct_fields__})


LINE = OrderLine(item_id=ItemId("beer"), name="Bier ü 🍺", quantity=2, unit_price=3, total=6, notes="cold")
AT = Instant(2**42)
SAMPLES: list[tuple[Table[Any], Any]] = [
    (tables.VENDORS, Vendor(vendor_id=VendorId("bar"), name="Bar", auto_accept=False, number_day="2026-07-04")),
    (tables.TABLES[VendorName], VendorName(vendor_id=VendorId("bar"), name_key="bar")),
    (
        tables.USERS,
        User(
            user_id=UserId("anna"), name="Anna", pin_hash=None, admin=True,
            top_up_code="c", suspended=True, created_at=AT,
        ),
    ),
    (
        tables.FACTORS,
        Factor(
            factor_id=FactorId("f1"), user_id=UserId("anna"), kind=FactorKind.TOTP, name="Phone", secret="sealed",
            counter=2**32, created_at=AT, last_used_at=AT,
        ),
    ),
    (
        tables.FACTORS,
        Factor(
            factor_id=FactorId("f2"), user_id=UserId("anna"), kind=FactorKind.PASSKEY, name="Stick ü", created_at=AT,
            credential_id="c", public_key="k",
        ),
    ),
    (tables.TABLES[RecoveryCodes], RecoveryCodes(user_id=UserId("anna"), hashes=("h1", "h2"), made_at=AT)),
    (tables.ACCOUNTS, Account(account_id=AccountId("user:anna"), balance=2**40)),
    (tables.ACCOUNTS, Account(account_id=AccountId("held"), balance=-(2**40), overdraft=True)),
    (
        tables.KEEPERS,
        Keeper(
            keeper_id="bar anna", vendor_id=VendorId("bar"), user_id=UserId("anna"), part=Part.KEEPER, created_at=AT
        ),
    ),
    (
        tables.MENU_ITEMS,
        MenuItem(
            item_id=ItemId("beer"), vendor_id=VendorId("bar"), name="Beer", description="", price=3, created_at=AT
        ),
    ),
    (
        tables.ORDERS,
        Order(
            order_id=OrderId("o1"), vendor_id=VendorId("bar"), vendor_name="Bar", user_id=UserId("anna"),
            customer_name="Anna", number=999, status=OrderStatus.READY, lines=(LINE, LINE), total=12, refunded=12,
            estimated_time=0, placed=1, created_at=AT, updated_at=AT, ready_at=AT, called_at=Instant(AT + 1),
        ),
    ),
    (
        tables.TRANSFERS,
        Transfer(
            transfer_id=TransferId("t1"), seq=1, kind=TransferKind.TOP_UP, debit=AccountId("held"),
            credit=AccountId("user:anna"), amount=1, debit_balance=-1, credit_balance=1, order_id=None, note=None,
            at=AT, actor=Actor("user:anna"),
        ),
    ),
    (
        tables.PAYMENT_REQUESTS,
        PaymentRequest(
            request_id=PaymentRequestId("q1"), vendor_id=VendorId("bar"), total=6, order_id=OrderId("o1"),
            lines=(msgspec.structs.replace(LINE, item_id=None),), created_at=AT, expires_at=Instant(AT + 1),
        ),
    ),
    (
        tables.GIVE_BACKS,
        GiveBackOffer(
            give_back_id=GiveBackId("k1"), vendor_id=VendorId("bar"), total=400, claimed_by=UserId("anna"),
            lines=(DepositLine(item_id=None, name="Cup", quantity=2, deposit=200),), claimed_at=AT, created_at=AT,
            expires_at=Instant(AT + 1), created_by=UserId("anna"),
        ),
    ),
    (
        tables.RECEIPTS,
        Receipt(
            receipt_id=ReceiptId("r1"), provider="p", external_id="e", amount=1, transfer_id=TransferId("t1"),
            user_id=None, held_reason="unknown-owner", flagged=True, donor_name="D", donor_email=None, at=AT,
        ),
    ),
    (tables.TABLES[VendorCode], VendorCode(code_hash="h", used_by=UserId("anna"), created_at=AT)),
    (tables.DISPLAYS, Display(display_id=DisplayId("d1"), vendor_id=VendorId("bar"), name="Screen", created_at=AT)),
    (
        tables.PAIRINGS,
        Pairing(
            pairing_id=PairingId("w1"), vendor_id=VendorId("bar"), name="Left", code_hash="h", created_at=AT,
            expires_at=Instant(AT + 1),
        ),
    ),
    (
        tables.PAIRINGS,
        Pairing(
            pairing_id=PairingId("w2"), vendor_id=VendorId("bar"), name="Right", code_hash=None, secret_hash="s",
            status=PairingStatus.CONFIRMED, display_id=DisplayId("d1"), created_at=AT, expires_at=Instant(AT + 1),
        ),
    ),
    (tables.TABLES[SpentToken], SpentToken(jti="j", expires_at=AT)),
    (
        tables.SESSIONS,
        Session(
            session_id="j", user_id=UserId("anna"), device="Firefox, Android", version=1, user_type=Role.ADMIN,
            created_at=AT, last_seen_at=AT, expires_at=AT,
        ),
    ),
    (
        tables.IDENTITIES,
        Identity(identity_id="h", issuer="https://idp", subject="auth0|7", user_id=UserId("anna"), created_at=AT),
    ),
    (
        tables.TABLES[Guesses],
        Guesses(guesses_key="k", failures=2, since=AT, free_at=Instant(AT + 1), expires_at=Instant(AT + 2)),
    ),
    (
        tables.PAYOUT_RUNS,
        PayoutRun(
            run_id=PayoutRunId("run1"), position=Position(7), status=PayoutRunStatus.UNDONE, account="till", count=2,
            total=3, execution_date="2026-07-06", created_by=UserId("anna"), created_at=AT,
            settled_by=UserId("anna"), settled_at=Instant(AT + 1),
        ),
    ),
    (
        tables.PAYOUT_ROWS,
        Payout(
            payout_id=PayoutId("p1"), seq=1, user_id=UserId("anna"), name="Anna", account_id=AccountId("till:bar"),
            amount=1,
            status=PayoutStatus.REJECTED, note=None, reason="closed", created_at=AT, updated_at=AT,
            fee=5, withdrawn=True, iban="DE89370400440532013000", account_holder="Änna", run_id=PayoutRunId("run1"),
        ),
    ),
    (tables.TABLES[Rooms], Rooms(user_id=UserId("anna"), topics=(Topic("order:ö1"), Topic("user:ben")))),
    (
        tables.ANNOUNCEMENTS,
        Announcement(
            announcement_id=AnnouncementId("a1"), message="Stürm ⛈", title=None, audience=Audience.VENDORS,
            priority="high", position=Position(7), created_at=AT, created_by=UserId("anna"), edited_at=AT,
        ),
    ),
    (tables.SERVERS, Server(server_id="w1", fingerprints=("ab", "cd"), at=AT)),
    (
        tables.CONFIRMATIONS,
        Confirmation(
            confirmation_id=ConfirmationId("c1"), act=DeedKind.TOP_UP, subject="user:anna", amount=1, command="{}",
            asked_by=UserId("anna"), status=ConfirmationStatus.WAITING, settled_by=None, created_at=AT,
            expires_at=Instant(AT + 1), settled_at=None,
        ),
    ),
    (
        tables.TABLES[Claim],
        Claim(
            claim_id=ClaimId("c1"), provider="p", external_id="re_1", payment_id="e", receipt_id=ReceiptId("r2"),
            kind=ClaimKind.DISPUTE, amount=3, taken=1, lost=2, status=ClaimStatus.WON, user_id=UserId("anna"),
            created_at=AT, updated_at=AT,
        ),
    ),
    (
        tables.TABLES[UnreadReceipt],
        UnreadReceipt(
            unread_id=UnreadId("u1"), provider="p", external_id=None, field="data.amount", detail="Not an amount.",
            body="{}", status=UnreadStatus.DISMISSED, answered_by=UserId("anna"), reason="a test", created_at=AT,
            updated_at=AT,
        ),
    ),
    (
        tables.DRAWERS,
        Drawer(
            drawer_id=DrawerId("k1"), name="Gate 1", cashier_id=UserId("anna"), opened_at=AT, opened_after=7,
            float_amount=5, closed_at=AT, closed_after=9, closed_by=UserId("anna"), counted=4, difference=-1,
            reason="?",
        ),
    ),
    (tables.TABLES[DeskSum], DeskSum(user_id=UserId("anna"), day="2026-07-04", amount=1)),
    (tables.TABLES[KeptSettings], KeptSettings(name="rules", state="{}")),
    (
        tables.Z_REPORTS,
        ZReport(
            z_report_id="festival 1", scope="festival", number=1, after_seq=0, up_to_seq=1, after_at=None, at=AT,
            actor=Actor("user:anna"), figures="{}",
        ),
    ),
    (
        tables.DEEDS,
        KeptDeed(
            seq=1, at=AT, actor=Actor("user:anna"), act=DeedKind.SUSPEND, subject="user:ben", before="{}", after="{}",
            request_id=None, previous=FIRST_PREVIOUS, hash=FIRST_PREVIOUS,
        ),
    ),
    (KEPT_ANSWERS, KeptAnswer(scope="anna POST /", key="k", fingerprint="f", status=201, body="{}", at=AT)),
]  # fmt: skip


@pytest.mark.parametrize("table", {table.name: table for table, _ in SAMPLES}.values(), ids=lambda table: table.name)
@given(data=st.data())
def test_a_row_survives_its_columns(table: Table[Any], data: st.DataObject) -> None:
    row = data.draw(rows_of(table.kind))
    values = table.encode(row)
    assert {type(value) for value in values} <= {str, int, NoneType}, "only what both drivers take as it is"
    assert table.decode(tuple(values)) == row


async def test_every_row_comes_back_from_its_table_and_can_be_replaced(database: Database) -> None:
    writer = database.writer()
    for table, row in SAMPLES:
        put = [table.put] * 2 if isinstance(table, KeyedTable) and table is not tables.Z_REPORTS else [table.append]
        for statement in put:
            await writer.begin()
            await writer.commit((statement, [table.encode(row)]))
        [found] = await database.read((f"SELECT {table.columns} FROM {table.name}", ()))  # noqa: S608  # our own names
        assert row in [table.decode(values) for values in found]


async def test_a_z_report_is_neither_changed_nor_deleted_behind_the_rules(database: Database) -> None:
    writer = database.writer()
    for table, row in SAMPLES:
        if isinstance(row, Account | Transfer | ZReport):
            await writer.begin()
            await writer.commit((table.append, [table.encode(row)]))
    for statement in ("UPDATE z_reports SET figures = '[]'", "DELETE FROM z_reports"):
        await writer.begin()
        with pytest.raises(WriteFailed):
            await writer.commit((statement, [()]))
    [found] = await database.read(("SELECT figures FROM z_reports", ()))
    assert found == [("{}",)]


def test_every_kind_of_row_has_a_table() -> None:
    assert {type(row) for _, row in SAMPLES} == {*get_args(Row), Transfer, KeptAnswer, KeptDeed}
    assert set(tables.TABLES) == set(get_args(Row))


def test_every_kind_of_row_has_its_place_in_the_book() -> None:
    book = Book(RULES, position=0, transfer_seq=0)
    for kind in KINDS.values():
        assert getattr(book, kind.name) == {}
        assert kind.name in Needs.__struct_fields__
