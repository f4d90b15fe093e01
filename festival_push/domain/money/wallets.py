"""Wallets and tills: tell people their balances."""

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.draft import Draft
from festival_push.domain.row_kinds import Needs
from festival_push.domain.values import Instant, UserId, allowance_account, till_account, user_account


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
