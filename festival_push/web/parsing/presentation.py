"""How refusals of the domain's rules are answered, and which codes say `retryable` or name wrong fields."""

from typing import Final, NamedTuple

from festival_push.domain import refusals
from festival_push.domain.deposits import refusals as of_deposits
from festival_push.domain.office import refusals as office
from festival_push.domain.orders import refusals as of_orders
from festival_push.domain.payouts import refusals as payouts
from festival_push.domain.people import refusals as of_people
from festival_push.domain.refusals import Refused
from festival_push.domain.reports import refusals as of_reports
from festival_push.domain.signing_in import refusals as of_signing_in


class Shown(NamedTuple):
    """How a refusal is answered.

    Attributes:
        status: The HTTP status.
        retried: Whether the same request may be sent again later: the answer says `retryable`, and when.
        field: The field of the request that was wrong; None if no single one was.
    """

    status: int
    retried: bool = False
    field: str | None = None


REFUSALS: Final[dict[type[Refused], Shown]] = {
    refusals.Forbidden: Shown(403),
    refusals.Suspended: Shown(403),
    refusals.NotFound: Shown(404),
    refusals.AlreadyExists: Shown(409),
    refusals.InsufficientFunds: Shown(409),
    refusals.PriceChanged: Shown(409),
    refusals.ItemUnavailable: Shown(409),
    refusals.VendorClosed: Shown(409),
    refusals.VendorUnattended: Shown(409),
    refusals.VendorBusy: Shown(409),
    refusals.TooManyOpenOrders: Shown(409),
    refusals.AmountTooLarge: Shown(422),  # a total; an amount that was asked for is refused while parsing
    refusals.BalanceLimit: Shown(409),
    refusals.InvalidTransition: Shown(409),
    refusals.NumberTaken: Shown(409),
    refusals.NotReady: Shown(409),
    refusals.ReasonRequired: Shown(400, field="reason"),
    refusals.AlreadyAssigned: Shown(409),
    refusals.NotAPayment: Shown(409),
    refusals.UnreadAnswered: Shown(409),
    refusals.MoreThanHeld: Shown(409),
    refusals.AlreadyReversed: Shown(409),
    refusals.NotReversible: Shown(409),
    refusals.NameTaken: Shown(409),
    refusals.InvalidVendorCode: Shown(403),
    refusals.InvalidPairingCode: Shown(404),
    refusals.PairingSettled: Shown(409),
    of_signing_in.TooManyTries: Shown(429, retried=True),
    of_signing_in.WrongPin: Shown(403),
    of_signing_in.WrongFactor: Shown(403),
    of_signing_in.LastFactor: Shown(409),
    of_signing_in.TooManyFactors: Shown(409),
    of_signing_in.PinTooShort: Shown(422),
    of_signing_in.SignInTaken: Shown(409),
    of_signing_in.NewSignInSpent: Shown(409),
    refusals.TokenSpent: Shown(401),
    of_signing_in.SessionNotRenewable: Shown(409),
    refusals.RefundTooLarge: Shown(409),
    of_orders.LineGone: Shown(409),
    of_orders.SaleOver: Shown(409),
    of_orders.TillShort: Shown(409),
    refusals.PayoutSettled: Shown(409),
    payouts.PayoutInRun: Shown(409),
    payouts.PayoutTooSmall: Shown(409),
    payouts.PayoutsOver: Shown(409),
    payouts.NoDonations: Shown(409),
    payouts.NothingToPay: Shown(409),
    payouts.RunSettled: Shown(409),
    payouts.NotSepa: Shown(409),
    refusals.AlreadyPaid: Shown(409),
    refusals.PaymentRequestExpired: Shown(409),
    refusals.AlreadyWithdrawn: Shown(409),
    of_deposits.AlreadyClaimed: Shown(409),
    of_deposits.GiveBackExpired: Shown(409),
    of_deposits.DepositsExhausted: Shown(409),
    of_deposits.NoDeposit: Shown(409),
    refusals.LastAdmin: Shown(409),
    refusals.OwnsStall: Shown(409),
    refusals.TooManyStalls: Shown(409),
    refusals.TooManyKeepers: Shown(409),
    refusals.MoneyUnearned: Shown(409),
    refusals.TooManyRooms: Shown(409),
    refusals.MenuFull: Shown(409),
    refusals.TooManyDisplays: Shown(409),
    refusals.TooManyMessages: Shown(409),
    refusals.TooManyPayouts: Shown(409),
    office.SamePerson: Shown(409),
    office.TooNew: Shown(409),
    office.AskerGone: Shown(409),
    office.ConfirmationExpired: Shown(409),
    office.ConfirmationSettled: Shown(409),
    office.DailyLimit: Shown(409),
    office.WalletFrozen: Shown(409),
    office.WalletMoved: Shown(409),
    office.DrawerOpen: Shown(409),
    office.DrawerClosed: Shown(409),
    office.NoDrawer: Shown(409),
    office.DrawerShort: Shown(409),
    office.DifferenceUnexplained: Shown(409),
    office.ReversalLate: Shown(409),
    of_people.WalletNotEmpty: Shown(409),
    of_people.OrdersOpen: Shown(409),
    of_people.StillStaff: Shown(409),
    of_reports.BooksClosed: Shown(409),
    of_reports.NothingToClose: Shown(409),
    refusals.IdempotencyKeyReused: Shown(422),
}
RETRIED: Final = frozenset(
    {"busy", "capacity", "draining", "internal", "overloaded", "rate-limited", "too-many-streams", "unavailable"}
    | {refusal.code for refusal, shown in REFUSALS.items() if shown.retried}
)
"""Codes whose answers say that the same request may be sent again."""
WITH_FIELDS: Final = frozenset(
    {"invalid-request", "weak-pin"} | {refusal.code for refusal, shown in REFUSALS.items() if shown.field}
)
"""Codes whose answers name the fields that are wrong."""
