"""The money of one payment, wherever it is now: taken back for the provider, and given back by it."""

from collections import Counter

import msgspec

from festival_push.domain.draft import Draft
from festival_push.domain.money.wallets import heir
from festival_push.domain.rows import Receipt, Transfer
from festival_push.domain.values import (
    HELD,
    LOSSES,
    AccountId,
    TransferId,
    TransferKind,
    UserId,
    is_losses,
    losses_account,
    provider_account,
    user_account,
    wallet_owner,
)


class PaymentMoney:
    """What is left of one payment, held or in wallets, and what was taken of it: by its transfers.

    Args:
        transfer_id: What the ids of the transfers made here begin with.
        fresh: Whether the draft has just put all of the money where the receipt says; the book does not know that yet.
    """

    def __init__(self, draft: Draft, receipt: Receipt, *, transfer_id: TransferId, fresh: bool = False) -> None:
        self.receipt = receipt
        self.moved: list[Transfer] = []
        self.by_owner: dict[UserId, int] = {}  # what came to each wallet here; below zero: what left it
        self.to_provider = 0  # less what came from it
        self.last_owner = receipt.user_id
        self._draft = draft
        self._transfer_id = transfer_id
        self._provider = provider_account(receipt.provider)
        known = (each for each in draft.book.transfers.values() if each.receipt_id == receipt.receipt_id)
        self._transfers = sorted(known, key=lambda transfer: transfer.seq)
        if fresh:
            self._transfers += draft.moved
        self._reversed = dict(draft.book.reversed)

    def take(self, amount: int) -> int:
        """Move an amount to the provider: held money first, then from wallets, the rest from losses.

        Of a wallet that the desk has moved since, the money is in another, and comes from there: else who has spoken of
        a lost phone could have the bank pay it back, too.

        Returns:
            How much did not come from losses.
        """
        left = amount - self._take_from(HELD, min(amount, self.receipt.held))
        for place in (lambda account: account, self._moved_to):
            there: Counter[AccountId] = Counter()
            for account, net in self._in_wallets().items():
                there[place(account)] += net
            for account, net in sorted(there.items()):
                left -= self._take_from(account, min(left, max(net, 0), self._draft.balance(account)))
        if left:
            self._move(left, losses_account(self.receipt.provider), self._provider, reverses=None)
        return amount - left

    def give_back(self, amount: int, lost: int) -> int:
        """Move an amount back from the provider: to losses first, then the ways that it was taken, the last one first.

        Args:
            lost: How much of the payment is lost at present.
        Returns:
            How much went to losses.
        """
        covered = min(amount, lost)
        if covered:
            self._move(covered, self._provider, losses_account(self.receipt.provider), reverses=None)
        left = amount - covered
        taken = [
            each  # what organisers give back by hand goes the same way, and stays there
            for each in self._transfers
            if each.credit == self._provider and not is_losses(each.debit) and each.actor == self._draft.actor
        ]
        for transfer in sorted(taken, key=lambda each: (each.debit != HELD, each.seq), reverse=True):
            back = min(left, self._open(transfer))
            if back:
                self._move(back, self._provider, transfer.debit, reverses=transfer.transfer_id)
                left -= back
        assert left == 0, (self.receipt.receipt_id, left)
        return covered

    def _take_from(self, account: AccountId, amount: int) -> int:
        """Take an amount from an account, each part as the reversal of what brought it there."""
        left = amount
        for transfer in reversed([each for each in self._transfers if each.credit == account]):
            part = min(left, self._open(transfer))
            if part:
                self._move(part, account, self._provider, reverses=transfer.transfer_id)
                left -= part
        if left:
            self._move(left, account, self._provider, reverses=None)
        return amount

    def _in_wallets(self) -> dict[AccountId, int]:
        """Return what each wallet has got of the payment, less what it gave back and what organisers gave up.

        Below zero is what was taken from it for one that was moved to it.
        """
        net: dict[AccountId, int] = {}
        wallets = {transfer.transfer_id: transfer.credit for transfer in self._transfers}
        for transfer in self._transfers:
            if transfer.debit == LOSSES and transfer.reverses in wallets:  # for what that wallet had spent
                wallet = wallets[transfer.reverses]
                net[wallet] = net.get(wallet, 0) - transfer.amount
            for account, amount in ((transfer.debit, -transfer.amount), (transfer.credit, transfer.amount)):
                if wallet_owner(account) is not None:
                    net[account] = net.get(account, 0) + amount
        return net

    def _moved_to(self, account: AccountId) -> AccountId:
        """Return the wallet in which the money of a wallet is now, by what the desk has moved."""
        owner = wallet_owner(account)
        assert owner is not None, account
        return user_account(heir(self._draft.book, self._draft.book.users[owner]).user_id)

    def _open(self, transfer: Transfer) -> int:
        """Return how much of a transfer nothing has reversed."""
        return transfer.amount - self._reversed.get(transfer.transfer_id, 0)

    def _move(self, amount: int, debit: AccountId, credit: AccountId, *, reverses: TransferId | None) -> None:
        transfer = self._draft.transfer(
            TransferKind.ADJUSTMENT,
            amount,
            debit=debit,
            credit=credit,
            transfer_id=TransferId(f"{self._transfer_id}-back-{len(self.moved) + 1}"),
            note=self.receipt.provider,
            receipt_id=self.receipt.receipt_id,
            reverses=reverses,
        )
        self.moved.append(transfer)
        self._transfers.append(transfer)
        if reverses is not None:
            self._reversed[reverses] = self._reversed.get(reverses, 0) + amount
        self.to_provider += amount if credit == self._provider else -amount
        if HELD in (debit, credit):
            self._hold(amount if credit == HELD else -amount)
        owner = wallet_owner(debit) or wallet_owner(credit)
        if owner is not None:
            account = debit if wallet_owner(debit) else credit
            self.last_owner = owner
            self.by_owner[owner] = self.by_owner.get(owner, 0) + (amount if credit == account else -amount)
            self._draft.tell_balance(account, transfer)
        self._draft.tell_admins(transfer, user_id=owner)

    def _hold(self, change: int) -> None:
        """Change how much of the payment is held."""
        held = self.receipt.held + change
        reason = (self.receipt.held_reason or "taken-back") if held else None
        user_id = None if held else self.receipt.user_id
        self.receipt = msgspec.structs.replace(self.receipt, held=held, held_reason=reason, user_id=user_id)
