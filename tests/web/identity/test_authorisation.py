"""Who may call what: every route and every kind of caller, with the status that they must get.

The table is the promise; a route that is not in it fails the test, and so does a column that is missing.
"""

import itertools
import logging
from contextlib import suppress
from typing import Any, Final, NamedTuple

import msgspec
import pytest

from festival_push.domain.desk.drawers import OpenDrawer
from festival_push.domain.money.funds import CreditFunds
from festival_push.domain.money.providers.unread import KeepUnread
from festival_push.domain.office.refusals import DrawerOpen
from festival_push.domain.people.keepers import DismissKeeper
from festival_push.domain.people.rights import MakeCashier
from festival_push.domain.rows import User
from festival_push.domain.values import DrawerId, Instant, Role, TransferId, UnreadId, UserId, VendorId
from festival_push.web.api.pages import PAGES
from festival_push.web.routes import ENDPOINTS
from festival_push.web.routing.endpoint import Access
from tests.support.festival import Put
from tests.support.timing.waiting import until
from tests.web.world import World

CALLERS: Final = (
    "nobody", "anna", "ben", "sun", "kim", "moon", "mona", "admin", "olga", "sam", "cash", "screen of sun",
    "screen of moon",
)  # fmt: skip
"""Anna is the customer and sun the stall of the things below; ben, moon and the other screen are strangers to them.

Others are two things at once, or were something: kim keeps the stall that sun owns; mona keeps moon's and is the
customer of the things herself; olga is an organiser and their customer; sam kept sun's stall and was dismissed; cash
is a cashier.
"""
CUSTOMERS: Final = {"mona": "mona", "olga": "olga"}
"""Whose the things are that these callers ask for, where not anna's."""
PEOPLE: Final = tuple(caller for caller in CALLERS if caller != "nobody" and not caller.startswith("screen"))


class Row(NamedTuple):
    """One route: what is sent, and what each caller gets, in the order of CALLERS."""

    statuses: tuple[int, ...]
    body: Any = None
    query: str = ""


def everyone(status: int, body: Any = None) -> Row:
    return Row((status,) * len(CALLERS), body)


def people(status: int, body: Any = None) -> Row:
    """Every signed-in person, and no screen."""
    return Row((401, *(status,) * len(PEOPLE), 403, 403), body)


def only(others: int, body: Any = None, query: str = "", /, *, nobody: int = 401, **statuses: int) -> Row:
    """These callers get these statuses, and all other people `others`; screens are refused unless they are named."""
    named = {"nobody": nobody, "screen_of_sun": 403, "screen_of_moon": 403, **statuses}
    found = tuple(named.pop(caller.replace(" ", "_"), others) for caller in CALLERS)
    assert not named, named
    return Row(found, body, query)


def organisers(status: int, body: Any = None) -> Row:
    """Organisers alone."""
    return only(403, body, admin=status, olga=status)


def desk(status: int, body: Any = None, *, query: str = "") -> Row:
    """Organisers and cashiers."""
    return only(403, body, query, admin=status, olga=status, cash=status)


def stall(status: int, body: Any = None, **others: int) -> Row:
    """Who keeps the stall, and organisers; who keeps another is not told that it is there."""
    return only(403, body, sun=status, kim=status, admin=status, olga=status, moon=404, mona=404, **others)


def order(status: int, body: Any = None, **others: int) -> Row:
    """The order's customer, who keeps its stall, and organisers."""
    sides = dict.fromkeys(("anna", "sun", "kim", "mona", "admin", "olga"), status)
    return only(404, body, **(sides | others))


OPEN: Final = {Access.ANYONE, Access.SIGNED, Access.HOLDER}
"""Nobody is authenticated here."""
_ANNA: Final = CALLERS.index("anna")
PERSON: Final = {"name": "Zoe", "pin": "739146"}
PASSKEY: Final = {"id": "x", "response": {"clientDataJSON": "e30", "authenticatorData": "x", "signature": "x"}}
NEW_PASSKEY: Final = {"id": "x", "response": {"clientDataJSON": "e30", "attestationObject": "x"}}
LINE: Final = {"itemId": "ayran", "quantity": 1}
BOARD: Final = stall(200, screen_of_sun=200, screen_of_moon=404)

