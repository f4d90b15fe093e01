"""A festival that never ran: what clients would have seen of servers that keep every promise, drawn by chance.

It is written from the contract, for tests of the judge: a sound story gives no findings, and a spoilt one does.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from tests.support.checker.records import Kept, LogEntry, OrderRow, Records, Transfer
from tests.support.wire.history import Opened, Received, Try, Watched
from tests.support.wire.sse import Frame

PEOPLE: Final = ("anna", "ben")
PRICE: Final = 300
_NEXT: Final = {"preparing": "ready", "ready": "completed"}


@dataclass
class Story:
    """What was tried, what was watched, and what the database holds afterwards."""

    tries: list[Try]
    streams: list[Watched]
    records: Records


@dataclass
class _Moment:
    """The festival right after one command."""

    head: int
    balances: dict[str, int]
    orders: dict[str, OrderRow]
    board: list[Any]


@dataclass
class World:
    """Commands one after the other, each at a moment of its own, on a log that grows."""

    dice: random.Random
    epoch: str = "e1"
    log: list[LogEntry] = field(default_factory=list)
    transfers: list[Transfer] = field(default_factory=list)
    balances: dict[str, int] = field(default_factory=lambda: {"desk:cash": 0, "till:bar": 0})
    orders: dict[str, OrderRow] = field(default_factory=dict)
    kept: list[Kept] = field(default_factory=list)
    tries: list[Try] = field(default_factory=list)
    moments: list[_Moment] = field(default_factory=list)
    now_s: float = 0.0

    def records(self) -> Records:
        return Records(
            epoch=self.epoch, head=len(self.log), trimmed_to=0, log=self.log,
            indexed={(topic, entry.position) for entry in self.log for topic in entry.topics},
            transfers=self.transfers, balances=self.balances, orders=self.orders, kept=self.kept,
            may_owe=frozenset({"desk:cash", "till:bar"}),
        )  # fmt: skip

    # Commands

    def top_up(self) -> None:
        """Money comes in at the desk."""
        who, amount = self.dice.choice(PEOPLE), self.dice.randint(1, 1000)
        name = f"t{len(self.transfers)}"
        self._move(name, "top-up", "desk:cash", f"user:{who}", amount)
        answer = {"userId": who, "transactionId": name, "amount": amount, "balance": self.balances[f"user:{who}"]}
        self._answered("admin", "/v1/admin/top-ups", {"userId": who, "amount": amount}, 201, answer)

    def order(self) -> None:
        """Somebody buys, or has not enough money."""
        who, asked = self.dice.choice(PEOPLE), {"vendorId": "bar"}
        balance = self.balances.get(f"user:{who}", 0)
        if balance < PRICE:
            self._answered(who, "/v1/orders", asked, 409, {"code": "insufficient-funds", "balance": balance})
            return
        order_id = f"o{len(self.orders)}"
        self.orders[order_id] = OrderRow(who, "preparing", PRICE, 0)
        self._move(f"{order_id}-paid", "purchase", f"user:{who}", "till:bar", PRICE, order_id)
        self._tell({"stall:bar"}, "new-order", {"orderId": order_id, "userId": who})
        self._status(order_id)
        self._answered(who, "/v1/orders", asked, 201, {"order": {"orderId": order_id, "total": PRICE}})

    def step(self) -> None:
        """The stall takes an order one step further, if there is one."""
        unfinished = [order_id for order_id, row in self.orders.items() if row.status in _NEXT]
        if unfinished:
            order_id = self.dice.choice(unfinished)
            row = self.orders[order_id]
            self.orders[order_id] = row._replace(status=_NEXT[row.status])
            self._status(order_id)
            path, asked = f"/v1/orders/{order_id}/status", {"status": _NEXT[row.status]}
            self._answered("keeper", path, asked, 200, {"order": {"orderId": order_id}})

    def _move(self, name: str, kind: str, debit: str, credit: str, amount: int, order_id: str | None = None) -> None:
        for account, signed in ((debit, -amount), (credit, amount)):
            before = self.balances.get(account, 0)
            self.balances[account] = before + signed
            if not account.startswith("desk:"):
                self._balance_updated(account, before, signed, name)
        after = (self.balances[debit], self.balances[credit])
        self.transfers.append(Transfer(len(self.transfers) + 1, debit, credit, amount, *after, name, kind, order_id))
        data = {"transactionId": name, "kind": kind, "amount": amount, "debit": debit, "credit": credit}
        self._tell({"role:admin"}, "new-transaction", data)

    def _balance_updated(self, account: str, before: int, signed: int, name: str) -> None:
        kind, _, whose = account.partition(":")
        data = {"oldBalance": before, "newBalance": before + signed, "amount": signed, "transactionId": name}
        if kind == "user":
            self._tell({account}, "balance-updated", {"account": "wallet", "userId": whose, **data})
        else:
            self._tell({f"stall:{whose}"}, "balance-updated", {"account": "till", "vendorId": whose, **data})

    def _status(self, order_id: str) -> None:
        row = self.orders[order_id]
        data = {"orderId": order_id, "status": row.status, "userId": row.customer, "vendorId": "bar"}
        self._tell({f"user:{row.customer}", "stall:bar"}, "order-status-changed", data)
        preparing, ready, called = self.board()
        board = {"vendorId": "bar", "preparing": preparing, "ready": ready, "called": called}
        self._tell({"board:bar"}, "board-updated", board)

    def board(self) -> list[Any]:
        numbers = {
            status: [int(order_id[1:]) for order_id, row in self.orders.items() if row.status == status]
            for status in _NEXT
        }
        return [numbers["preparing"], numbers["ready"], []]

    def _tell(self, topics: set[str], kind: str, data: dict[str, Any]) -> None:
        self.log.append(LogEntry(len(self.log) + 1, frozenset(topics), kind, json.dumps(data)))

    # Clients

    def _answered(self, who: str, path: str, asked: dict[str, Any], status: int, answer: dict[str, Any]) -> None:
        """Keep the answer to what was just decided; clients lose it, wait for it, and ask again, as chance will."""
        body = json.dumps(answer | ({"position": len(self.log)} if status < 300 else {})).encode()
        key = f"k{len(self.kept)}"
        self.kept.append(Kept(f"{who} POST {path}", key, status, body.decode()))
        outcomes = self.dice.choice([("told",), ("told", "again"), ("lost", "again"), ("busy", "told"), ("lost",)])
        for outcome in outcomes:
            told = {"told": (status, body, False), "again": (status, body, True), "busy": (503, b"{}", False)}
            its_status, its_answer, replayed = told.get(outcome, (None, b"", False))
            self.tries.append(
                Try(
                    who=who, path=path, key=key, body=json.dumps(asked).encode(), server=self.dice.randrange(2),
                    asked_s=self.now_s + 0.1, answered_s=self.now_s + 0.2, status=its_status, answer=its_answer,
                    replayed=replayed,
                )
            )  # fmt: skip
            self.now_s += 1.0
        self.moments.append(_Moment(len(self.log), dict(self.balances), dict(self.orders), self.board()))

    def watch(self, name: str, topics: frozenset[str], account: str = "") -> Watched:
        """A client that follows from some moment on, is cut now and then, and comes back with its cursor or without."""
        watched = Watched(name=name, topics=topics, account=account)
        moments = sorted(self.dice.sample(range(len(self.moments)), min(4, len(self.moments))))
        cursor: int | None = None
        for number, moment in enumerate(moments):
            is_last = number == len(moments) - 1
            if self.dice.random() < 0.2:
                cursor = None
            head = self.moments[moment].head
            opened_at = None if cursor is None else f"{self.epoch}.{cursor}"
            watched.opened.append(Opened(opened_at, self.dice.randrange(2)))
            watched.received.append(Received(number, self._greeting(moment, topics, resumed=cursor is not None)))
            cursor = head if cursor is None else cursor
            up_to = len(self.log) if is_last else self.moments[self.dice.randint(moment, moments[number + 1])].head
            for entry in self.log[cursor:up_to]:
                if not entry.topics.isdisjoint(topics):
                    frame = Frame(f"{self.epoch}.{entry.position}", entry.type, entry.data)
                    watched.received.append(Received(number, frame))
                    cursor = entry.position
        return watched

    def _greeting(self, moment: int, topics: frozenset[str], *, resumed: bool) -> Frame:
        if resumed:
            return Frame(None, "connected", json.dumps({"resumed": True}))
        then = self.moments[moment]
        snapshot = json.dumps({"resumed": False, "snapshot": self._snapshot(then, topics)})
        return Frame(f"{self.epoch}.{then.head}", "connected", snapshot)

    def _snapshot(self, then: _Moment, topics: frozenset[str]) -> dict[str, Any]:
        if "board:bar" in topics:
            return {"vendorId": "bar", "preparing": then.board[0], "ready": then.board[1], "called": then.board[2]}
        [me] = [topic for topic in topics if topic.startswith("user:")]
        stalls = [{"vendorId": "bar", "balance": then.balances["till:bar"]}] if "stall:bar" in topics else []
        orders = [
            {"orderId": order_id, "status": row.status}
            for order_id, row in then.orders.items()
            if stalls or f"user:{row.customer}" == me
        ]
        own = {"ownOrders": [], "vendorId": "bar"} if stalls else {}
        wallet = then.balances.get(me, 0)
        side = {"account": "till" if stalls else "wallet", "balance": then.balances["till:bar"] if stalls else wallet}
        return {**side, **own, "orders": orders, "wallet": {"balance": wallet}, "stalls": stalls}


def lineup() -> Iterator[tuple[str, frozenset[str], str]]:
    """Who watches: a name, topics and an account."""
    for who in PEOPLE:
        yield who, frozenset({f"user:{who}", "all"}), f"user:{who}"
    yield "keeper", frozenset({"user:keeper", "stall:bar", "all"}), "till:bar"
    yield "organiser", frozenset({"user:admin", "role:admin", "all"}), ""
    yield "screen", frozenset({"board:bar", "boards"}), ""


def story(dice: random.Random, *, commands: int = 60) -> Story:
    """A sound story of so many commands."""
    world = World(dice)
    for _ in range(commands):
        dice.choice([world.top_up, world.order, world.order, world.step])()
    world.top_up()
    streams = [world.watch(name, topics, account) for name, topics, account in lineup()]
    return Story(world.tries, streams, world.records())
