"""Every field of every command, with everything that it must not be: a 4xx that names the field, never a 5xx."""

import json
import math
import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import msgspec
import pytest

from festival_push.web.routes import ENDPOINTS
from tests.web.world import World

DEEP: Final = json.loads("[" * 200 + "]" * 200)
NEVER: Final = [None, 1.5, -0.0, math.nan, math.inf, -math.inf, 2**63, -(2**63), 10**30, {"a": 1}, [[]], DEEP]
"""What no field of ours can be."""
NEVER_BUT_NULL: Final = [value for value in NEVER if value is not None]
"""The same where null clears a field."""

BAD: Final[dict[str, list[object]]] = {
    "amount": [*NEVER, 0, -1, True, False, "5", "", "1e3", "x" * 10_000, []],
    "minutes": [*NEVER, -1, 241, True, "5", []],
    "counted": [*NEVER, -1, True, "5", 10**12 + 1, []],
    "counted-one": [*NEVER, 0, -1, True, "5", 10**12 + 1, []],
    "seconds": [*NEVER, 0, -1, 29, 86_401, True, "60", []],
    "quantity": [*NEVER, 0, -1, 100, True, "5", []],
    "sign-in": [*NEVER, 0, True, "", " ", "a b", "a\0", "a\n", "\u202e", "é", "x" * 65, []],
    "id": [*NEVER, 0, True, "", " ", "a b", "a\0", "a\n", "\u202e", "é", "x" * 129, "x" * 10_000, []],
    "name": [*NEVER, 0, True, "", " ", "\u200b", "\u115f", "\0", "\n", "\u202e", "x" * 81, "x" * 999, []],
    "note": [*NEVER, 0, True, "x" * 141, "x" * 10_000, "a" + "\u0301" * 50, []],
    "description": [*NEVER, 0, True, "x" * 281, "x" * 10_000, []],
    "title": [*NEVER, 0, True, "x" * 81, "x" * 10_000, []],
    "external": [*NEVER, 0, True, "", " ", "a b", "a\0", "a\n", "\u202e", "é", "x" * 256, "x" * 10_000, []],
    "flag": [*NEVER, 0, 1, "true", "", []],
    "all": [*NEVER, 0, 1, False, "true", "", []],
    "status": [*NEVER, 0, True, "", "lost", "READY", "ready ", "x" * 10_000, []],
    "method": [*NEVER, 0, True, "", "Cash", "a b", "a\n", "x" * 33, "x" * 10_000, []],
    "items": [*NEVER, 0, True, "", "x", [], [None], [1], ["x"]],
    "message": [*NEVER, 0, True, "", " ", "\0", "\n", "\u202e", "x" * 281, "x" * 10_000, []],
    "reason": [*NEVER, 0, True, "", " ", "\0", "\n", "\u202e", "x" * 141, "x" * 10_000, []],
    "iban": [*NEVER, 0, True, "", " ", "x", "cash", "DE89370400440532013001", "x" * 10_000, []],
    "holder": [*NEVER, 0, True, "", " ", "\u202e", "…", "x" * 71, "x" * 999, []],
    "moment": [*NEVER, 0, True, "", "now", "2026-07-06", "2026-07-06T12:00:00", "2026-02-30T12:00:00Z", "x" * 999, []],
    "day": [*NEVER, 0, True, "", "2026-02-30", "2026-7-006", "20260706xx", "x" * 10_000, []],
    "pin": [*NEVER, 0, True, "", "123", "1" * 13, "12345x", "12 456", "x" * 10_000, []],
    "totp": [*NEVER, 0, True, "", "12345", "1234567", "12345x", "12 456", "123456\n", "x" * 10_000, []],
    "signed": [*NEVER, 0, True, "", "x" * 4_097, []],
    "passkey": [*NEVER, 0, True, "", "x", []],
    "room": [*NEVER, 0, True, "", "x", "board-sun", "system", "User-anna", "x" * 10_000, []],
    "ids": [*NEVER, 0, True, "", "x", [], [None], [1], [""], ["a b"], ["x"] * 61],
    "people": [*NEVER, 0, True, "", "x", [], [None], [1], [""], ["a b"], ["x" * 129], ["x"] * 501],
    "index": [*NEVER, -1, 1_000, True, "0", []],
    "code": [*NEVER, 0, True, "", "x" * 41, "x" * 10_000, []],
    "count": [*NEVER, 0, -1, 101, True, "5", []],
    "rate": [*NEVER, -1, 10_001, True, "5", []],
    "age": [*NEVER, -1, 100, True, "5", []],
    "stock": [*NEVER, -1, 1_000_001, True, "5", []],
    "cleared-rate": [*NEVER_BUT_NULL, -1, 10_001, True, "5", []],
    "cleared-age": [*NEVER_BUT_NULL, -1, 100, True, "5", []],
    "cleared-stock": [*NEVER_BUT_NULL, -1, 1_000_001, True, "5", []],
    "cleared-deposit": [*NEVER_BUT_NULL, -1, True, "5", 10**12 + 1, []],
    "short": [*NEVER, 0, True, "x" * 41, "x" * 10_000, []],
    "cleared-name": [*NEVER, 0, True, "x" * 81, "x" * 999, []],
}  # fmt: skip
"""By kind of field; `-0.0` and `1.5` stand for every float, however whole it looks."""


