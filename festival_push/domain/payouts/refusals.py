"""Refusals of payouts, of donations and of payout runs."""

from dataclasses import dataclass
from typing import Literal

from festival_push.domain.refusals import Refused
from festival_push.domain.values import PayoutId, PayoutRunId


@dataclass(eq=False, kw_only=True)
class PayoutInRun(Refused):
    code = "payout-in-run"
    title = "This payout is in a run for the bank; take it out of the run first."
    kept = False
    run_id: PayoutRunId


@dataclass(eq=False, kw_only=True)
class PayoutTooSmall(Refused):
    code = "payout-too-small"
    title = "Less than this is not paid out."
    payout_min: int


@dataclass(eq=False, kw_only=True)
class PayoutsOver(Refused):
    code = "payouts-over"
    title = "The time to ask for a payout is over."
    until: str  # RFC 3339


@dataclass(eq=False, kw_only=True)
class NoDonations(Refused):
    code = "no-donations"
    title = "Nothing can be donated here; nothing was changed."


@dataclass(eq=False, kw_only=True)
class NothingToPay(Refused):
    code = "nothing-to-pay"
    title = "No payout with an account waits for a run."
    kept = False


@dataclass(eq=False, kw_only=True)
class RunSettled(Refused):
    code = "run-settled"
    title = "This run was sent or undone already."
    run_status: str


@dataclass(eq=False, kw_only=True)
class NotSepa(Refused):
    code = "not-sepa"
    title = "There is no SEPA file of this run; its CSV has all that it pays."
    kept = False
    why: Literal["currency", "payer", "bank", "outside"]
    """It is not in euros; nobody has set an account in SEPA that pays (`payouts.iban`); that account's bank is not
    known (`payouts.bic`); or some of those who are paid have accounts outside SEPA."""
    payout_ids: tuple[PayoutId, ...] = ()  # the first of those
