"""Refusals of the office: of the second person, of the desk's daily sum, and of wallets that the desk has frozen."""

from dataclasses import dataclass

from festival_push.domain.refusals import Refused


@dataclass(eq=False, kw_only=True)
class SamePerson(Refused):
    code = "same-person"
    title = "Somebody else has to confirm what you have asked for."
    kept = False


@dataclass(eq=False, kw_only=True)
class TooNew(Refused):
    code = "too-new"
    title = "One of the two has got their rights, or a new PIN, from an organiser just now: it takes two others."
    kept = False


@dataclass(eq=False, kw_only=True)
class AskerGone(Refused):
    code = "asker-gone"
    title = "Whoever asked for this may not do it any more."
    kept = False


@dataclass(eq=False, kw_only=True)
class ConfirmationExpired(Refused):
    code = "confirmation-expired"
    title = "The time to confirm this is over; ask for it again."
    kept = False


@dataclass(eq=False, kw_only=True)
class ConfirmationSettled(Refused):
    code = "confirmation-settled"
    title = "This was confirmed or refused already."
    kept = False
    confirmation_status: str


@dataclass(eq=False, kw_only=True)
class DailyLimit(Refused):
    code = "daily-limit"
    title = "You would top up more in one day than one person may."
    left: int  # what is left for today, in minor units
    daily_max: int


@dataclass(eq=False, kw_only=True)
class WalletFrozen(Refused):
    code = "wallet-frozen"
    title = "This wallet is frozen: money comes in, and none goes out. Ask at the cash desk."
    kept = False


@dataclass(eq=False, kw_only=True)
class WalletMoved(Refused):
    code = "wallet-moved"
    title = "This wallet can't take the money: its own has gone to another one, or it is the same."
    kept = False
