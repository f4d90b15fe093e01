"""Wallets whose owner has lost the phone: the desk freezes them, and moves their money to a new person's."""

from collections.abc import Callable
from typing import ClassVar

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.draft import Draft
from festival_push.domain.office.deeds import DeedKind, State
from festival_push.domain.office.refusals import WalletFrozen, WalletMoved
from festival_push.domain.people.relations import Act, Person, require_guest
from festival_push.domain.refusals import BalanceLimit, NotFound, Refusals
from festival_push.domain.row_kinds import Needs
from festival_push.domain.rows import User
from festival_push.domain.signing_in.sessions import end_sessions
from festival_push.domain.topics import user_topic
from festival_push.domain.values import (
    AccountId,
    Instant,
    TransferId,
    TransferKind,
    UserId,
    allowance_account,
    user_account,
)


class MoveWalletReply(msgspec.Struct, frozen=True, kw_only=True):
    """What was moved to whom, and what is in that wallet now, in minor units."""

    user_id: UserId
    to_user_id: UserId
    amount: int  # of the wallet
    allowance: int  # moved beside it
    balance: int
    transfer_id: TransferId | None  # of the wallet's money; None: there was none to move


class FreezeWallet(msgspec.Struct, frozen=True, kw_only=True):
    """Freeze a wallet, or end that. Money comes into a frozen wallet, and its owner can spend none of it."""

    actor_id: UserId
    user_id: UserId
    frozen: bool
    reason: str | None = None  # told to its owner; every freezing has one

    def needs(self) -> Needs:
        return Needs(users=(self.actor_id, self.user_id))

    def decide(self, book: Book, now: Instant) -> Decision[User]:
        """Change it; nothing happens if it is so already. A wallet that was moved is its owner's again when it is
        unfrozen.

        Raises NotFound, Forbidden: a cashier does it to guests alone.
        """
        person = _guest(book, self.actor_id, Act.FREEZE_WALLET, self.user_id)
        user, draft = person.user, Draft(book, now, user=self.actor_id)
        if user.frozen is self.frozen:
            return draft.decision(user)
        changed = msgspec.structs.replace(user, frozen=self.frozen, moved_to=None)
        draft.put(changed)
        act = DeedKind.FREEZE if self.frozen else DeedKind.UNFREEZE
        draft.deed(act, "user", user.user_id, before=_state(user), after={**_state(changed), "reason": self.reason})
        if self.frozen:
            draft.notify(user_topic(user.user_id), "wallet-frozen", reason=self.reason)
        else:
            draft.notify(user_topic(user.user_id), "wallet-unfrozen")
        return draft.decision(changed)


class MoveWallet(msgspec.Struct, frozen=True, kw_only=True):
    """Move all that is in a wallet, and the allowance, to another person, who is the same one with another phone.

    The old wallet is frozen, its sessions end, and what providers report for it goes to the new one from now on.
    Refunds still come to the old one, and can be moved again.
    """

    REFUSES: ClassVar[Refusals] = (BalanceLimit, NotFound, WalletFrozen, WalletMoved)

    actor_id: UserId
    user_id: UserId
    to_user_id: UserId
    reason: str
    transfer_id: TransferId

    def needs(self) -> Needs:
        """Name the three people, and the sessions that end."""
        return Needs(users=(self.actor_id, self.user_id, self.to_user_id), sessions_of=(self.user_id,))

    def decide(self, book: Book, now: Instant) -> Decision[MoveWalletReply]:
        """Move it. No two wallets are moved into each other, however many others stand between them.

        Raises NotFound; Forbidden for a cashier, if one of the two is of the staff; WalletMoved if the other wallet was
        moved itself, or is the same; WalletFrozen if it is frozen; BalanceLimit if it would hold too much.
        """
        old = _guest(book, self.actor_id, Act.MOVE_WALLET, self.user_id).user
        heir = _guest(book, self.actor_id, Act.MOVE_WALLET, self.to_user_id).user
        if heir.user_id == old.user_id or heir.moved_to is not None:
            raise WalletMoved
        if heir.frozen:
            raise WalletFrozen
        draft = Draft(book, now, user=self.actor_id)
        amount, allowance = self._move(draft, user_account), self._move(draft, allowance_account)
        reply = MoveWalletReply(
            user_id=old.user_id, to_user_id=heir.user_id, amount=amount, allowance=allowance,
            balance=draft.balance(user_account(heir.user_id)), transfer_id=self.transfer_id if amount else None,
        )  # fmt: skip
        if not draft.moved and old.moved_to == heir.user_id:
            return draft.decision(reply)
        if amount:
            draft.notify(user_topic(heir.user_id), "money-moved", amount=amount, name=old.name)
        moved = end_sessions(draft, msgspec.structs.replace(old, frozen=True, moved_to=heir.user_id))
        draft.put(moved)
        after: State = {**_state(moved), "balance": 0, "amount": amount, "reason": self.reason}
        if allowance:
            after = {**after, "allowance": allowance}
        draft.deed(
            DeedKind.MOVE_WALLET, "user", old.user_id, before={**_state(old), "balance": amount}, after=after
        )  # fmt: skip
        draft.notify(user_topic(old.user_id), "wallet-moved", reason=self.reason)
        return draft.decision(reply)

    def _move(self, draft: Draft, account_of: Callable[[UserId], AccountId]) -> int:
        """Move all that is in one of the two accounts, and return how much that was. Raises BalanceLimit."""
        source, place = account_of(self.user_id), account_of(self.to_user_id)
        amount, known, most = draft.balance(source), draft.balance(place), draft.book.rules.balance_max
        if not amount:
            return 0
        if known + amount > most:
            raise BalanceLimit(balance=known, balance_max=most)
        of_wallet = account_of is user_account
        transfer = draft.transfer(
            TransferKind.ADJUSTMENT if of_wallet else TransferKind.ALLOWANCE, amount, debit=source, credit=place,
            transfer_id=self.transfer_id if of_wallet else TransferId(f"{self.transfer_id}-allowance"),
            note=self.reason,
        )  # fmt: skip
        draft.tell_balance(source, transfer)
        draft.tell_balance(place, transfer)
        draft.tell_admins(transfer, user_id=self.to_user_id)
        return amount


def _guest(book: Book, actor_id: UserId, act: Act, user_id: UserId) -> Person:
    """Return a person to whom the desk may do this. Raises NotFound, also of one who was erased, and Forbidden."""
    actor, person = book.organiser(actor_id, act), book.person(user_id)
    if person.user.erased_at is not None:
        raise NotFound(what="user")
    require_guest(actor, person)
    return person


def _state(user: User) -> dict[str, str | int | bool | None]:
    return {"frozen": user.frozen, "movedTo": user.moved_to}
