"""What came in and went out at the desk and by providers in a stretch of the ledger."""

# ruff: noqa: S608  # only names of columns and our own conditions are filled in

from collections.abc import Callable
from typing import Final, NamedTuple

from festival_push.domain.reports.figures import CashierLine, MethodLine, Source
from festival_push.domain.values import SAFE, AccountId, desk_method_of, provider_of
from festival_push.store.reads.reports.windows import OFFICE, Window
from festival_push.store.sql import Rows, Statement

_CASH: Final = "cash"
_DRAWER: Final = "drawer:"
_DIFFERENCES: Final = "differences"
_PERSON: Final = "user:"
_Sums = tuple[int, int, int, int]
"""How many top-ups, what they came to, what went back, what was paid out."""
_OWNED: Final = ("user:", "till:", _DRAWER)
"""Accounts of which there are many, summed up as one. `;` is the character after `:`."""


class Method(NamedTuple):
    """How money comes in."""

    source: Source
    method: str


class Moved(NamedTuple):
    """Transfers of one kind between two accounts, or between kinds of account, by one actor."""

    kind: str
    debit: str
    credit: str
    actor: str
    transfers: int
    amount: int


def office_movements(window: Window) -> Statement:
    """Return the SELECT for all that is neither a sale nor of one."""
    debit, credit = _summed("t.debit"), _summed("t.credit")
    select = f"""
        SELECT t.kind, {debit}, {credit}, t.actor, COUNT(*), CAST(SUM(t.amount) AS BIGINT)
          FROM transfers AS t WHERE {OFFICE} AND {window.condition} GROUP BY 1, 2, 3, 4
    """
    return select, window.params(None)


def _summed(side: str) -> str:
    cases = " ".join(f"WHEN {side} >= '{kind}' AND {side} < '{kind[:-1]};' THEN '{kind}'" for kind in _OWNED)
    return f"CASE {cases} ELSE {side} END"


def method_lines(rows: Rows) -> tuple[MethodLine, ...]:
    """Return what came in by each method, the most first."""
    lines = _summed_up(rows, lambda _: "")
    made = (
        MethodLine(source=by.source, method=by.method, top_ups=sums[0], amount=sums[1], back=sums[2], paid_out=sums[3])
        for (_, by), sums in lines.items()
    )
    return tuple(sorted(made, key=lambda line: (-line.amount, line.source, line.method)))


def cashier_lines(rows: Rows) -> tuple[CashierLine, ...]:
    """Return what each person booked at the desk by each method, the most first."""
    lines = _summed_up(rows, lambda moved: moved.actor if moved.actor.startswith(_PERSON) else None)
    made = (
        CashierLine(
            actor=actor, source=by.source, method=by.method, top_ups=sums[0], amount=sums[1], back=sums[2],
            paid_out=sums[3],
        )
        for (actor, by), sums in lines.items()
    )  # fmt: skip
    return tuple(sorted(made, key=lambda line: (-line.amount, line.actor, line.source, line.method)))


def _summed_up(rows: Rows, group_of: Callable[[Moved], str | None]) -> dict[tuple[str, Method], _Sums]:
    """Return the sums by group and method; None: a movement is in none."""
    lines: dict[tuple[str, Method], _Sums] = {}
    for moved in (Moved(*row) for row in rows):
        if (group := group_of(moved)) is None or (booked := _booked(moved)) is None:
            continue
        by, sums = booked
        known = lines.get((group, by), (0, 0, 0, 0))
        lines[group, by] = (known[0] + sums[0], known[1] + sums[1], known[2] + sums[2], known[3] + sums[3])
    return lines


def _booked(moved: Moved) -> tuple[Method, _Sums] | None:
    """Return what transfers were to a source of money: top-ups from it, what went back to it, payouts out of it.

    Cash that is put into a drawer or taken out of it, and what is missing in one, is no money of guests.
    """
    came_from, went_to = method_of(moved.debit), method_of(moved.credit)
    if came_from is not None and moved.kind == "top-up":
        return came_from, (moved.transfers, moved.amount, 0, 0)
    if went_to is not None and moved.kind == "payout":
        return went_to, (0, 0, 0, moved.amount)
    if came_from is not None and moved.kind == "payout":  # one that was taken back
        return came_from, (0, 0, 0, -moved.amount)
    if moved.kind != "adjustment" or _DIFFERENCES in (moved.debit, moved.credit):
        return None
    if went_to is not None:
        return went_to, (0, 0, moved.amount, 0)
    return None if came_from is None else (came_from, (0, 0, -moved.amount, 0))


def method_of(account: str) -> Method | None:
    """Return the method by which the money of an account comes in; None: it is no source of money."""
    if account in (_DRAWER, SAFE):  # the safe gives back, and takes, for drawers that are closed
        return Method("desk", _CASH)
    if (at_desk := desk_method_of(AccountId(account))) is not None:
        return Method("desk", at_desk)
    provider = provider_of(AccountId(account))
    return None if provider is None else Method("provider", provider)
