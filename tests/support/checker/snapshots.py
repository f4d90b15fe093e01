"""What the log says of the past: balances, open orders and boards at any position; and snapshots against it."""

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection
from typing import Any, Final

from tests.support.checker.records import Records

_FINISHED: Final = frozenset({"completed", "cancelled"})


class Past:
    """A log, folded: what was true of one thing at one position. None: the log does not say, or no more."""

    def __init__(self, records: Records) -> None:
        self._facts: defaultdict[tuple[str, str], list[tuple[int, Any]]] = defaultdict(list)
        self._orders_of: defaultdict[str, set[str]] = defaultdict(set)  # by `user:anna`, `stall:bar`
        self.is_whole = not records.trimmed_to
        for entry in records.log:
            if entry.type == "balance-updated":
                data = json.loads(entry.data)
                if account := account_of(data):
                    self._add("balance", account, entry.position, data["newBalance"])
            elif entry.type == "order-status-changed":
                data = json.loads(entry.data)
                self._add("status", data["orderId"], entry.position, data["status"])
                self._orders_of[f"user:{data['userId']}"].add(data["orderId"])
                self._orders_of[f"stall:{data['vendorId']}"].add(data["orderId"])
            elif entry.type == "board-updated":
                data = json.loads(entry.data)
                self._add("board", data["vendorId"], entry.position, _shown(data))

    def _add(self, kind: str, name: str, position: int, value: Any) -> None:
        self._facts[kind, name].append((position, value))

    def _at(self, kind: str, name: str, position: int, *, begins_as: Any) -> Any:
        facts = self._facts[kind, name]
        index = bisect_right(facts, position, key=lambda fact: fact[0])
        if index:
            return facts[index - 1][1]
        return begins_as if self.is_whole else None

    def balance(self, account: str, position: int) -> Any:
        return self._at("balance", account, position, begins_as=0)

    def status(self, order_id: str, position: int) -> Any:
        return self._at("status", order_id, position, begins_as=None)

    def board(self, vendor_id: str, position: int) -> Any:
        return self._at("board", vendor_id, position, begins_as=[[], [], []])

    def open_orders(self, whose: str, position: int) -> set[str]:
        """Those of a person (`user:anna`) or a stall (`stall:bar`) that were placed and not finished."""
        return {
            order_id for order_id in self._orders_of[whose] if self.status(order_id, position) not in _FINISHED | {None}
        }


def account_of(data: dict[str, Any]) -> str | None:
    """The name of the account that a `balance-updated` is about; None: one whose name it does not say."""
    if data["account"] == "wallet":
        return f"user:{data['userId']}"
    return f"till:{data['vendorId']}" if data["account"] == "till" else None


def balances_in(snapshot: dict[str, Any], topics: Collection[str]) -> dict[str | None, int]:
    """What a snapshot says of balances, by account; a board's says nothing."""
    if "wallet" not in snapshot:
        return {}
    balances: dict[str | None, int] = {_person(topics): snapshot["wallet"]["balance"]}
    for stall in snapshot["stalls"]:
        if "balance" in stall:
            balances[f"till:{stall['vendorId']}"] = stall["balance"]
    return balances


def _person(topics: Collection[str]) -> str:
    return next((topic for topic in topics if topic.startswith("user:")), "")


def _shown(board: dict[str, Any]) -> list[Any]:
    return [board["preparing"], board["ready"], board["called"]]


def snapshot_findings(snapshot: dict[str, Any], topics: Collection[str], past: Past, position: int) -> list[str]:
    """Check a stream's snapshot, a person's or a board's, against the log up to its position."""
    at = f"the snapshot at {position}"
    if "preparing" in snapshot:
        shown, logged = _shown(snapshot), past.board(snapshot["vendorId"], position)
        return [] if logged in (None, shown) else [f"{at} shows {shown}, the log {logged}"]
    me = _person(topics)
    findings = [
        f"{at} has {balance} for {account}, the log {told}"
        for account, balance in balances_in(snapshot, topics).items()
        if account and (told := past.balance(account, position)) not in {None, balance}
    ]
    stands_for = f"stall:{snapshot['vendorId']}" if snapshot["account"] == "till" else me
    for whose, orders in ((stands_for, snapshot["orders"]), (me, snapshot.get("ownOrders", snapshot["orders"]))):
        listed = {order["orderId"]: order["status"] for order in orders}
        findings += [
            f"{at} says that {order_id} is {status}, the log {told}"
            for order_id, status in listed.items()
            if (told := past.status(order_id, position)) not in {None, status}
        ]
        if missing := past.open_orders(whose, position) - listed.keys():
            findings.append(f"{at} lacks the open orders {sorted(missing)} of {whose}")
    return findings