TABLE: Final[dict[tuple[str, str], Row]] = {
    ("POST", "/v1/orders"): people(201, {"vendorId": "sun", "items": [LINE]}),
    ("GET", "/v1/orders"): people(200),
    ("GET", "/v1/orders/{orderId}"): order(200),
    ("GET", "/v1/orders/{orderId}/receipt"): order(200),
    # Mona is the order's customer, who takes none of its stall's steps: that is a 409, as for any other wrong step.
    ("POST", "/v1/orders/{orderId}/status"): only(
        403, {"status": "ready"}, sun=200, kim=200, admin=200, olga=200, moon=404, mona=409
    ),
    ("POST", "/v1/orders/{orderId}/cancel"): order(200, {"reason": "rain"}),
    # It is not ready yet, so not even its customer can come for it: that is a 409, not a 404.
    ("POST", "/v1/orders/{orderId}/coming"): only(404, {}, anna=409, mona=409, olga=409, sun=403, kim=403, admin=403),
    ("GET", "/v1/stream"): people(200),
    ("GET", "/v1/events"): people(200),
    ("GET", "/v1/me"): people(200),
    ("GET", "/v1/me/qr.svg"): people(200),
    ("GET", "/v1/me/transactions"): people(200),
    # Anna's top-up; to everybody else, organisers too, it is no transaction of theirs.
    ("GET", "/v1/me/transactions/{transactionId}/receipt"): only(404, anna=200),
    ("GET", "/v1/me/notifications"): people(200),
    ("POST", "/v1/me/notifications/read"): people(200, {"upTo": 1}),
    ("POST", "/v1/me/pin"): Row((401, *(403,) * 12), {"pin": "739146", "newPin": "280951"}),
    ("POST", "/v1/me/sign-in"): people(200, {}),  # nobody here has a PIN
    ("POST", "/v1/rooms/join"): order(200, {"room": "order-{orderId}"}),
    ("POST", "/v1/rooms/leave"): people(200, {"room": "order-{orderId}"}),
    ("POST", "/v1/orders/track"): people(200, {}),
    ("POST", "/v1/balance/refresh"): people(200, {}),
    ("GET", "/v1/vendors"): people(200),
    ("GET", "/v1/vendors/{vendorId}/menu"): people(200),
    ("POST", "/v1/vendors/{vendorId}/menu"): stall(201, {"name": "Tea", "price": 100}),
    ("PATCH", "/v1/menu/{itemId}"): stall(200, {"price": 700}),
    ("DELETE", "/v1/menu/{itemId}"): stall(204),
    ("POST", "/v1/vendors/{vendorId}/displays"): stall(201, {}),
    ("GET", "/v1/vendors/{vendorId}/displays"): stall(200),
    ("DELETE", "/v1/displays/{displayId}"): stall(204),
    ("POST", "/v1/vendors/{vendorId}/displays/codes"): stall(201, {}),
    ("GET", "/v1/vendors/{vendorId}/displays/pairings"): stall(200),
    ("POST", "/v1/vendors/{vendorId}/displays/pairings/{pairingId}"): stall(200, {"accept": True}),
    ("POST", "/v1/displays/pairings"): everyone(404, {"code": "234567"}),  # whoever it is: the code counts
    ("GET", "/v1/displays/pairings/{pairingId}"): everyone(404),  # nobody has its secret but the screen
    ("GET", "/v1/boards/{vendorId}"): BOARD,
    ("GET", "/v1/boards/{vendorId}/stream"): BOARD,
    ("POST", "/v1/webhooks/funds/{provider}"): everyone(401, {"id": "p"}),  # whoever it is: the signature counts
    ("POST", "/v1/auth/register"): everyone(201, PERSON),
    ("POST", "/v1/auth/login"): everyone(401, {"userId": "anna", "pin": "739146"}),  # nobody here has a PIN
    ("POST", "/v1/auth/login/factor"): everyone(401, {"challenge": "made-up", "totp": "123456"}),
    ("POST", "/v1/auth/passkey/options"): everyone(200, {}),
    ("POST", "/v1/auth/passkey"): everyone(401, {"challenge": "made-up", "passkey": PASSKEY}),
    ("GET", "/v1/me/factors"): people(200),
    # Nobody here has a PIN to give again, nor a factor that could be removed.
    ("POST", "/v1/me/factors/totp"): Row((401, *(403,) * 12), {"pin": "739146"}),
    ("POST", "/v1/me/factors/totp/confirm"): people(409, {"enrolment": "x", "totp": "123456"}),
    ("POST", "/v1/me/factors/passkeys"): Row((401, *(403,) * 12), {"pin": "739146"}),
    ("POST", "/v1/me/factors/passkeys/confirm"): people(409, {"enrolment": "x", "passkey": NEW_PASSKEY}),
    ("POST", "/v1/me/factors/{factorId}/remove"): Row((401, *(403,) * 12), {"pin": "739146"}),
    ("POST", "/v1/me/factors/recovery-codes"): Row((401, *(403,) * 12), {"pin": "739146"}),
    ("POST", "/v1/auth/logout"): everyone(204, {}),
    ("POST", "/v1/auth/renew"): people(409, {}),  # their tokens are of before sessions were kept
    ("GET", "/v1/me/sessions"): people(200),
    ("DELETE", "/v1/me/sessions/{sessionId}"): only(404, anna=204, mona=204, olga=204),
    ("POST", "/v1/me/sessions/end-all"): people(200, {"keepThis": True}),
    ("POST", "/v1/auth/links/read"): everyone(401, {"link": "x"}),  # whoever it is: the link counts
    ("POST", "/v1/auth/links"): everyone(401, {"link": "x"}),
    ("POST", "/v1/auth/stream-tickets"): Row((401, *(201,) * 12), {}),
    ("GET", "/v1/orders/{orderId}/messages"): order(200),
    ("POST", "/v1/orders/{orderId}/messages"): order(201, {"message": "Hi"}),
    ("POST", "/v1/admin/announcements"): organisers(201, {"message": "Hi", "audience": "all"}),
    ("GET", "/v1/admin/announcements"): organisers(200),
    ("PATCH", "/v1/admin/announcements/{announcementId}"): organisers(200, {"message": "Ho"}),
    ("DELETE", "/v1/admin/announcements/{announcementId}"): organisers(204),
    ("GET", "/v1/announcements"): Row((401, *(200,) * 12)),
    # Of another stall's order who keeps a stall is told nothing; of their own at it they know that it is there.
    ("POST", "/v1/orders/{orderId}/refund"): only(
        403, {"amount": 1, "reason": "cold"}, sun=200, kim=200, admin=200, olga=200, moon=404, mona=403
    ),
    ("POST", "/v1/vendors/{vendorId}/orders/clear-ready"): stall(200, {}),
    # Who keeps a stall means its till, which only its owner may empty.
    ("POST", "/v1/payouts"): only(201, {"amount": 1}, kim=403, mona=403),
    ("GET", "/v1/me/payouts"): people(200),
    ("GET", "/v1/payouts"): organisers(200),
    ("GET", "/v1/payouts/terms"): people(200),
    ("POST", "/v1/payouts/{payoutId}/withdraw"): only(404, {}, anna=200, admin=403, olga=403),
    ("POST", "/v1/donations"): people(409, {"amount": 1}),  # nothing can be donated here
    ("POST", "/v1/admin/payout-runs"): organisers(201, {}),
    ("GET", "/v1/admin/payout-runs"): organisers(200),
    ("GET", "/v1/admin/payout-runs/{runId}"): organisers(200),
    ("GET", "/v1/admin/payout-runs/{runId}/sepa.xml"): organisers(409),  # nobody has said who pays
    ("GET", "/v1/admin/payout-runs/{runId}.csv"): organisers(200),
    ("POST", "/v1/admin/payout-runs/{runId}/sent"): organisers(200, {}),
    ("POST", "/v1/admin/payout-runs/{runId}/undo"): organisers(200, {}),
    ("POST", "/v1/admin/payout-runs/{runId}/payouts/{payoutId}/remove"): organisers(200, {"reason": "closed"}),
    ("POST", "/v1/payouts/{payoutId}/complete"): organisers(200, {}),
    ("POST", "/v1/payouts/{payoutId}/reject"): organisers(200, {"reason": "closed"}),
    ("GET", "/v1/admin/transactions"): organisers(200),
    ("GET", "/v1/admin/deeds"): organisers(200),
    ("GET", "/v1/admin/deeds.csv"): organisers(200),
    ("GET", "/v1/admin/confirmations"): organisers(200),
    ("POST", "/v1/admin/confirmations/{confirmationId}/confirm"): organisers(200, {}),
    ("POST", "/v1/admin/confirmations/{confirmationId}/refuse"): organisers(200, {}),
    ("GET", "/v1/admin/vendors/{vendorId}/settlement"): organisers(200),
    ("GET", "/v1/admin/vendors/{vendorId}/settlement.csv"): organisers(200),
    ("GET", "/v1/vendors/{vendorId}/takings"): stall(200),
    ("GET", "/v1/vendors/{vendorId}/reports"): stall(200),
    ("GET", "/v1/vendors/{vendorId}/reports.csv"): stall(200),
    ("GET", "/v1/vendors/{vendorId}/x-report"): stall(200),
    ("GET", "/v1/vendors/{vendorId}/z-reports"): stall(200),
    ("GET", "/v1/vendors/{vendorId}/z-reports/{number}"): stall(200),
    # Only an owner closes the books; mona owns nothing, and moon is not told that the stall is there.
    ("POST", "/v1/vendors/{vendorId}/z-reports"): only(403, {}, sun=201, admin=201, olga=201, moon=404),
    ("GET", "/v1/admin/reports"): organisers(200),
    ("GET", "/v1/admin/reports.csv"): organisers(200),
    ("GET", "/v1/admin/settlements.csv"): organisers(200),
    ("GET", "/v1/admin/x-report"): organisers(200),
    ("GET", "/v1/admin/z-reports"): organisers(200),
    ("GET", "/v1/admin/z-reports/{number}"): organisers(200),
    ("POST", "/v1/admin/z-reports"): organisers(201, {}),
    ("PATCH", "/v1/vendors/{vendorId}"): stall(200, {"autoAccept": False}),
    ("GET", "/v1/vendors/{vendorId}/keepers"): stall(200),
    # Only an owner appoints; mona owns nothing, and moon is not told that the stall is there.
    ("POST", "/v1/vendors/{vendorId}/keepers"): only(403, {"userId": "ben"}, sun=201, admin=201, olga=201, moon=404),
    # Anybody may go, so everybody may ask.
    ("DELETE", "/v1/vendors/{vendorId}/keepers/{userId}"): only(404, sun=204, kim=403, admin=204, olga=204),
    ("GET", "/v1/admin/overview"): organisers(200),
    ("GET", "/v1/admin/connections"): organisers(200),
    ("GET", "/v1/admin/users"): desk(200, query="search=a"),
    ("GET", "/v1/admin/people"): desk(200, query="find=a"),
    ("GET", "/v1/admin/people/{userId}"): desk(200),
    ("GET", "/v1/admin/people/{userId}/transactions"): desk(200),
    ("GET", "/v1/me/export"): people(200),
    ("POST", "/v1/me/erase"): people(409, {}),
    ("GET", "/v1/admin/people/{userId}/export"): organisers(200),
    ("POST", "/v1/admin/people/{userId}/erase"): organisers(200, {"reason": "asked"}),
    ("POST", "/v1/admin/people/{userId}/freeze"): desk(200, {"reason": "lost"}),
    ("POST", "/v1/admin/people/{userId}/unfreeze"): desk(200, {}),
    ("POST", "/v1/admin/people/{userId}/move"): desk(200, {"toUserId": "eve", "reason": "lost"}),
    ("POST", "/v1/admin/people/{userId}/new-sign-in"): desk(201, {}),
    ("POST", "/v1/auth/new-sign-in/read"): everyone(401, {"code": "x"}),  # whoever it is: the code counts
    ("POST", "/v1/auth/new-sign-in"): everyone(401, {"code": "x", "pin": "739146"}),
    ("POST", "/v1/admin/users"): organisers(201, {"role": "customer", "name": "Zoe"}),
    ("POST", "/v1/admin/users/{userId}/suspend"): organisers(200, {}),
    ("POST", "/v1/admin/users/{userId}/unsuspend"): organisers(200, {}),
    ("POST", "/v1/admin/users/{userId}/pin"): organisers(200, {"pin": "739146"}),
    ("POST", "/v1/admin/users/{userId}/factors/reset"): organisers(204, {}),
    ("POST", "/v1/admin/users/{userId}/role"): organisers(200, {"role": "admin"}),
    ("POST", "/v1/admin/users/{userId}/cashier"): organisers(200, {"cashier": True}),
    ("POST", "/v1/admin/top-ups"): desk(201, {"userId": "anna", "amount": 1, "method": "card"}),
    ("GET", "/v1/admin/funds/held"): organisers(200),
    ("GET", "/v1/admin/funds/unread"): organisers(200),
    ("GET", "/v1/admin/funds/claims"): organisers(200),
    ("POST", "/v1/admin/funds/unread/{unreadId}/book"): organisers(200, {"amount": 1}),
    ("POST", "/v1/admin/funds/unread/{unreadId}/dismiss"): organisers(200, {"reason": "x"}),
    ("POST", "/v1/admin/funds/{fundsId}/assign"): organisers(200, {"userId": "anna"}),
    ("POST", "/v1/admin/funds/{fundsId}/give-back"): organisers(200, {"amount": 1, "reason": "closed"}),
    # A cashier takes back their own bookings: those of others they can't find.
    ("POST", "/v1/admin/transfers/{transactionId}/reverse"): only(
        403, {"amount": 1, "reason": "typo"}, admin=201, olga=201, cash=404
    ),
    ("POST", "/v1/admin/drawers"): desk(201, {"name": "Gate 1", "float": 100}),
    ("GET", "/v1/admin/drawers"): desk(200),
    # The drawer is another organiser's.
    ("GET", "/v1/admin/drawers/{drawerId}"): only(403, admin=200, olga=200, cash=404),
    ("GET", "/v1/admin/drawers/{drawerId}/movements"): only(403, admin=200, olga=200, cash=404),
    ("POST", "/v1/admin/drawers/{drawerId}/cash"): only(
        403, {"direction": "in", "amount": 5, "reason": "coins"}, admin=201, olga=201, cash=404
    ),
    ("POST", "/v1/admin/drawers/{drawerId}/close"): only(
        403, {"counted": 7, "reason": "x"}, admin=200, olga=200, cash=404
    ),
    ("POST", "/v1/admin/people/{userId}/payouts"): desk(201, {"amount": 1}),
    ("POST", "/v1/admin/vendor-codes"): organisers(201, {"count": 1}),
    ("GET", "/v1/menu/{itemId}/qr.svg"): stall(200),
    ("GET", "/v1/menu/{itemId}/qr.png"): stall(200),
    ("POST", "/v1/payment-requests"): only(
        403, {"amount": 1, "description": "x"}, sun=201, kim=201, moon=201, mona=201
    ),
    # Anybody may have scanned it.
    ("GET", "/v1/payment-requests/{requestId}"): people(200),
    ("GET", "/v1/payment-requests/{requestId}/qr.svg"): people(200),
    ("POST", "/v1/payment-requests/{requestId}/pay"): people(201, {}),
    ("POST", "/v1/give-backs"): only(403, {"amount": 1, "description": "Cup"}, sun=201, kim=201, moon=201, mona=201),
    ("GET", "/v1/give-backs/{giveBackId}"): people(200),
    ("GET", "/v1/give-backs/{giveBackId}/qr.svg"): people(200),
    ("POST", "/v1/give-backs/{giveBackId}/claim"): people(200, {}),
    ("POST", "/v1/admin/people/{userId}/allowance"): organisers(201, {"amount": 1, "reason": "crew"}),
    ("POST", "/v1/admin/people/{userId}/allowance/take-back"): organisers(200, {"all": True, "reason": "over"}),
    ("POST", "/v1/admin/allowances"): organisers(201, {"userIds": ["anna"], "amount": 1, "reason": "crew"}),
    ("GET", "/healthz"): everyone(200),
    # Asked under the public name: test_operator.py has who may see more, and the operator's listener.
    ("GET", "/readyz"): everyone(200),
    ("GET", "/metrics"): everyone(404),
    ("GET", "/v1/openapi.json"): everyone(200),
    ("GET", "/v1/asyncapi.json"): everyone(200),
    ("GET", "/"): everyone(200),
    **{("GET", f"/{page}/"): everyone(200) for page in PAGES},
    **{("GET", f"/{page}"): everyone(308) for page in PAGES},
    ("GET", "/static/{path:path}"): everyone(200),
}


