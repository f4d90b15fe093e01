"""Which reads a replica may answer: history alone. A new read needs a row here, and so a decision."""

import inspect
from collections.abc import AsyncIterator, Callable, Sequence
from types import SimpleNamespace
from typing import Any, Final, Literal

import pytest

from festival_push.domain.log import LogPosition
from festival_push.domain.values import Audience
from festival_push.store.database import Reader, ReplicaState, Writer
from festival_push.store.log import EventLog
from festival_push.store.reads.reads import Reads
from festival_push.store.reads.reports.windows import WHOLE, after_transfer, between
from festival_push.store.sql import Dialect, Param, Rows, Statement

Side = Literal["primary", "past", "books"]

# What was: pages of history, totals, reports, exports, long replays.
PAST: Final = {
    "transactions", "orders", "notifications", "messages", "announcements", "deeds", "all_deeds", "transfers",
    "payouts_from", "payout_runs", "settlement", "overview", "bookings", "history", "z_reports",
    "sums", "by_stall", "by_quarter", "all_orders", "all_payouts", "all_transfers", "all_payments", "told", "written",
    "deeds_about", "read_after",
}  # fmt: skip
# What is: who may do what, one's own wallet and profile, boards, menus, what waits to be decided, books to be closed,
# the head of the log and the tail.
PRIMARY: Final = {
    "person", "caller", "keepers", "users", "display", "displays", "pairing", "waiting_pairings", "sessions",
    "session_seen", "identity", "identities", "servers", "factors", "factors_of", "passkey", "recovery_codes_left",
    "sealed_factors", "rooms", "profile", "currency", "vendors", "vendor", "menu", "item", "order", "paid_order",
    "board", "payment_request", "give_back", "stalls_of_orders", "top_up", "held", "held_total", "claims",
    "unread_receipts", "unread_receipt", "standing_announcements", "confirmation", "confirmations", "payouts",
    "payout_run", "payouts_in", "run_in_full", "drawers", "drawer", "drawer_sums", "guest", "find_people", "open_books",
    "out_of_line", "all_z_reports", "z_report", "names_of", "head", "upkeep", "read_range",
}  # fmt: skip
BY_WINDOW: Final = {"figures"}
"""From the past too, but for books that are being closed: those name the last transfer that they must hold."""


class Asked(Exception):
    """Who was asked."""

    def __init__(self, side: Side) -> None:
        super().__init__(side)
        self.side = side


class Noting:
    """A database that answers nothing."""

    dialect: Dialect = "postgres"
    replica: ReplicaState = "ok"

    def __init__(self, side: Side = "primary") -> None:
        self._side: Side = side

    @property
    def books(self) -> Reader:
        return Noting("books")

    @property
    def past(self) -> Reader:
        return Noting("past")

    async def read(self, *_: Statement) -> list[Rows]:
        raise Asked(self._side)

    async def read_together(self, sql: str, params: Sequence[Param], *, columns: int) -> Rows:
        del sql, params, columns
        raise Asked(self._side)

    def follow(self, known: Callable[[], LogPosition]) -> None: ...

    def writer(self) -> Writer:
        raise AssertionError("a read writes nothing")

    async def close(self) -> None: ...


def public(reads: object) -> dict[str, Any]:
    """The reads of an object by their names."""
    return {
        name: member
        for name, member in inspect.getmembers(reads, callable)
        if not name.startswith("_") and (inspect.iscoroutinefunction(member) or inspect.isasyncgenfunction(member))
    }


ALL: Final = public(Reads(Noting())) | public(EventLog(Noting()))


def test_every_read_has_a_side() -> None:
    assert set(ALL) == PAST | PRIMARY | BY_WINDOW
    assert not PAST & PRIMARY


async def side_of(name: str, **given: Any) -> Side:
    """Which reader answers first."""
    for parameter in inspect.signature(ALL[name]).parameters.values():
        if parameter.default is inspect.Parameter.empty and parameter.name not in given:
            given[parameter.name] = _any(parameter)
    result = ALL[name](**given)
    with pytest.raises(Asked) as asked:
        await (anext(result) if isinstance(result, AsyncIterator) else result)
    return asked.value.side


def _any(parameter: inspect.Parameter) -> Any:
    """Something that a statement can be made from."""
    if parameter.name == "window":
        return WHOLE
    if parameter.name == "order":
        return SimpleNamespace(order_id="x", vendor_id="x", user_id="x", placed=1)
    if parameter.name == "audiences":
        return list(Audience)
    if parameter.name in {"limit", "now", "since", "after", "up_to", "number"} and parameter.annotation is not str:
        return 1
    return ["x"] if "Sequence" in str(parameter.annotation) or parameter.name == "topics" else "x"


@pytest.mark.parametrize("name", sorted(PAST - {"written"}))
async def test_history_may_come_from_a_replica(name: str) -> None:
    assert await side_of(name) == "past"


@pytest.mark.parametrize("name", sorted(PRIMARY))
async def test_what_is_comes_from_the_primary(name: str) -> None:
    assert await side_of(name) == "primary"


async def test_books_are_closed_over_what_the_primary_has() -> None:
    assert await side_of("figures") == "past"
    assert await side_of("figures", window=between(1, 2)) == "past"  # type: ignore[arg-type]
    assert await side_of("figures", window=after_transfer(0, 5)) == "books", "the primary, however long it takes"