class Command(NamedTuple):
    """One command that takes a body: who gives it, a body that is right, and the kind of each field."""

    method: str
    path: str
    who: str
    body: dict[str, Any]
    kinds: dict[str, str]
    required: frozenset[str]


SAYS: Final = {"taxBp": 1900, "ageMin": 16, "deposit": 200, "stock": 10}
COMMANDS: Final = (
    Command(
        "POST", "/v1/orders", "anna",
        {
            "vendorId": "sun", "expectedTotal": 200, "tip": 0, "expectedDeposit": 0,
            "items": [{"itemId": "ayran", "quantity": 1, "notes": "cold"}],
        },
        {
            "vendorId": "id", "expectedTotal": "amount", "tip": "counted", "expectedDeposit": "counted",
            "items": "items", "items[0].itemId": "id",
            "items[0].quantity": "quantity", "items[0].notes": "note",
        },
        frozenset({"vendorId", "items", "items[0].itemId", "items[0].quantity"}),
    ),
    Command(
        "POST", "/v1/orders/{orderId}/status", "sun",
        {"status": "ready", "estimatedTime": 5, "reason": "x", "from": "preparing"},
        {"status": "status", "estimatedTime": "minutes", "reason": "note", "from": "status"}, frozenset({"status"}),
    ),
    Command("POST", "/v1/orders/{orderId}/cancel", "sun", {"reason": "x"}, {"reason": "note"}, frozenset()),
    Command(
        "POST", "/v1/me/sessions/end-all", "anna", {"keepThis": True}, {"keepThis": "flag"}, frozenset({"keepThis"})
    ),
    Command("POST", "/v1/orders/{orderId}/coming", "anna", {}, {}, frozenset()),
    Command(
        "POST", "/v1/vendors/sun/orders/clear-ready", "sun", {"calledUntil": "2026-07-06T12:00:00Z"},
        {"calledUntil": "moment"}, frozenset(),
    ),
    Command(
        "POST", "/v1/vendors/sun/menu", "sun",
        {"name": "Tea", "description": "", "price": 100, "available": True, **SAYS},
        {
            "name": "name", "description": "description", "price": "amount", "available": "flag", "taxBp": "rate",
            "ageMin": "age", "deposit": "counted", "stock": "stock",
        },
        frozenset({"name", "price"}),
    ),
    Command(
        "PATCH", "/v1/menu/ayran", "sun",
        {"name": "Tea", "description": "", "price": 100, "available": True, **SAYS},
        {
            "name": "name", "description": "description", "price": "amount", "available": "flag",
            "taxBp": "cleared-rate", "ageMin": "cleared-age", "deposit": "cleared-deposit", "stock": "cleared-stock",
        },
        frozenset(),
    ),
    Command(
        "POST", "/v1/vendors/sun/keepers", "sun", {"userId": "ben", "part": "keeper"},
        {"userId": "id", "part": "status"}, frozenset({"userId"}),
    ),
    Command(
        "POST", "/v1/admin/users/ben/cashier", "admin", {"cashier": True}, {"cashier": "flag"}, frozenset({"cashier"})
    ),
    Command("POST", "/v1/vendors/sun/displays", "sun", {"name": "Door"}, {"name": "name"}, frozenset()),
    Command("POST", "/v1/vendors/sun/displays/codes", "sun", {"name": "Door"}, {"name": "name"}, frozenset()),
    Command(
        "POST", "/v1/vendors/sun/displays/pairings/x", "sun", {"accept": True}, {"accept": "flag"},
        frozenset({"accept"}),
    ),
    Command("POST", "/v1/displays/pairings", "sun", {"code": "234567"}, {"code": "code"}, frozenset({"code"})),
    Command(
        "POST", "/v1/admin/top-ups", "admin", {"userId": "anna", "amount": 1, "method": "cash", "note": "x"},
        {"userId": "id", "amount": "amount", "method": "method", "note": "note"},
        frozenset({"userId", "amount", "method"}),
    ),
    Command(
        "POST", "/v1/admin/drawers", "admin", {"name": "Gate 1", "float": 100}, {"name": "name", "float": "counted"},
        frozenset({"name", "float"}),
    ),
    Command(
        "POST", "/v1/admin/drawers/x/cash", "admin", {"direction": "in", "amount": 1, "reason": "x"},
        {"direction": "status", "amount": "counted-one", "reason": "reason"},
        frozenset({"direction", "amount", "reason"}),
    ),
    Command(
        "POST", "/v1/admin/drawers/x/close", "admin", {"counted": 1, "reason": "x"},
        {"counted": "counted", "reason": "note"}, frozenset({"counted"}),
    ),
    Command(
        "POST", "/v1/admin/people/anna/payouts", "admin", {"amount": 1, "reason": "x"},
        {"amount": "counted-one", "reason": "note"}, frozenset({"amount"}),
    ),
    Command(
        "POST", "/v1/admin/people/anna/freeze", "admin", {"reason": "x"}, {"reason": "reason"}, frozenset({"reason"})
    ),
    Command("POST", "/v1/admin/people/anna/unfreeze", "admin", {"reason": "x"}, {"reason": "note"}, frozenset()),
    Command(
        "POST", "/v1/admin/people/anna/move", "admin", {"toUserId": "ben", "reason": "x"},
        {"toUserId": "id", "reason": "reason"}, frozenset({"toUserId", "reason"}),
    ),
    Command("POST", "/v1/admin/people/anna/new-sign-in", "admin", {}, {}, frozenset()),
    Command("POST", "/v1/auth/new-sign-in/read", "anna", {"code": "x"}, {"code": "signed"}, frozenset({"code"})),
    Command(
        "POST", "/v1/auth/new-sign-in", "anna", {"code": "x", "pin": "739146"}, {"code": "signed", "pin": "pin"},
        frozenset({"code", "pin"}),
    ),
    Command(
        "POST", "/v1/admin/people/anna/allowance", "admin", {"amount": 1, "reason": "x"},
        {"amount": "amount", "reason": "reason"}, frozenset({"amount", "reason"}),
    ),
    Command(
        "POST", "/v1/admin/allowances", "admin", {"userIds": ["anna", "ben"], "amount": 1, "reason": "x"},
        {"userIds": "people", "amount": "amount", "reason": "reason"}, frozenset({"userIds", "amount", "reason"}),
    ),
    Command(
        "POST", "/v1/admin/people/anna/allowance/take-back", "admin", {"amount": 1, "reason": "x"},
        {"amount": "amount", "reason": "reason"}, frozenset({"amount", "reason"}),
    ),
    *(
        Command(
            "POST", path, "admin", {"all": True, "reason": "x"}, {"all": "all", "reason": "reason"},
            frozenset({"reason"}),
        )
        for path in (
            "/v1/admin/people/anna/allowance/take-back", "/v1/admin/funds/x/give-back",
            "/v1/admin/transfers/x/reverse", "/v1/orders/{orderId}/refund",
        )
    ),
    Command(
        "POST", "/v1/admin/people/anna/payouts", "admin", {"all": True, "reason": "x"},
        {"all": "all", "reason": "note"}, frozenset(),
    ),
    Command("POST", "/v1/payouts", "anna", {"all": True, "note": "x"}, {"all": "all", "note": "note"}, frozenset()),
    Command("POST", "/v1/donations", "anna", {"all": True}, {"all": "all"}, frozenset()),
    Command(
        "POST", "/v1/orders/{orderId}/refund", "admin", {"lines": [{"index": 0, "quantity": 1}], "reason": "cold"},
        {"lines": "items", "lines[0].index": "index", "lines[0].quantity": "quantity", "reason": "reason"},
        frozenset({"reason", "lines[0].index", "lines[0].quantity"}),
    ),
    Command(
        "POST", "/v1/give-backs", "sun", {"items": [{"itemId": "cup", "quantity": 1}], "expiresIn": 30},
        {"items": "items", "items[0].itemId": "id", "items[0].quantity": "quantity", "expiresIn": "seconds"},
        frozenset({"items[0].itemId", "items[0].quantity"}),
    ),
    Command(
        "POST", "/v1/give-backs", "sun", {"amount": 1, "description": "Cups", "expiresIn": 3_600, "vendorId": "sun"},
        {"amount": "amount", "description": "name", "expiresIn": "seconds", "vendorId": "id"},
        frozenset({"amount", "description"}),
    ),
    Command("POST", "/v1/give-backs/{giveBackId}/claim", "anna", {}, {}, frozenset()),
    Command("POST", "/v1/vendors/sun/z-reports", "sun", {}, {}, frozenset()),
    Command("POST", "/v1/admin/z-reports", "admin", {}, {}, frozenset()),
    Command(
        "POST", "/v1/admin/funds/x/assign", "admin", {"userId": "anna", "amount": 1},
        {"userId": "id", "amount": "amount"}, frozenset({"userId"}),
    ),
    Command(
        "POST", "/v1/admin/funds/x/give-back", "admin", {"amount": 1, "reason": "closed"},
        {"amount": "amount", "reason": "reason"}, frozenset({"amount", "reason"}),
    ),
    Command(
        "POST", "/v1/admin/transfers/x/reverse", "admin", {"amount": 1, "reason": "typo", "acceptLoss": True},
        {"amount": "amount", "reason": "reason", "acceptLoss": "flag"}, frozenset({"amount", "reason"}),
    ),
    Command(
        "POST", "/v1/admin/funds/unread/x/book", "admin", {"amount": 1, "externalId": "p1", "userId": "anna"},
        {"amount": "amount", "externalId": "external", "userId": "id"}, frozenset({"amount"}),
    ),
    Command(
        "POST", "/v1/admin/funds/unread/x/dismiss", "admin", {"reason": "x"}, {"reason": "reason"},
        frozenset({"reason"}),
    ),
    Command(
        "POST", "/v1/orders/{orderId}/messages", "anna", {"message": "Hi"}, {"message": "message"},
        frozenset({"message"}),
    ),
    Command(
        "POST", "/v1/admin/announcements", "admin",
        {"message": "Hi", "title": "Rain", "audience": "all", "priority": "high"},
        {"message": "message", "title": "name", "audience": "status", "priority": "status"},
        frozenset({"message", "audience"}),
    ),
    Command(
        "PATCH", "/v1/admin/announcements/{announcementId}", "admin",
        {"message": "Ho", "title": "Sun", "priority": "low"},
        {"message": "message", "title": "title", "priority": "status"}, frozenset(),
    ),
    Command(
        "POST", "/v1/orders/{orderId}/refund", "admin", {"amount": 1, "reason": "cold"},
        {"amount": "amount", "reason": "reason"}, frozenset({"amount", "reason"}),
    ),
    Command(
        "POST", "/v1/payouts", "anna", {"amount": 1, "note": "x", "account": "wallet", "pin": "739146"},
        {"amount": "amount", "note": "note", "account": "status", "pin": "pin"}, frozenset({"amount"}),
    ),
    Command(
        "POST", "/v1/payouts", "anna",
        {"amount": 1, "iban": "DE89 3704 0044 0532 0130 00", "accountHolder": "Anna", "donateRest": False},
        {"amount": "amount", "iban": "iban", "accountHolder": "holder", "donateRest": "flag"},
        frozenset({"amount", "iban", "accountHolder"}),
    ),
    Command("POST", "/v1/payouts/x/withdraw", "anna", {}, {}, frozenset()),
    Command("POST", "/v1/donations", "anna", {"amount": 1}, {"amount": "amount"}, frozenset({"amount"})),
    Command(
        "POST", "/v1/admin/payout-runs", "admin", {"account": "wallet", "executionDate": "2026-07-06"},
        {"account": "status", "executionDate": "day"}, frozenset(),
    ),
    Command("POST", "/v1/me/erase", "anna", {"pin": "739146"}, {"pin": "pin"}, frozenset()),
    Command(
        "POST", "/v1/admin/people/ben/erase", "admin", {"reason": "asked", "pin": "739146"},
        {"reason": "reason", "pin": "pin"}, frozenset({"reason"}),
    ),
    Command("POST", "/v1/admin/payout-runs/x/sent", "admin", {"pin": "739146"}, {"pin": "pin"}, frozenset()),
    Command("POST", "/v1/admin/payout-runs/x/undo", "admin", {}, {}, frozenset()),
    Command(
        "POST", "/v1/admin/payout-runs/x/payouts/x/remove", "admin", {"reason": "closed"}, {"reason": "reason"},
        frozenset({"reason"}),
    ),
    Command(
        "POST", "/v1/payouts", "sun", {"amount": 1, "account": "till", "vendorId": "sun"},
        {"amount": "amount", "account": "status", "vendorId": "id"}, frozenset({"amount"}),
    ),
    Command(
        "POST", "/v1/payment-requests", "sun",
        {"items": [{"itemId": "ayran", "quantity": 1, "notes": "cold"}], "expiresIn": 30},
        {
            "items": "items", "items[0].itemId": "id", "items[0].quantity": "quantity", "items[0].notes": "note",
            "expiresIn": "seconds",
        },
        frozenset({"items[0].itemId", "items[0].quantity"}),
    ),
    Command(
        "POST", "/v1/payment-requests", "sun",
        {"amount": 1, "description": "Deposit", "expiresIn": 86_400, "vendorId": "sun"},
        {"amount": "amount", "description": "name", "expiresIn": "seconds", "vendorId": "id"},
        frozenset({"amount", "description"}),
    ),
    Command("POST", "/v1/payment-requests/{requestId}/pay", "anna", {}, {}, frozenset()),
    Command("POST", "/v1/payouts/x/complete", "admin", {"pin": "739146"}, {"pin": "pin"}, frozenset()),
    Command("POST", "/v1/admin/confirmations/x/confirm", "admin", {"pin": "739146"}, {"pin": "pin"}, frozenset()),
    Command("POST", "/v1/admin/confirmations/x/refuse", "admin", {"reason": "no"}, {"reason": "note"}, frozenset()),
    Command(
        "POST", "/v1/payouts/x/reject", "admin", {"reason": "closed"}, {"reason": "reason"}, frozenset({"reason"})
    ),
    Command(
        "PATCH", "/v1/vendors/sun", "sun",
        {
            "open": True, "autoAccept": True, "atOnce": False, "name": "Sun", "legalName": "Sun Ltd", "taxId": "1/2",
            "address": "Field 1",
        },
        {
            "open": "flag", "autoAccept": "flag", "atOnce": "flag", "name": "name", "legalName": "cleared-name",
            "taxId": "short", "address": "note",
        },
        frozenset(),
    ),
    Command(
        "POST", "/v1/admin/users", "admin", {"role": "vendor", "name": "Zoe", "pin": "739146", "vendorId": "sun"},
        {"role": "status", "name": "name", "pin": "pin", "vendorId": "id"}, frozenset({"role", "name"}),
    ),
    Command(
        "POST", "/v1/admin/users/ben/role", "admin", {"role": "vendor", "vendorId": "sun"},
        {"role": "status", "vendorId": "id"}, frozenset({"role"}),
    ),
    *(
        Command(
            "POST", f"/v1/me/factors/{what}", "anna", {"pin": "739146"}, {"pin": "pin"},
            frozenset({"pin"}),
        )
        for what in ("totp", "passkeys", "recovery-codes", "none/remove")
    ),
    *(
        Command(
            "POST", f"/v1/me/factors/{what}", "anna", {"totp": "123456"}, {"totp": "totp"}, frozenset(),
        )
        for what in ("totp", "passkeys", "recovery-codes", "none/remove")
    ),
    Command(
        "POST", "/v1/me/factors/totp/confirm", "anna", {"enrolment": "x", "totp": "123456", "name": "Phone"},
        {"enrolment": "signed", "totp": "totp", "name": "name"}, frozenset({"enrolment", "totp"}),
    ),
    Command(
        "POST", "/v1/me/factors/passkeys/confirm", "anna",
        {
            "enrolment": "x", "name": "Stick",
            "passkey": {"id": "x", "response": {"clientDataJSON": "e30", "attestationObject": "x"}},
        },
        {"enrolment": "signed", "passkey": "passkey", "name": "name"}, frozenset({"enrolment", "passkey"}),
    ),
    Command("POST", "/v1/admin/users/anna/factors/reset", "admin", {}, {}, frozenset()),
    Command(
        "POST", "/v1/me/pin", "anna", {"pin": "739146", "newPin": "280951"}, {"pin": "pin", "newPin": "pin"},
        frozenset({"pin", "newPin"}),
    ),
    Command(
        "POST", "/v1/admin/users/ben/pin", "admin", {"pin": "739146", "newSignIn": True},
        {"pin": "pin", "newSignIn": "flag"}, frozenset({"pin"}),
    ),
    Command("POST", "/v1/me/sign-in", "anna", {"signIn": "k7mp"}, {"signIn": "sign-in"}, frozenset()),
    Command("POST", "/v1/admin/users/ben/suspend", "admin", {}, {}, frozenset()),
    Command("POST", "/v1/admin/users/ben/unsuspend", "admin", {}, {}, frozenset()),
    Command("POST", "/v1/rooms/join", "anna", {"room": "user-anna"}, {"room": "room"}, frozenset({"room"})),
    Command("POST", "/v1/rooms/leave", "anna", {"room": "user-anna"}, {"room": "room"}, frozenset({"room"})),
    Command("POST", "/v1/orders/track", "admin", {"orderIds": ["none"]}, {"orderIds": "ids"}, frozenset()),
    Command("POST", "/v1/balance/refresh", "anna", {}, {}, frozenset()),
    Command("POST", "/v1/admin/vendor-codes", "admin", {"count": 1}, {"count": "count"}, frozenset({"count"})),
)  # fmt: skip
ELSEWHERE: Final = (
    "/v1/auth/register", "/v1/auth/log", "/v1/auth/passkey", "/v1/auth/stream-tickets", "/v1/auth/renew",
    "/v1/auth/links", "/v1/webhooks/", "/v1/me/notifications/",
)  # fmt: skip
"""test_auth.py and its neighbours, test_webhooks.py, test_notifications.py"""


