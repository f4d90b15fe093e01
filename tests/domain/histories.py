"""Random histories over all commands of the domain: what a whole festival might ask, sensible or not, in any order.

A history is made from a seed alone, before anything is decided. So the same one can be played in batches and one by
one, on either database, and must come out the same. Each field of a command is drawn by its name, so a new command is
in the histories as soon as its fields are known here.
"""

import importlib
import inspect
import pkgutil
import random
from collections import Counter
from collections.abc import Callable, Mapping
from enum import EnumType
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

import festival_push.domain
from festival_push.domain.book import Command
from festival_push.domain.deposits.allowances import GrantAllowance
from festival_push.domain.deposits.give_backs import ClaimGiveBack, OfferGiveBack, OwnReturn, Returned
from festival_push.domain.desk.second_person import Confirm, RefuseConfirmation, WithSecond
from festival_push.domain.imports.people import BalanceRow, PersonRow
from festival_push.domain.imports.stalls import ItemRow, StallRow
from festival_push.domain.money.funds import CreditFunds, TopUp, receipt_id
from festival_push.domain.money.held import AssignFunds, GiveBack
from festival_push.domain.orders.payment_requests import OwnLine
from festival_push.domain.orders.placing import WantedLine
from festival_push.domain.orders.rows import LineBack
from festival_push.domain.payouts.payouts import RequestPayout
from festival_push.domain.payouts.runs import OpenPayoutRun, RemoveFromRun, SendPayoutRun, UndoPayoutRun
from festival_push.domain.people.people import AddUser
from festival_push.domain.reports.figures import Figures, Sums
from festival_push.domain.signing_in.factors import Challenge
from festival_push.domain.signing_in.guesses import Counts, Shared
from festival_push.domain.stalls.menus import ChangeMenuItem
from festival_push.domain.stalls.stalls import Business
from festival_push.domain.values import (
    AccountKind,
    FactorId,
    FactorKind,
    Instant,
    ItemId,
    OrderId,
    OrderStatus,
    PayoutId,
    PayoutRunId,
    PayoutStatus,
    Role,
    TransferId,
    UserId,
    VendorId,
    user_actor,
)
from festival_push.domain.words.rooms import Room
from tests.support.festival import (
    ADMIN,
    ANNA,
    AYRAN,
    BAR,
    BAR_KEEPER,
    BEER,
    BEN,
    NOON,
    OPENING,
    PRICES,
    RULES,
    STALL_OF,
    SUN,
    SUN_KEEPER,
)

AnyCommand = Command[Any]
HISTORY_RULES: Final = msgspec.structs.replace(
    RULES,
    second_person_above=4_000,
    balance_max=60_000,
    open_orders_max=8,
    payout_fee=50,
    payout_min=90,
    donations=True,
)

