"""The checker finds what it is there to find."""

import dataclasses
import json
from collections.abc import Callable
from typing import Final

import pytest

from tests.support.checker import (
    Kept,
    LogEntry,
    OrderRow,
    Records,
    Transfer,
    broken_promises,
    last_position,
    stream_findings,
)
from tests.support.wire.sse import Frame

_NEW_ORDER: Final = json.dumps({"orderId": "o1"})
SOUND: Final = Records(
    epoch="e",
    head=3,
    trimmed_to=0,
    log=[
        LogEntry(1, frozenset({"user:anna"}), "balance-updated", "{}"),
        LogEntry(2, frozenset({"user:bar", "order:o1"}), "new-order", _NEW_ORDER),
        LogEntry(3, frozenset({"user:anna", "user:bar"}), "order-status-changed", "{}"),
    ],
    indexed={("user:anna", 1), ("user:bar", 2), ("order:o1", 2), ("user:anna", 3), ("user:bar", 3)},
    transfers=[
        Transfer(1, "desk:cash", "user:anna", 500, -500, 500),
        Transfer(2, "user:anna", "user:bar", 300, 200, 300),
    ],
    balances={"desk:cash": -500, "user:anna": 200, "user:bar": 300},
    orders={"o1": OrderRow("anna", "preparing", 300, 0)},
    kept=[Kept("anna POST /v1/orders", "k1", 201)],
    may_owe=frozenset({"desk:cash"}),
)
RECEIVED: Final = [Frame("e.1", "balance-updated", "{}"), Frame("e.3", "order-status-changed", "{}")]


def test_a_sound_festival_has_no_findings() -> None:
    assert broken_promises(SOUND) == []
    assert stream_findings(RECEIVED, SOUND, {"user:anna"}, after=0) == []
    assert stream_findings(RECEIVED[1:], SOUND, {"user:anna"}, after=1) == []
    assert last_position(SOUND, {"order:o1"}) == 2


@pytest.mark.parametrize(
    ("damage", "finding"),
    [
        (lambda: {"log": SOUND.log[:1] + SOUND.log[2:]}, "without a gap"),
        (lambda: {"head": 4}, "without a gap"),
        (lambda: {"indexed": SOUND.indexed - {("user:bar", 2)}}, "index differs"),
        (lambda: {"balances": SOUND.balances | {"user:bar": 301}}, "sum up to 1"),
        (lambda: {"balances": SOUND.balances | {"user:bar": 200, "user:anna": 300}}, "its transfers say"),
        (
            lambda: {"transfers": [SOUND.transfers[0], Transfer(2, "user:anna", "user:bar", 300, 200, 299)]},
            "other balances",
        ),
        (lambda: {"transfers": [SOUND.transfers[0], Transfer(3, *SOUND.transfers[1][1:])]}, "numbered 3"),
        (lambda: {"orders": {"o1": OrderRow("anna", "cancelled", 300, 0)}}, "is cancelled"),
        (lambda: {"orders": {"o1": OrderRow("anna", "preparing", 300, 301)}}, "301 of 300"),
        (lambda: {"orders": {**SOUND.orders, "o2": SOUND.orders["o1"]}}, "told 0 times"),
        (lambda: {"kept": SOUND.kept * 2}, "kept 2 times"),
        (lambda: {"kept": []}, "but 0 keys"),
    ],
)
def test_damage_is_found(damage: Callable[[], dict[str, object]], finding: str) -> None:
    found = broken_promises(dataclasses.replace(SOUND, **damage()))  # type: ignore[arg-type] # fields by name
    assert any(finding in each for each in found), found


@pytest.mark.parametrize(
    "received",
    [
        RECEIVED[:1],
        RECEIVED[1:],
        [*RECEIVED, RECEIVED[1]],
        [RECEIVED[0], *RECEIVED],
        RECEIVED[::-1],
        [RECEIVED[0], Frame("x.3", "order-status-changed", "{}")],
        [RECEIVED[0], Frame("e.3", "order-status-changed", '{"a": 1}')],
    ],
    ids=["last missing", "first missing", "last twice", "first twice", "order", "epoch", "data"],
)
def test_a_stream_that_differs_from_the_log_is_found(received: list[Frame]) -> None:
    assert stream_findings(received, SOUND, {"user:anna"}, after=0)