@pytest.fixture
async def world(world: World) -> World:
    """The world with people who are two things at once, and money for everybody."""
    await world.add("olga", Role.ADMIN)
    for user_id in ("kim", "mona", "sam", "cash", "eve"):
        await world.add(user_id)
    await world.appoint("kim", "sun")
    await world.appoint("mona", "moon")
    await world.appoint("sam", "sun")
    await world.services.committer.submit(
        DismissKeeper(actor_id=UserId("sun"), vendor_id=VendorId("sun"), user_id=UserId("sam"))
    )
    made = MakeCashier(actor_id=UserId("admin"), user_id=UserId("cash"), cashier=True)
    cashier = (await world.services.committer.submit(made)).reply.user
    settled = msgspec.structs.replace(cashier, rights_at=Instant(0))  # long ago: what they ask for may be confirmed
    await world.services.committer.submit(Put((settled,)))
    for user_id in PEOPLE:
        await world.top_up(user_id, 5_000)
    return world


async def _fill(world: World, path: str, number: int, customer: str) -> str:
    """The path with fresh things in it, all of them sun's and this customer's; used up by nobody before."""
    if "{orderId}" in path:
        path = path.replace("{orderId}", (await world.place(customer, "sun", ayran=1))["orderId"])
    if "{itemId}" in path:
        await world.add_item("sun", f"item-{number}", 100)
        path = path.replace("{itemId}", f"item-{number}")
    if "{displayId}" in path:
        display = (await world.post("sun", "/v1/vendors/sun/displays", {})).json()
        path = path.replace("{displayId}", display["displayId"])
    if "{pairingId}" in path:
        code = (await world.post("sun", "/v1/vendors/sun/displays/codes", {})).json()["code"]
        pairing = (await world.post(None, "/v1/displays/pairings", {"code": code})).json()
        path = path.replace("{pairingId}", pairing["pairingId"])
    if path.endswith("/z-reports/{number}"):  # there has to be one
        await world.place("anna", "sun", ayran=1)
        await world.post("admin", path.removesuffix("/{number}").replace("{vendorId}", "sun"), {})
        path = path.replace("{number}", "1")
    elif path.endswith("/z-reports"):  # something has to have moved since the last one
        await world.place("anna", "sun", ayran=1)
    if "{sessionId}" in path:
        issued = await world.services.issuing.begin(await _user(world, customer), device="Firefox")
        path = path.replace("{sessionId}", issued.jti)
    if "/v1/give-backs" in path:
        path = path.replace("{giveBackId}", await _offer_back(world, number))
    path = await _fill_office(world, await _fill_desk(world, path, number), number)
    if path == "/v1/payouts" and number == 0:  # a till has nothing until something is sold and handed out
        await world.hand_out(await world.place("anna", "sun", ayran=1))
        await world.hand_out(await world.place("anna", "moon", beer=1))
    path = path.replace("{vendorId}", "sun").replace("{provider}", "zeffy").replace("{path:path}", "icon.svg")
    path = path.replace("{factorId}", "none")
    assert "{" not in path, path
    return path