_SECOND: Final = UserId("boss")
_CLEO, _DAN = UserId("cleo"), UserId("dan")
_PEOPLE: Final = (*(ANNA,) * 4, *(BEN,) * 3, SUN_KEEPER, BAR_KEEPER, ADMIN, _CLEO, _DAN)
_STAFF: Final = (*(ADMIN,) * 8, *(_SECOND,) * 6, *(SUN_KEEPER,) * 3, *(BAR_KEEPER,) * 2, ANNA, _CLEO)
_STALLS: Final = (*(SUN,) * 8, *(BAR,) * 3, VendorId("cleo"), VendorId("none"))
HISTORY_OPENING: Final[tuple[AnyCommand, ...]] = (
    *OPENING,
    AddUser(user_id=_SECOND, role=Role.ADMIN, name="Boss", pin_hash=None, top_up_code="CODE-boss"),
    TopUp(actor_id=ADMIN, user_id=ANNA, amount=30_000, method="cash", note=None, transfer_id=TransferId("begin-1")),
    TopUp(actor_id=ADMIN, user_id=BEN, amount=9_000, method="cash", note=None, transfer_id=TransferId("begin-2")),
    *(ChangeMenuItem(actor_id=ADMIN, item_id=item, deposit=deposit) for item, deposit in ((BEER, 200), (AYRAN, 50))),
    GrantAllowance(
        actor_id=ADMIN, user_ids=(BEN, SUN_KEEPER), amount=2_000, reason="crew", transfer_id=TransferId("begin-3")
    ),
)
"""Comes before each history: two organisers, so that one can confirm what the other asks for, some money, deposits
and allowances."""
_PAYMENTS: Final = ("pay-1", "pay-2", "pay-3", "pay-4")
_OFTEN: Final[Mapping[str, int]] = {
    "PlaceOrder": 16, "ChangeOrderStatus": 16, "TopUp": 9, "CreditFunds": 6, "RequestPayment": 4, "PayRequest": 6,
    "RefundOrder": 8, "RequestPayout": 5, "SettlePayout": 5, "WithSecond": 8, "Confirm": 5, "AddUser": 3,
    "AssignFunds": 4, "OfferPairing": 3, "RequestPairing": 4, "AnswerPairing": 5, "ReverseTransfer": 4, "GiveBack": 3,
    "ComeForOrder": 8, "SendMessage": 2, "TrackOrders": 2, "RevokeDisplay": 2, "AppointKeeper": 4, "DismissKeeper": 3,
    "AddDisplay": 2, "WithdrawAnnouncement": 2, "Announce": 3, "MakeCashier": 2, "AdmitUser": 3, "EditAnnouncement": 3,
    "RefuseConfirmation": 3, "KeepUnread": 3, "BookUnread": 4, "DismissUnread": 2, "ReportClaim": 5,
    "BeginSession": 6, "EndOwnSession": 4, "RenewSession": 8, "EnrolFactor": 4, "UseFactor": 4,
    "OpenDrawer": 4, "MoveCash": 4, "CloseDrawer": 4, "PayOutAtDesk": 9,
    "OpenPayoutRun": 6, "SendPayoutRun": 5, "UndoPayoutRun": 2, "RemoveFromRun": 8, "WithdrawPayout": 4, "Donate": 3,
    "OfferGiveBack": 6, "ClaimGiveBack": 6, "GrantAllowance": 4, "TakeBackAllowance": 2,
    "RenewRecoveryCodes": 3, "LinkIdentity": 3, "UnlinkIdentity": 5, "ClearReady": 2, "ChangeVendor": 2,
    "MoveWallet": 2, "CloseBooks": 6,
}  # fmt: skip
"""How often a command comes, where it is more than once in a while."""


def all_commands() -> dict[str, type[AnyCommand]]:
    """Every command of the domain, by its name."""
    found: dict[str, type[AnyCommand]] = {}
    for module in pkgutil.walk_packages(festival_push.domain.__path__, "festival_push.domain."):
        for name, kind in vars(importlib.import_module(module.name)).items():
            is_ours = inspect.isclass(kind) and kind.__module__ == module.name
            if is_ours and issubclass(kind, msgspec.Struct) and hasattr(kind, "decide") and hasattr(kind, "needs"):
                found[name] = kind
    return dict(sorted(found.items()))


