"""Pairing a screen with a stall: by a code that is typed on the screen, and confirmed on the stall's page."""

from hmac import compare_digest
from typing import Annotated, Final

from msgspec import Meta
from starlette.responses import Response

from festival_push.domain.people.relations import Act, require
from festival_push.domain.refusals import NotFound
from festival_push.domain.stall_rows import Pairing
from festival_push.domain.stalls.pairings import (
    AnswerPairing,
    OfferPairing,
    RequestedPairing,
    RequestPairing,
    is_asked_for,
)
from festival_push.domain.values import DisplayId, PairingId, VendorId, rfc3339
from festival_push.store.writing.answers import Committed
from festival_push.web.api.orders.board_views import display_link
from festival_push.web.api.stalls.pairing_views import (
    AnsweredPairingView,
    PairingCodeView,
    PairingMade,
    PairingView,
    WaitingPairingView,
    waiting_view,
)
from festival_push.web.api.views import Page, only_page
from festival_push.web.identity.principal import bearer_token
from festival_push.web.parsing.addresses import client_address
from festival_push.web.parsing.fields import Body, Name
from festival_push.web.parsing.ids import new_id, new_pairing_code, pairing_code_hash, secret_hash
from festival_push.web.parsing.problems import ProblemError
from festival_push.web.parsing.queries import NoQuery
from festival_push.web.parsing.text import clean_name
from festival_push.web.routing.access import who_may
from festival_push.web.routing.endpoint import ANYONE, HOLDER, Call, Endpoints, json_response

ENDPOINTS: Final = Endpoints()

TRIES_PERIOD_S: Final = 600.0
"""As long as a code works."""
TRIES_PER_ADDRESS_MAX: Final = 30
TRIES_MAX: Final = 600
"""Codes that may be tried in TRIES_PERIOD_S, by everybody together, so that many addresses help nobody to guess.

A budget can be spent at once while it comes back evenly, so that up to 1,200 tries fall into the ten minutes of a code.
There are 31^6 = 887,503,681 codes: one is guessed with a chance of 1 in 740,000. If a festival makes 1,000 codes, and
each is attacked all the time, the chance that any of them is guessed is 0.14 %. Then the stall still has to confirm a
screen, after its own screen was refused; and a screen shows nothing but pickup numbers.
"""

WAITING_MAX: Final = 200  # listed; a stall has a handful

_Code = Annotated[str, Meta(min_length=1, max_length=40, description="Case, dashes and spaces don't matter.")]


class OfferPairingBody(Body, frozen=True, kw_only=True):
    """The name of the display that the screen will be."""

    name: Name = "Display"


class RequestPairingBody(Body, frozen=True, kw_only=True):
    """The code, as somebody has typed it on the screen."""

    code: _Code


class AnswerPairingBody(Body, frozen=True, kw_only=True):
    """Whether the screen may show the stall's board."""

    accept: bool


@ENDPOINTS.post(
    "/v1/vendors/{vendorId}/displays/codes",
    who_may(Act.KEEP_DISPLAYS),
    body=OfferPairingBody,
    answers={201: PairingCodeView},
    refuses=OfferPairing.REFUSES,
)
async def make_pairing_code(call: Call) -> Response:
    """POST /v1/vendors/{vendorId}/displays/codes: 201 with the code, this once; the stall's older one ends."""
    body = await call.body(OfferPairingBody)
    code = new_pairing_code()
    command = OfferPairing(
        actor_id=call.actor_id,
        vendor_id=VendorId(call.id("vendorId")),
        pairing_id=PairingId(new_id()),
        code_hash=_code_hashes(call, code)[0],
        name=clean_name(body.name),
    )

    def view(committed: Committed[Pairing]) -> PairingCodeView:
        pairing = committed.reply
        return PairingCodeView(pairing_id=pairing.pairing_id, code=code, expires_at=rfc3339(pairing.expires_at))

    return await call.run(command, view, status=201)


@ENDPOINTS.post(
    "/v1/displays/pairings",
    ANYONE,
    body=RequestPairingBody,
    answers={202: PairingMade},
    refuses=RequestPairing.REFUSES,
)
async def request_pairing(call: Call) -> Response:
    """POST /v1/displays/pairings: 202, and the stall is asked. A code works once."""
    body = await call.body(RequestPairingBody)
    await _count_try(call)
    secret = new_id()
    code_hash, *older_hashes = _code_hashes(call, body.code)
    command = RequestPairing(code_hash=code_hash, older_hashes=tuple(older_hashes), secret_hash=secret_hash(secret))

    def view(committed: Committed[RequestedPairing]) -> PairingMade:
        pairing = committed.reply.pairing
        return PairingMade(
            pairing_id=pairing.pairing_id,
            secret=secret,
            vendor_id=pairing.vendor_id,
            vendor_name=committed.reply.vendor_name,
            expires_at=rfc3339(pairing.expires_at),
        )

    return await call.run(command, view, status=202)