def test_every_command_with_a_body_is_here_and_every_field_of_it() -> None:
    wanted = {
        (endpoint.method, endpoint.path): _fields(endpoint.body)
        for endpoint in ENDPOINTS
        if endpoint.method in {"POST", "PATCH", "PUT"} and not endpoint.path.startswith(ELSEWHERE)
    }
    here: dict[tuple[str, str], set[str]] = {}
    for command in COMMANDS:
        assert {path.partition("[")[0] for path in command.kinds} == set(command.body)
        here.setdefault(_route(command), set()).update(command.body)
    assert here == wanted


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: f"{command.method} {command.path}")
async def test_no_field_takes_what_it_must_not_be(world: World, command: Command) -> None:
    path = await _path(world, command)
    before = (await world.services.log.head()).position
    wrong = []
    for field, body in _bad_bodies(command):
        status, problem = await _send(world, command, path, body)
        named = [error["field"] for error in problem.get("errors", ())]
        if status != 400 or not any(name.startswith(field) or field.startswith(f"{name}[") for name in named):
            wrong.append((field, json.dumps(body)[:200], status, problem))
    assert wrong == []
    assert (await world.services.log.head()).position == before  # and nothing happened


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: f"{command.method} {command.path}")
async def test_no_body_that_is_not_json_gets_through(world: World, command: Command) -> None:
    path = await _path(world, command)
    bodies = [
        b"{", b"null", b"[]", b"1", b'"x"', b"\xff\xfe", b"\xef\xbb\xbf", b"[" * 30_000, b'{"a":' * 10_000,
        json.dumps(command.body).encode() + b"}", json.dumps(command.body).encode("utf-16"),
        *(json.dumps(_changed(command.body, field, "\ud800")).encode() for field in command.kinds),
    ]  # fmt: skip
    for body in bodies:
        status, problem = await _send_bytes(world, command, path, body)
        assert (status, problem["code"]) == (400, "invalid-request"), body[:100]
    huge = json.dumps(command.body).encode() + b" " * 2**20
    assert (await _send_bytes(world, command, path, huge))[0] == 413


