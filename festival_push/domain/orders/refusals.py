"""Refusals of refunds, and of deposits that go back."""

from dataclasses import dataclass

from festival_push.domain.refusals import Refused


@dataclass(eq=False, kw_only=True)
class DepositsExhausted(Refused):
    code = "deposits-exhausted"
    title = "Less deposit is out than this would give back; ask the organiser."
    left: int  # deposits that were taken and not given back yet, in minor units


@dataclass(eq=False, kw_only=True)
class LineGone(Refused):
    code = "line-gone"
    title = "Less than this of the line is left to give back."
    index: int
    left: int  # how many


@dataclass(eq=False, kw_only=True)
class SaleOver(Refused):
    code = "sale-over"
    title = "A stall refunds orders that are open, or that it handed over at once today; others an organiser refunds."


@dataclass(eq=False, kw_only=True)
class TillShort(Refused):
    code = "till-short"
    title = "The till does not hold this much any more; an organiser can refund it."
    available: int  # minor units that the till holds besides the money of open orders
