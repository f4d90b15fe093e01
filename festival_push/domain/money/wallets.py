"""Wallets: tell owners their balance."""

import msgspec

from festival_push.domain.book import Book, Decision, Needs
from festival_push.domain.draft import Draft
from festival_push.domain.events import BalanceUpdated
from festival_push.domain.topics import user_topic
from festival_push.domain.values import Instant, Role, UserId, user_account


class RefreshBalance(msgspec.Struct, frozen=True, kw_only=True):
    """Send a caller's balance again, to all their devices."""

    actor_id: UserId

    def needs(self) -> Needs:
        return Needs(users=(self.actor_id,))

    def decide(self, book: Book, now: Instant) -> Decision[int]:
        """Tell the balance as it stands; a stall keeper is told the till's. Reply with it, in minor units."""
        actor = book.actor(self.actor_id, *Role)
        owner = actor.account_owner
        draft = Draft(book, now)
        balance = draft.balance(user_account(owner))
        event = BalanceUpdated(
            timestamp=draft.timestamp,
            user_id=owner,
            new_balance=balance,
            old_balance=balance,
            amount=0,
            reason="refresh",
        )
        draft.tell(event, user_topic(owner))
        return draft.decision(balance)