class Historian:
    """Draws one history."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311  # the same for the same seed
        self._commands = all_commands()
        self._names = list(self._commands)
        self._weights = [_OFTEN.get(name, 1) for name in self._names]
        self._made: Counter[str] = Counter()  # ids, by their first letters
        self._follows: list[AnyCommand] = []
        self._asked: dict[str, AnyCommand] = {}  # what waits for a second person, by its confirmation
        self._by_field = self._fields()

    def command(self) -> AnyCommand:
        """The next command, now and then one that fits to one before."""
        if self._follows and self._random.random() < 0.7:
            return self._follows.pop()
        [name] = self._random.choices(self._names, self._weights)
        return self.of(self._commands[name])

    def of(self, kind: type[AnyCommand]) -> AnyCommand:
        """A command of this kind."""
        hints = get_type_hints(kind)
        assert issubclass(kind, msgspec.Struct)
        drawn = {name: self._field(kind, name, hints[name]) for name in kind.__struct_fields__}
        named = kind.__name__
        if named == "WithSecond":
            self._asked[drawn["confirmation_id"]] = drawn["command"]
        elif named == "Confirm":
            drawn["command"] = self._asked.get(drawn["confirmation_id"], drawn["command"])
        elif named == "AddUser":  # nobody but a newcomer is asked for an invitation
            drawn["self_registered"] = drawn["vendor_code_hash"] is not None
        elif named == "EnrolFactor":  # an app, which has a secret
            drawn["secret"] = drawn["secret"] or "secret1"
        elif named == "ReportClaim":
            drawn["receipt_id"] = receipt_id(drawn["provider"], drawn["payment_id"])
        elif named == "PlaceOrder" and self._random.random() < 0.9:
            stalls = {STALL_OF[line.item_id] for line in drawn["lines"] if line.item_id in STALL_OF}
            drawn |= {"vendor_id": min(stalls), "expected_total": None, "expected_deposit": None}
        elif named == "ChangeOrderStatus" and self._random.random() < 0.7:
            drawn["from_status"] = None
        made = kind(**drawn)
        self._follow(made)
        return made

    def _follow(self, made: AnyCommand) -> None:
        """Keep the command that an organiser would give after this one."""
        if isinstance(made, WithSecond):
            other = _SECOND if made.command.actor_id == ADMIN else ADMIN
            confirm = Confirm(actor_id=other, confirmation_id=made.confirmation_id, command=made.command)
            refuse = RefuseConfirmation(actor_id=other, confirmation_id=made.confirmation_id)
            self._follows.append(self._random.choice((confirm, confirm, refuse)))
        elif isinstance(made, OfferGiveBack):
            self._follows.append(ClaimGiveBack(actor_id=self._random.choice(_PEOPLE), give_back_id=made.give_back_id))
        elif isinstance(made, OpenPayoutRun):
            self._follows.append(self._after_run(made.run_id, PayoutId(self._known("p"))))
        elif isinstance(made, RequestPayout) and made.iban is not None and self._random.random() < 0.4:
            self._made["run"] += 1
            run_id = PayoutRunId(f"run{self._made['run']}")
            self._follows += [self._after_run(run_id, made.payout_id), OpenPayoutRun(actor_id=ADMIN, run_id=run_id)]
        elif isinstance(made, CreditFunds) and made.user_id is None:
            self._made["t"] += 1
            funds_id, transfer_id = receipt_id(made.provider, made.external_id), TransferId(f"t{self._made['t']}")
            self._follows.append(
                self._random.choice(
                    (
                        AssignFunds(actor_id=ADMIN, funds_id=funds_id, user_id=BEN, amount=99, transfer_id=transfer_id),
                        GiveBack(actor_id=ADMIN, funds_id=funds_id, amount=1, reason="no", transfer_id=transfer_id),
                    )
                )
            )

    def _after_run(self, run_id: PayoutRunId, payout_id: PayoutId) -> AnyCommand:
        """What becomes of a payout run."""
        ways: tuple[AnyCommand, ...] = (
            SendPayoutRun(actor_id=ADMIN, run_id=run_id),
            UndoPayoutRun(actor_id=ADMIN, run_id=run_id),
            RemoveFromRun(actor_id=ADMIN, run_id=run_id, payout_id=payout_id, reason="no"),
        )
        return self._random.choice(ways)

    def _field(self, kind: type, name: str, hint: Any) -> Any:
        inner = [part for part in get_args(hint) if part is not NoneType]
        is_optional = get_origin(hint) in (Union, UnionType) and len(inner) < len(get_args(hint))
        if is_optional and self._random.random() < 0.4:
            return None
        if draw := self._by_field.get(f"{kind.__name__}.{name}") or self._by_field.get(name):
            return draw()
        only = inner[0] if is_optional and len(inner) == 1 else hint
        if only is bool:
            return self._random.random() < 0.5
        if isinstance(only, EnumType):
            return self._random.choice(list(only))
        if get_origin(only) is Literal:
            return self._random.choice(get_args(only))
        raise AssertionError(f"the histories don't know what {kind.__name__}.{name} may be")

    def _fields(self) -> dict[str, Callable[[], Any]]:
        choice, randint = self._random.choice, self._random.randint

        def one_of(*values: Any) -> Callable[[], Any]:
            return lambda: choice(values)

        def numbered(prefix: str, most: int) -> Callable[[], Any]:
            return lambda: f"{prefix}{randint(1, most)}"

        def mostly_new(prefix: str) -> Callable[[], Any]:
            """An id of its own; now and then one that is in use, which must fail."""

            def draw() -> str:
                if randint(1, 15) == 1:
                    return self._known(prefix)
                self._made[prefix] += 1
                return f"{prefix}{self._made[prefix]}"

            return draw

        def known(prefix: str) -> Callable[[], Any]:
            return lambda: self._known(prefix)

        def newcomer() -> Any:
            return choice((UserId("cleo"), UserId("dan"), UserId(f"guest{randint(1, 4)}")))

        def lines() -> tuple[WantedLine, ...]:
            items = [*PRICES, ItemId("i1"), ItemId("i2")]
            stall = choice(([items[0], items[1]], [items[0], items[1]], [items[2]], items[:2] + items[3:]))
            wanted = [stall[0], *self._random.sample(stall[1:], randint(0, len(stall) - 1))]
            return tuple(WantedLine(item_id=item, quantity=randint(1, 3)) for item in wanted)

        def returned() -> Any:
            if randint(1, 3) == 1:
                return OwnReturn(description="Cup", amount=randint(1, 300))
            return tuple(
                Returned(item_id=choice((*PRICES, ItemId("i1"))), quantity=randint(1, 3)) for _ in range(randint(1, 2))
            )

        def lines_back() -> tuple[LineBack, ...]:
            some = self._random.sample(range(3), choice((0, 0, 1, 1, 2)))
            return tuple(LineBack(index=index, quantity=randint(1, 2)) for index in some)

        def room() -> Room:
            return choice(
                (
                    Room(user_id=choice(_PEOPLE)),
                    Room(vendor_id=choice(_STALLS)),
                    Room(order_id=OrderId(self._known("o"))),
                )
            )

        def stakes() -> AnyCommand:
            union = get_type_hints(WithSecond)["command"]
            return self.of(choice(get_args(union)))

        return {
            "actor_id": one_of(*_STAFF),
            "user_id": one_of(*_PEOPLE),
            "to_user_id": one_of(*_PEOPLE),
            "FreezeWallet.frozen": lambda: randint(1, 6) == 1,
            "customer_id": one_of(ANNA, ANNA, ANNA, BEN, BEN, SUN_KEEPER, UserId("cleo")),
            "vendor_id": one_of(*_STALLS),
            "new_vendor_id": one_of(VendorId("new1"), VendorId("new2"), SUN),
            "actor": one_of(user_actor(ADMIN)),
            "order_id": known("o"),
            "order_ids": lambda: tuple(self._known("o") for _ in range(randint(1, 3))),
            "PlaceOrder.order_id": mostly_new("o"),
            "PayRequest.order_id": mostly_new("o"),
            "transfer_id": mostly_new("t"),
            "reversal_id": mostly_new("r"),
            "ReverseTransfer.transfer_id": known("t"),
            "payout_id": known("p"),
            "RequestPayout.payout_id": mostly_new("p"),
            "RequestPayout.actor_id": one_of(ANNA, ANNA, ANNA, BEN, BEN, ADMIN, SUN_KEEPER, _CLEO),
            "WithdrawPayout.actor_id": one_of(ANNA, ANNA, BEN, SUN_KEEPER),
            "Donate.actor_id": one_of(ANNA, BEN, _CLEO),
            "OpenPayoutRun.run_id": mostly_new("run"),
            "run_id": known("run"),
            "iban": one_of("DE89370400440532013000", "NL91ABNA0417164300"),
            "account_holder": one_of("Anna Muster"),
            "execution_date": one_of("2026-07-06"),
            "Donate.amount": one_of(1, 99, 450),
            "request_id": known("q"),
            "give_back_id": known("k"),
            "OfferGiveBack.give_back_id": mostly_new("k"),
            "OfferGiveBack.vendor_id": one_of(SUN, SUN, BAR),
            "OfferGiveBack.actor_id": one_of(SUN_KEEPER, SUN_KEEPER, BAR_KEEPER, ADMIN),
            "ClaimGiveBack.actor_id": one_of(*_PEOPLE),
            "returned": returned,
            "expected_deposit": lambda: choice((0, 50, 200)),
            "user_ids": lambda: tuple(dict.fromkeys(choice(_PEOPLE) for _ in range(randint(1, 3)))),
            "RequestPayment.request_id": mostly_new("q"),
            "confirmation_id": known("c"),
            "WithSecond.confirmation_id": mostly_new("c"),
            "drawer_id": known("k"),
            "OpenDrawer.drawer_id": mostly_new("k"),
            "float_amount": one_of(0, 10_000),
            "counted": one_of(0, 9_000, 10_000, 20_000),
            "PayOutAtDesk.payout_id": mostly_new("kp"),
            "PayOutAtDesk.amount": one_of(1, 99, 450, 5_000),
            "item_id": one_of(*PRICES, ItemId("i1"), ItemId("i2")),
            "AddMenuItem.item_id": mostly_new("i"),
            "display_id": mostly_new("d"),
            "RevokeDisplay.display_id": known("d"),
            "pairing_id": known("w"),
            "OfferPairing.pairing_id": mostly_new("w"),
            "announcement_id": known("a"),
            "Announce.announcement_id": mostly_new("a"),
            "funds_id": lambda: receipt_id("zeffy", choice(_PAYMENTS)),
            "amount": lambda: choice((1, 99, 450, 1_000, 2_500, 5_000, 9_000)),
            "SettlePayout.status": one_of(PayoutStatus.COMPLETED, PayoutStatus.REJECTED),
            "AdmitUser.role": one_of(Role.VENDOR),
            "RequestPayout.amount": one_of(1, 99, 450),
            "RequestPayout.account": one_of(AccountKind.WALLET),
            "ChangeOrderStatus.status": one_of(*OrderStatus, *(OrderStatus.READY,) * 4),
            "TopUp.amount": lambda: choice((1_000, 5_000, 20_000)),
            "price": lambda: randint(1, 900),
            "expected_total": lambda: choice((450, 650, 1_300)),
            "tip": one_of(0, 0, 0, 50),
            "lines": lines,
            "wanted": lambda: choice((lines(), OwnLine(description="Soup", amount=randint(1, 900)))),
            "expires_s": one_of(30, 300),
            "estimated_time": one_of(0, 5, 20),
            "provider": one_of("zeffy", "zeffy", "sumup"),
            "payment_id": one_of(*_PAYMENTS),
            "receipt_id": lambda: receipt_id("zeffy", choice(_PAYMENTS)),
            "ReportClaim.external_id": numbered("claim-", 5),
            "unread_id": known("u"),
            "KeepUnread.unread_id": mostly_new("u"),
            "BookUnread.provider": one_of("zeffy"),
            "meaning": one_of("paid", "paid", "refunded"),
            "field": one_of("amount", "currency"),
            "detail": one_of("must be a whole number"),
            "body": one_of("{}", '{"amount": 1.5}'),
            "external_id": one_of(*_PAYMENTS),
            "top_up_code": one_of("CODE-anna", "CODE-ben", "CODE-nobody"),
            "AddUser.top_up_code": mostly_new("CODE-"),
            "AdmitUser.top_up_code": mostly_new("CODE-"),
            "MeetUser.top_up_code": mostly_new("CODE-"),
            "ErasePerson.top_up_code": mostly_new("CODE-"),
            "ErasePerson.user_id": newcomer,
            "ErasePerson.actor_id": one_of(ADMIN, _CLEO),
            "ImportPeople.apply": lambda: True,
            "AddUser.user_id": newcomer,
            "AdmitUser.user_id": newcomer,
            "MeetUser.user_id": newcomer,
            "AddUser.vendor_id": numbered("new", 3),
            "AddUser.vendor_code_hash": numbered("v", 3),
            "code_hashes": lambda: tuple(sorted({f"v{randint(1, 40)}" for _ in range(randint(1, 2))})),
            "code_hash": numbered("code", 2),
            "secret_hash": numbered("s", 99),
            "jti": numbered("j", 6),
            "session_id": numbered("j", 4),
            "keep": numbered("j", 6),
            "device": one_of("", "Phone"),
            "version": one_of(0, 0, 0, 0, 1),
            "until": lambda: Instant(NOON + randint(0, 10**6)),
            "ttl_ms": one_of(3_600_000),
            "longest_ms": one_of(86_400_000),
            "sign_in": numbered("name", 9),
            "pin_digits": one_of(4, 6),
            "guesses": numbered("g", 3),
            "failures": numbered("g", 3),
            "counts": lambda: Counts(
                account=f"g{randint(1, 3)}", shared=choice(((), ((Shared.ADDRESS, "g9"), (Shared.EVERYONE, "g8"))))
            ),
            "names": lambda: (f"name{randint(1, 9)}",),
            "issuer": one_of("https://id"),
            "subject": numbered("anna", 4),
            "server_id": numbered("server", 3),
            "fingerprints": one_of(("f1",), ("f1", "f2")),
            "factor_id": known("x"),
            "EnrolFactor.factor_id": mostly_new("x"),
            "secret": numbered("secret", 9),
            "credential_id": lambda: None,
            "public_key": lambda: None,
            "EnrolFactor.kind": one_of(FactorKind.TOTP),
            "counter": lambda: randint(0, 60),
            "recovery_hashes": lambda: tuple(f"r{number}" for number in range(1, 9)),
            "recovery_hash": numbered("r", 9),
            "hashes": lambda: tuple(f"r{number}" for number in range(1, 9)),
            "challenge": lambda: Challenge(
                jti=f"j{randint(1, 9)}", expires_at=Instant(NOON + 10**8), version=choice((None, 0, 1))
            ),
            "sealed": lambda: ((FactorId(self._known("x")), f"secret{randint(1, 9)}", "resealed"),),
            "older_hashes": lambda: (f"older{randint(1, 2)}",),
            "expires_at": lambda: Instant(NOON + randint(0, 10**9)),
            "known_hash": numbered("h", 2),
            "pin_hash": numbered("h", 2),
            "session": numbered("j", 6),
            "up_to": one_of(0, 0, 1, 3),
            "room": room,
            "RefundOrder.lines": lines_back,
            "called_until": lambda: Instant(NOON + randint(0, 10**8)),
            "command": stakes,
            "method": one_of("cash", "card", "zeffy"),
            "ChangeMenuItem.available": lambda: randint(1, 8) > 1,
            "SuspendUser.suspended": lambda: randint(1, 12) == 1,
            "open": lambda: randint(1, 8) > 1,
            "business": lambda: Business(legal_name=choice((None, "", "Sun GmbH")), tax_id="DE 1"),
            "tax_bp": one_of(0, 700, 1_900),
            "age_min": one_of(0, 16, 18),
            "deposit": one_of(0, 0, 200),
            "stock": one_of(5, 100, 1_000),
            "CloseBooks.number": one_of(1, 1, 2, 3),
            "after_seq": one_of(0, 0, 0, 20, 40),
            "up_to_seq": one_of(20, 20, 40, 60),
            "figures": lambda: Figures(sums=Sums(orders=randint(0, 9)), transfers=randint(0, 9)),
            "deleted": lambda: True if randint(1, 6) == 1 else None,
            "people": lambda: tuple(
                PersonRow(
                    line=line,
                    user_id=UserId(f"old{randint(1, 3)}{line}"),
                    name=choice(("Old", "Older")),
                    sign_in=None,
                    new_sign_in=f"old-{line}-{randint(1, 10**9)}",
                    top_up_code=f"OLD-{line}-{randint(1, 10**9)}",
                )
                for line in (2, 3)
            ),
            "balances": lambda: (
                BalanceRow(
                    line=2,
                    user_id=choice((ANNA, BEN)),
                    amount=choice((0, 1, 450)),
                    transfer_id=TransferId(f"import:{randint(1, 9)}"),
                ),
            ),
            "stalls": lambda: (
                StallRow(line=2, vendor_id=VendorId(f"old{randint(1, 3)}"), name=f"Old {randint(1, 4)}", owner_id=BEN),
            ),
            "items": lambda: (
                ItemRow(line=2, item_id=ItemId(f"old{randint(1, 3)}"), vendor_id=SUN, name="Old", price=randint(1, 9)),
            ),
            **dict.fromkeys(
                ("name", "title", "message", "note", "reason", "description", "donor_name", "donor_email"),
                one_of("Anna", "Soup & Söhne", "شکر", "=1+1"),
            ),
        }

    def _known(self, prefix: str) -> str:
        """An id that was made before, of the last ones."""
        newest = max(1, self._made[prefix])
        return f"{prefix}{self._random.randint(max(1, newest - 4), newest)}"


def history(seed: int, length: int) -> list[AnyCommand]:
    """A history of so many commands, the same for the same seed."""
    historian = Historian(seed)
    return [historian.command() for _ in range(length)]
