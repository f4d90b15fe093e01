"""Import people, and what is in their wallets."""

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.draft import Draft
from festival_push.domain.events import UserChanged
from festival_push.domain.imports.tally import Became, Imported, Tally, twice
from festival_push.domain.people.name_words import words_of
from festival_push.domain.people.people import add_user
from festival_push.domain.row_kinds import Needs
from festival_push.domain.rows import User
from festival_push.domain.signing_in.refusals import SignInTaken
from festival_push.domain.signing_in.sign_in import require_free, sign_in_key, sign_in_names
from festival_push.domain.topics import SYSTEM, user_topic
from festival_push.domain.values import (
    AccountId,
    Instant,
    TransferId,
    TransferKind,
    UserId,
    VendorId,
    desk_account,
    user_account,
)

SOURCE: AccountId = desk_account("import")
"""The account that imported balances come from: minus their sum is what the festival has taken elsewhere."""


class PersonRow(msgspec.Struct, frozen=True, kw_only=True):
    """A person of a file. They get no PIN: the desk gives them a new sign-in, or an identity provider knows them."""

    line: int
    user_id: UserId
    name: str
    sign_in: str | None  # None: whoever is new gets `new_sign_in`, and others keep theirs
    new_sign_in: str
    top_up_code: str  # of whoever is new


class ImportPeople(msgspec.Struct, frozen=True, kw_only=True):
    """Add people, and change the names and sign-in names of those who are there."""

    people: tuple[PersonRow, ...]
    apply: bool  # False: only tell what would happen

    def needs(self) -> Needs:
        names = [name for row in self.people if row.sign_in is not None for name in sign_in_names(row.sign_in)]
        return Needs(
            users=tuple(row.user_id for row in self.people),
            sign_ins=tuple(dict.fromkeys(names)),
            vendors=tuple(map(VendorId, dict.fromkeys(names))),
        )

    def decide(self, book: Book, now: Instant) -> Decision[Imported]:
        """Decide each row. Raises nothing: what a row can't be is among the faults."""
        tally = Tally(book, now, "people")
        twice(tally, [(row.line, row.user_id) for row in self.people], "id")
        signed = [(row.line, sign_in_key(row.sign_in)) for row in self.people if row.sign_in is not None]
        twice(tally, signed, "signIn")
        for row in self.people:
            try:
                tally.note(row.line, f"{row.user_id}\t{row.name}", _person(tally, row))
            except SignInTaken:
                tally.fault(row.line, "signIn", "can't be had: somebody has it, or others know it as an id")
        return tally.decision(apply=self.apply)


def _person(tally: Tally, row: PersonRow) -> Became:
    """Decide a person's row. Raises SignInTaken."""
    draft, before = tally.draft, tally.draft.book.users.get(row.user_id)
    if before is None:
        add_user(
            draft, row.user_id, name=row.name, pin_hash=None, top_up_code=row.top_up_code,
            sign_in=row.sign_in or row.new_sign_in,
        )  # fmt: skip
        return Became.MADE
    if before.erased_at is not None:
        tally.fault(row.line, "id", "is of somebody who was erased")
        return Became.LEFT
    user = msgspec.structs.replace(before, name=row.name, name_words=words_of(row.name))
    if row.sign_in is not None and row.sign_in != before.sign_in:
        require_free(draft.book, row.user_id, row.sign_in, is_id=True)
        user = msgspec.structs.replace(user, sign_in=row.sign_in, sign_in_key=sign_in_key(row.sign_in))
    if user == before:
        return Became.LEFT
    _change(draft, before, user)
    return Became.CHANGED


def _change(draft: Draft, before: User, user: User) -> None:
    draft.put(user)
    draft.tell(UserChanged(timestamp=draft.timestamp, user_id=user.user_id), SYSTEM)
    if user.sign_in != before.sign_in:
        draft.notify(user_topic(user.user_id), "sign-in-changed")


class BalanceRow(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody brings along in their wallet."""

    line: int
    user_id: UserId
    amount: int  # minor units, 0 or more; 0 moves nothing
    transfer_id: TransferId  # the same for the same row, however often it is imported


class ImportBalances(msgspec.Struct, frozen=True, kw_only=True):
    """Credit wallets with what people have brought along, each row once for ever."""

    balances: tuple[BalanceRow, ...]
    apply: bool

    def needs(self) -> Needs:
        return Needs(
            users=tuple(dict.fromkeys(row.user_id for row in self.balances)),
            transfers=tuple(dict.fromkeys(row.transfer_id for row in self.balances)),
        )

    def decide(self, book: Book, now: Instant) -> Decision[Imported]:
        """Decide each row. Raises nothing."""
        tally = Tally(book, now, "balances")
        twice(tally, [(row.line, row.transfer_id) for row in self.balances], "key")
        for row in self.balances:
            if (became := _balance(tally, row)) is not None:
                tally.note(row.line, row.user_id, became)
        return tally.decision(apply=self.apply)


def _balance(tally: Tally, row: BalanceRow) -> Became | None:
    """Decide a row of a balance; None if it has a fault."""
    draft, wallet = tally.draft, user_account(row.user_id)
    book, known = draft.book, draft.book.transfers.get(row.transfer_id)
    user = book.users.get(row.user_id)
    if user is None or user.erased_at is not None:
        why = "nobody has this id: import people first" if user is None else "is of somebody who was erased"
        tally.fault(row.line, "person", why)
        return None
    if known is not None:
        if (known.amount, known.credit) != (row.amount, wallet):
            tally.fault(row.line, "amount", f"was imported before, as {known.amount} minor units to {known.credit}")
        return Became.LEFT
    if not row.amount:
        return Became.LEFT
    if user.moved_to is not None:
        tally.fault(row.line, "person", f"has moved to another wallet, of {user.moved_to}")
        return None
    if draft.balance(wallet) + row.amount > book.rules.balance_max:
        tally.fault(row.line, "amount", f"would make more than a wallet may hold, {book.rules.balance_max} minor units")
        return None
    transfer = draft.transfer(
        TransferKind.TOP_UP, row.amount, debit=SOURCE, credit=wallet, transfer_id=row.transfer_id, note="import"
    )
    draft.tell_balance(wallet, transfer)
    draft.tell_admins(transfer, user_id=row.user_id)
    draft.notify(user_topic(row.user_id), "money-arrived", amount=row.amount)
    return Became.MADE
