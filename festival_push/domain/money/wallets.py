"""Wallets and tills: who has them, and what they hold."""

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.draft import Draft
from festival_push.domain.row_kinds import Needs
from festival_push.domain.rows import User
from festival_push.domain.values import Instant, UserId, allowance_account, till_account, user_account


def heir(book: Book, user: User) -> User:
    """Return who has got what is meant for a person, by the wallets that the desk has moved; mostly themselves.

    The moved wallets lead to an end: none is moved into one that was moved itself.
    """
    while user.moved_to is not None:
        user = book.users[user.moved_to]
    return user


class RefreshBalance(msgspec.Struct, frozen=True, kw_only=True):
    """Send a caller the balances of their wallet, allowance and stalls' tills again, to all their devices."""

    actor_id: UserId

    def needs(self) -> Needs:
        return Needs(users=(self.actor_id,))

    def decide(self, book: Book, now: Instant) -> Decision[int]:
        """Tell each balance as it stands, the first till's last. Reply with that or the wallet's, in minor units."""
        person = book.actor(self.actor_id)
        draft = Draft(book, now)
        draft.repeat_balance(user_account(person.user_id))
        if draft.balance(allowance := allowance_account(person.user_id)):
            draft.repeat_balance(allowance)
        for vendor_id in reversed(tuple(person.stalls)):  # pages of before tills had names show what came last
            draft.repeat_balance(till_account(vendor_id))
        return draft.decision(draft.balance(person.account_id))