async def _offer_back(world: World, number: int) -> str:
    """A deposit that sun gives back; somebody has paid it."""
    await world.add_item("sun", f"cup-{number}", 1)
    await world.change_item(f"cup-{number}", deposit=2)
    await world.place("olga", "sun", **{f"cup-{number}": 1})
    offered = await world.post("sun", "/v1/give-backs", {"amount": 1, "description": "Cup"})
    give_back_id: str = offered.json()["giveBackId"]
    return give_back_id


async def _fill_desk(world: World, path: str, number: int) -> str:
    """The path with what the desk handles in it."""
    if "{drawerId}" in path:
        await world.add(f"desk-{number}", Role.ADMIN)
        await world.services.committer.submit(_drawer_of(f"desk-{number}", f"k{number}"))
        path = path.replace("{drawerId}", f"k{number}")
    if path.endswith("/people/{userId}/payouts"):
        for user_id in ("admin", "olga", "cash"):
            with suppress(DrawerOpen):
                await world.services.committer.submit(_drawer_of(user_id, f"of-{user_id}"))
        await world.add(f"user-{number}", balance=5)
        path = path.replace("{userId}", f"user-{number}")
    return path


async def _fill_office(world: World, path: str, number: int) -> str:
    """The path with what the office handles in it."""
    if "{announcementId}" in path:
        made = await world.post("admin", "/v1/admin/announcements", {"message": "Hi", "audience": "all"})
        path = path.replace("{announcementId}", made.json()["announcementId"])
    if "{fundsId}" in path:
        held = CreditFunds(provider="zeffy", external_id=f"p{number}", amount=1, transfer_id=TransferId(f"t{number}"))
        await world.services.committer.submit(held)
        newest = (await world.get("admin", "/v1/admin/funds/held")).json()["items"]
        path = path.replace("{fundsId}", next(each["fundsId"] for each in newest if each["externalId"] == f"p{number}"))
    if "{unreadId}" in path:
        key = UnreadId(f"u{number}")
        unread = KeepUnread(
            provider="zeffy", unread_id=key, external_id=key, meaning="paid", field="amount", detail="x", body="{}"
        )
        await world.services.committer.submit(unread)
        path = path.replace("{unreadId}", key)
    if "{transactionId}" in path:
        topped = await world.post("admin", "/v1/admin/top-ups", {"userId": "anna", "amount": 1, "method": "cash"})
        path = path.replace("{transactionId}", topped.json()["transactionId"])
    if "{userId}" in path:
        await world.add(f"user-{number}")
        if "/keepers/" in path:
            await world.appoint(f"user-{number}", "sun")
        path = path.replace("{userId}", f"user-{number}")
        if path.endswith("/allowance/take-back"):
            await world.post("admin", path.removesuffix("/take-back"), {"amount": 1, "reason": "crew"})
    if "{confirmationId}" in path:
        path = path.replace("{confirmationId}", await world.keep_for_second("cash", f"c{number}"))
    if "{requestId}" in path:
        asked = await world.post("sun", "/v1/payment-requests", {"amount": 1, "description": "x"})
        path = path.replace("{requestId}", asked.json()["requestId"])
    if "{payoutId}" in path or "/payout-runs" in path:
        wish = {"amount": 1, "account": "wallet", "iban": "DE89370400440532013000", "accountHolder": "Anna"}
        asker = "anna" if path.endswith("/withdraw") and number == _ANNA else f"asker-{number}-{len(path)}"
        if asker != "anna":
            await world.add(asker, balance=1)
        asked = await world.post(asker, "/v1/payouts", wish)
        path = path.replace("{payoutId}", asked.json()["payout"]["payoutId"])
    if "{runId}" in path:
        run = await world.post("admin", "/v1/admin/payout-runs", {})
        path = path.replace("{runId}", run.json()["run"]["runId"])
    return path