@ENDPOINTS.get(
    "/v1/vendors/{vendorId}/displays/pairings",
    who_may(Act.KEEP_DISPLAYS),
    query=NoQuery,
    answers={200: Page[WaitingPairingView]},
    refuses=(NotFound,),
)
async def list_pairings(call: Call) -> Response:
    """GET /v1/vendors/{vendorId}/displays/pairings: the newest 200 that wait for the stall's answer."""
    call.query(NoQuery)
    vendor_id = VendorId(call.id("vendorId"))
    require(call.person, Act.KEEP_DISPLAYS, vendor_id=vendor_id, what="vendor")
    found = await call.services.reads.waiting_pairings(vendor_id, now=call.services.now(), limit=WAITING_MAX)
    return json_response(only_page(map(waiting_view, found)))


@ENDPOINTS.post(
    "/v1/vendors/{vendorId}/displays/pairings/{pairingId}",
    who_may(Act.KEEP_DISPLAYS),
    body=AnswerPairingBody,
    answers={200: AnsweredPairingView},
    refuses=AnswerPairing.REFUSES,
)
async def answer_pairing(call: Call) -> Response:
    """POST /v1/vendors/{vendorId}/displays/pairings/{pairingId}: 200. Confirming makes the display."""
    body = await call.body(AnswerPairingBody)
    command = AnswerPairing(
        actor_id=call.actor_id,
        vendor_id=VendorId(call.id("vendorId")),
        pairing_id=PairingId(call.id("pairingId")),
        accept=body.accept,
        display_id=DisplayId(new_id()),
    )

    def view(committed: Committed[Pairing]) -> AnsweredPairingView:
        return AnsweredPairingView(pairing_id=committed.reply.pairing_id, status=committed.reply.status)

    return await call.run(command, view)


@ENDPOINTS.get(
    "/v1/displays/pairings/{pairingId}", HOLDER, query=NoQuery, answers={200: PairingView}, refuses=(NotFound,)
)
async def show_pairing(call: Call) -> Response:
    """GET /v1/displays/pairings/{pairingId}: to the screen that has its secret, until it expires."""
    call.query(NoQuery)
    pairing = await _own_pairing(call)
    view = PairingView(status=pairing.status, vendor_id=pairing.vendor_id)
    if pairing.display_id is not None:  # made anew at each read, because no token is stored
        token, url = display_link(call, pairing.display_id, pairing.vendor_id)
        view = PairingView(status=pairing.status, vendor_id=pairing.vendor_id, token=token, url=url)
    return json_response(view)


async def _own_pairing(call: Call) -> Pairing:
    """Read the pairing in the path. Raises NotFound, also for another secret or none, so that ids can't be probed."""
    secret = bearer_token(call.request.headers.get("authorization"))
    pairing = await call.services.reads.pairing(PairingId(call.id("pairingId")))
    if pairing is None or secret is None or not is_asked_for(pairing, call.services.now()):
        raise NotFound(what="pairing")
    if not compare_digest(pairing.secret_hash or "", secret_hash(secret)):
        raise NotFound(what="pairing")
    return pairing


async def _count_try(call: Call) -> None:
    """Count every try before the code is looked up. Raises ProblemError 429."""
    budgets = {
        f"pairing:{client_address(call.request.scope)}": TRIES_PER_ADDRESS_MAX,
        "pairings": TRIES_MAX,  # last: a try that its own address is refused takes nothing of everybody's
    }
    for key, limit in budgets.items():
        budget = await call.services.limiter.take(key, limit, period_s=TRIES_PERIOD_S)
        if not budget.allowed:
            raise ProblemError(
                429, "rate-limited", "Too many codes were tried; wait a while.",
                headers={"Retry-After": str(budget.retry_after_s)}, retryable=True, retryAfter=budget.retry_after_s,
            )  # fmt: skip


def _code_hashes(call: Call, code: str) -> list[str]:
    """Return the hash to store a code by, and those by which it may have been stored before a secret was replaced."""
    return [pairing_code_hash(code, secret.reveal()) for secret in call.services.settings.auth.jwt_secret]
