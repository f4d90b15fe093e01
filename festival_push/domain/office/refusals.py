"""Refusals of the office: of the second person, and of the desk: its daily sums, its drawers, and frozen wallets."""

from dataclasses import dataclass

from festival_push.domain.refusals import Refused
from festival_push.domain.values import DrawerId


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
    title = "You would move more at the desk in one day than one person may."
    left: int  # what is left for today, in minor units
    daily_max: int


@dataclass(eq=False, kw_only=True)
class DrawerOpen(Refused):
    code = "drawer-open"
    title = "You have a drawer open already; close it first."
    drawer_id: DrawerId


@dataclass(eq=False, kw_only=True)
class DrawerClosed(Refused):
    code = "drawer-closed"
    title = "This drawer was closed; it takes no bookings any more."


@dataclass(eq=False, kw_only=True)
class NoDrawer(Refused):
    code = "no-drawer"
    title = "Cash needs a drawer: open one first."
    kept = False


@dataclass(eq=False, kw_only=True)
class DrawerShort(Refused):
    code = "drawer-short"
    title = "There is less cash than this in the drawer."
    cash: int  # that should be in it, minor units


@dataclass(eq=False, kw_only=True)
class DifferenceUnexplained(Refused):
    code = "difference-unexplained"
    title = "What you have counted is not what should be there: count again, or say why."
    expected: int
    counted: int
    difference: int  # counted less expected


@dataclass(eq=False, kw_only=True)
class ReversalLate(Refused):
    code = "reversal-late"
    title = "It is too late to take this back yourself; ask an organiser."


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