def _drawer_of(user_id: str, drawer_id: str) -> OpenDrawer:
    return OpenDrawer(actor_id=UserId(user_id), drawer_id=DrawerId(drawer_id), name="Gate 1", float_amount=100)


async def _user(world: World, user_id: str) -> User:
    person = await world.services.reads.person(UserId(user_id))
    assert person is not None
    return person.user


async def _headers(world: World, caller: str) -> dict[str, str]:
    if caller == "nobody":
        return {}
    if caller.startswith("screen of "):
        stall = caller.removeprefix("screen of ")
        display = (await world.post(stall, f"/v1/vendors/{stall}/displays", {})).json()
        return {"Authorization": f"Bearer {display['token']}"}
    return world.bearer(caller)


async def _status(world: World, method: str, path: str, headers: dict[str, str], row: Row) -> int:
    if path.endswith("/stream"):
        async with world.follow(path, headers) as stream:
            await until(lambda: stream.frames or stream.is_over)
            return stream.status
    keyed = headers | {"Idempotency-Key": "k"}
    return (
        await world.http.request(method, f"{path}?{row.query}" if row.query else path, headers=keyed, json=row.body)
    ).status_code


def test_the_table_names_every_route_and_no_other() -> None:
    assert {(endpoint.method, endpoint.path) for endpoint in ENDPOINTS} == set(TABLE)
    assert {len(row.statuses) for row in TABLE.values()} == {len(CALLERS)}


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: f"{endpoint.method} {endpoint.path}")
async def test_each_caller_gets_what_the_table_says(world: World, endpoint: Any) -> None:
    row = TABLE[endpoint.method, endpoint.path]
    found = {}
    for number, caller in enumerate(CALLERS):
        customer = CUSTOMERS.get(caller, "anna")
        path, asked = await _fill(world, endpoint.path, number, customer), row
        if endpoint.path == "/v1/auth/login":  # each has a few tries
            asked = row._replace(body=row.body | {"userId": f"caller-{number}"})
        if isinstance(row.body, dict) and "room" in row.body:
            asked = row._replace(body={"room": await _fill(world, row.body["room"], number, customer)})
        before = await _user(world, caller) if caller in PEOPLE else None
        found[caller] = await _status(world, endpoint.method, path, await _headers(world, caller), asked)
        if endpoint.path.endswith("/end-all") and before is not None:  # their tokens shall be good for the next callers
            await world.services.committer.submit(Put(rows=(before,)))
    assert found == dict(zip(CALLERS, row.statuses, strict=True))