def test_no_command_takes_an_amount_that_is_left_out_for_another() -> None:
    """Half a request must not ask for more than the whole one."""
    with_amounts = [command for command in COMMANDS if "amount" in command.kinds]
    assert len(with_amounts) > 3
    as_published = ["/v1/admin/funds/x/assign"]  # all that is held
    assert [command.path for command in with_amounts if "amount" not in command.required] == as_published


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: f"{command.method} {command.path}")
async def test_the_examples_are_right_but_for_what_is_changed(world: World, command: Command) -> None:
    """Else the tests above would show nothing."""
    status, problem = await _send(world, command, await _path(world, command), command.body)
    refused = problem.get("what") in {
        "confirmation", "drawer", "funds", "item", "order", "pairing", "payout", "payout-run", "transfer",
    }  # fmt: skip
    refused = refused or problem.get("code") in {
        "insufficient-funds", "wallet-not-empty", "invalid-pairing-code", "not-ready", "wrong-pin", "enrolment-over",
        "no-drawer",
        "wrong-factor", "deposits-exhausted", "no-donations", "nothing-to-pay", "nothing-to-close",
        "invalid-credentials",
    }  # fmt: skip
    assert status in {200, 201, 204} or refused, problem


def _bad_bodies(command: Command) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each field that is wrong, and the whole body around it."""
    for field, kind in command.kinds.items():
        for value in BAD[kind]:
            yield field, _changed(command.body, field, value)
    for field in command.required:
        yield field, _changed(command.body, field, ...)
    for unknown in ("role", "price_", "__proto__", "balance"):
        yield unknown, {**command.body, unknown: 1}
    for lines in {"items", "lines"} & command.kinds.keys():
        yield f"{lines}[0].unitPrice", _changed(command.body, f"{lines}[0].unitPrice", 1)


def _changed(body: dict[str, Any], field: str, value: object) -> dict[str, Any]:
    """A copy with one field changed; `...` leaves it out. `items[0].notes` is as deep as any."""
    copy: dict[str, Any] = json.loads(json.dumps(body))
    first, _, last = field.rpartition(".")
    holder = copy[first.removesuffix("[0]")][0] if first else copy
    if value is ...:
        del holder[last]
    else:
        holder[last] = value
    return copy


async def _path(world: World, command: Command) -> str:
    if "{requestId}" in command.path:
        asked = await world.post("sun", "/v1/payment-requests", {"amount": 1, "description": "x"})
        return command.path.replace("{requestId}", asked.json()["requestId"])
    if "{giveBackId}" in command.path:
        await world.put_deposit("ayran", 200)
        await world.place("anna", "sun", ayran=1)
        offered = await world.post("sun", "/v1/give-backs", {"amount": 1, "description": "x"})
        return command.path.replace("{giveBackId}", offered.json()["giveBackId"])
    if "{announcementId}" in command.path:
        made = await world.post("admin", "/v1/admin/announcements", {"message": "Hi", "audience": "all"})
        return command.path.replace("{announcementId}", made.json()["announcementId"])
    if "{orderId}" not in command.path:
        return command.path
    return command.path.replace("{orderId}", (await world.place("anna", "sun", ayran=1))["orderId"])


async def _send(world: World, command: Command, path: str, body: object) -> tuple[int, dict[str, Any]]:
    return await _send_bytes(world, command, path, json.dumps(body).encode())


async def _send_bytes(world: World, command: Command, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
    headers = world.bearer(command.who) | {"Idempotency-Key": "k", "Content-Type": "application/json"}
    response = await world.http.request(command.method, path, content=body, headers=headers)
    return response.status_code, response.json() if response.content else {}


def _route(command: Command) -> tuple[str, str]:
    """The endpoint that takes a command: of two that could, the one whose path says more."""
    fit = [
        endpoint.path
        for endpoint in ENDPOINTS
        if endpoint.method == command.method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", endpoint.path), command.path)
    ]
    assert fit, command
    return command.method, min(fit, key=lambda path: path.count("{"))


def _fields(body: Any) -> set[str]:
    """The names of a body's fields, as they travel."""
    return {field.encode_name for field in msgspec.structs.fields(body)}