def test_a_cashier_may_do_what_a_guest_may_and_what_the_desk_does() -> None:
    """By the table, which is asked of the server above: nothing else is answered otherwise than to a guest."""
    guest, cashier = CALLERS.index("ben"), CALLERS.index("cash")
    more = {route for route, row in TABLE.items() if row.statuses[cashier] != row.statuses[guest]}
    assert more == {
        ("GET", "/v1/admin/users"),  # looks a guest up
        ("POST", "/v1/admin/top-ups"),
        ("GET", "/v1/admin/people"),  # the same, and the guest's card
        ("GET", "/v1/admin/people/{userId}"),
        ("GET", "/v1/admin/people/{userId}/transactions"),
        ("POST", "/v1/admin/people/{userId}/freeze"),
        ("POST", "/v1/admin/people/{userId}/unfreeze"),
        ("POST", "/v1/admin/people/{userId}/move"),
        ("POST", "/v1/admin/people/{userId}/new-sign-in"),
        ("POST", "/v1/admin/people/{userId}/payouts"),
        ("POST", "/v1/admin/transfers/{transactionId}/reverse"),  # their own bookings
        *(route for route in TABLE if route[1].startswith("/v1/admin/drawers")),  # their own
        ("GET", "/v1/admin/people"),
        ("GET", "/v1/admin/people/{userId}"),
        ("GET", "/v1/admin/people/{userId}/transactions"),
        ("POST", "/v1/admin/people/{userId}/freeze"),  # guests alone, as the three below
        ("POST", "/v1/admin/people/{userId}/unfreeze"),
        ("POST", "/v1/admin/people/{userId}/move"),
        ("POST", "/v1/admin/people/{userId}/new-sign-in"),
    }


async def test_a_token_for_nobody_opens_nothing(world: World) -> None:
    for endpoint in ENDPOINTS:
        if endpoint.access & OPEN:
            continue
        path = endpoint.path.replace("{", "").replace("}", "")
        status = await _status(world, endpoint.method, path, world.bearer("stranger"), TABLE[endpoint[:2]])
        assert status == 401, endpoint


async def test_a_suspended_person_gets_nowhere(world: World) -> None:
    anna = await world.services.reads.person(UserId("anna"))
    assert anna is not None
    await world.services.committer.submit(Put(rows=(msgspec.structs.replace(anna.user, suspended=True),)))
    for endpoint in ENDPOINTS:
        if not endpoint.access & OPEN:
            path = endpoint.path.replace("{", "").replace("}", "")
            status = await _status(world, endpoint.method, path, world.bearer("anna"), TABLE[endpoint[:2]])
            assert status == 403, endpoint


async def test_nobody_is_shown_what_another_signs_in_with(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """In no answer of any route, no stream, no event of the log, and no line that is logged."""
    caplog.set_level(logging.INFO)
    names = {}
    for number, user_id in enumerate(PEOPLE):
        renewed = await world.post(user_id, "/v1/me/sign-in", {"signIn": f"zq7x-{number}w-secret"})
        names[user_id] = renewed.json()["signIn"]
    assert (await world.get("anna", "/v1/me")).json()["signIn"] == names["anna"]

    def seen_in(text: str, *, but: str) -> list[str]:
        plain = text.lower().replace("-", "")
        return [user_id for user_id, name in names.items() if user_id != but and name.replace("-", "") in plain]

    for user_id in ("anna", "ben"):
        await world.top_up(user_id, 100_000)
    numbers = itertools.count(1)
    for endpoint in ENDPOINTS:
        if endpoint.path == "/v1/me/sessions/end-all":
            continue  # it ends the sessions by which the rest is asked
        for caller in ("admin", "sun", "cash", "anna"):
            row = TABLE[endpoint.method, endpoint.path]
            path = await _fill(world, endpoint.path, next(numbers), "anna")
            headers = world.bearer(caller) | {"Idempotency-Key": "k"}
            if path.endswith("/stream"):
                async with world.follow(path, headers) as stream:
                    assert stream.frames or stream.is_over
                    text = stream.body.decode()
            else:
                answer = await world.http.request(
                    endpoint.method, f"{path}?{row.query}", headers=headers, json=row.body
                )
                text = f"{answer.headers} {answer.content!r}"
            assert seen_in(text, but=caller) == [], endpoint
    world.http.cookies.clear()
    log = await world.services.log.read_range(0, 100_000)
    assert log
    assert seen_in(" ".join(row.data for row in log), but="") == []
    assert seen_in(caplog.text, but="") == []


async def test_no_answer_to_a_cashier_holds_what_others_sign_in_by(world: World) -> None:
    """Neither a sign-in name, nor the hash of a PIN, nor the id of a session: of any route, with a guest's things."""
    secrets = {}
    for number, user_id in enumerate(PEOPLE):
        user = await _user(world, user_id)
        name = f"zq7x{number}wsecret"
        changed = msgspec.structs.replace(
            user, sign_in=name, sign_in_key=name, pin_hash=f"$argon2id$secret{number}$", pin_digits=6
        )
        await world.services.committer.submit(Put(rows=(changed,)))
        session = await world.services.issuing.begin(changed, device="Firefox")
        secrets[user_id] = (name, f"$argon2id$secret{number}$", session.jti)
    fresh = await world.services.issuing.begin(await _user(world, "cash"), device="Desk")
    headers = {"Authorization": f"Bearer {fresh.token}"}
    numbers = itertools.count(1)
    for endpoint in ENDPOINTS:
        if endpoint.stream or endpoint.path in {"/v1/me/sessions/end-all", "/v1/events"}:
            continue
        row = TABLE[endpoint.method, endpoint.path]
        path = await _fill(world, endpoint.path.replace("people/{userId}", "people/anna"), next(numbers), "anna")
        sent = f"{path}?{row.query}" if row.query else path
        answer = await world.http.request(
            endpoint.method, sent, headers=headers | {"Idempotency-Key": "k"}, json=row.body
        )
        text = f"{answer.headers} {answer.text}"
        found = [user_id for user_id, kept in secrets.items() if user_id != "cash" and any(one in text for one in kept)]
        assert found == [], endpoint
