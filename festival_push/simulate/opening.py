"""Prepare a simulation: check the organiser, open stalls with menus, register customers, connect all of them."""

import asyncio
import random
import secrets
from collections.abc import Callable, Coroutine
from typing import Any, Final

import httpx2

from festival_push.simulate.festival import Festival, Guest, Stall
from festival_push.simulate.findings import Findings
from festival_push.simulate.http.client import Answer, Client, Person
from festival_push.simulate.http.watch import Watch
from festival_push.simulate.http.wire import Codes, Item, Me, Session
from festival_push.simulate.machine.files import make_room
from festival_push.simulate.model import Model
from festival_push.simulate.plan import Plan, SimulationError

GREETED_S: Final = 30.0
_DISHES: Final = (("Wrap", 750), ("Soup", 450), ("Fries", 400), ("Falafel", 550), ("Salad", 480), ("Cake", 320))
_DRINK: Final = ("Lemonade", 350)
_CUP: Final = 200  # minor units, as a deposit
_STOCK: Final = 12
_RATES_BP: Final = [1900, 700]  # where the festival has settled none
_CONNECTED_AT_ONCE: Final = 100
_CALM_STREAMS: Final = (
    150  # up to so many, all are as restless as one: 20 cuts a second, and 60 deliveries a second for each stall's menu
)
_AT_ONCE: Final = 4  # registrations: for each the server hashes a PIN


async def open_festival(plan: Plan) -> Festival:
    """Open the stalls and register the guests. Raises SimulationError, ServerGone."""
    dice = random.Random(plan.seed)  # noqa: S311 - a plan, no secret
    streams = plan.customers + 2 * plan.stalls + 1
    make_room(streams)
    findings = Findings()
    client = Client(url=plan.url, others=plan.others, findings=findings, dice=dice)
    client.calm = max(1.0, streams / _CALM_STREAMS)
    organiser = Person(user_id="", token=plan.token)
    try:
        me = await _know_organiser(client, organiser)
        organiser.user_id = me.user_id
        festival = Festival(
            plan=plan,
            tag=f"sim-{secrets.token_hex(4)}",
            client=client,
            findings=findings,
            model=Model(organiser=me.user_id),
            organiser=organiser,
            organiser_watch=Watch(client, organiser, random.Random(dice.random())),  # noqa: S311
            currency=me.currency,
            currency_digits=me.currency_digits,
            tax_rates_bp=me.rules.tax_rates_bp or _RATES_BP,
        )
        await _open_stalls(festival)
        await _register_guests(festival)
    except BaseException:
        await client.close()
        raise
    return festival


async def connect_all(festival: Festival, start: Callable[[Coroutine[Any, Any, None]], object]) -> None:
    """Open every stream, some at a time, and wait until each has got its first `connected`.

    Raises SimulationError if some have not within `GREETED_S`.
    """
    followers = festival.followers
    for first in range(0, len(followers), _CONNECTED_AT_ONCE):
        some = followers[first : first + _CONNECTED_AT_ONCE]
        for follower in some:
            start(follower.run())
        try:
            async with asyncio.timeout(GREETED_S):
                await asyncio.gather(*(follower.greeted.wait() for follower in some))
        except TimeoutError:
            raise SimulationError(f"not every stream was greeted within {GREETED_S:g} s") from None


async def _know_organiser(client: Client, organiser: Person) -> Me:
    try:
        await client.http.get("/healthz")  # fails at once, where the patient client would wait for a minute
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise SimulationError(f"{client.url}: {error}") from error
    answer = await client.get("/v1/me", who=organiser)
    if answer.status != 200 or (me := answer.read(Me)).user_type != "admin":
        raise SimulationError(f"{client.url}: the server does not know this organiser ({answer})")
    return me


async def _open_stalls(festival: Festival) -> None:
    body = {"count": festival.plan.stalls}
    codes = (await _post(festival, "/v1/admin/vendor-codes", body, festival.organiser, 201)).read(Codes).codes
    for number, code in enumerate(codes, 1):
        keeper = await register(festival, f"Simulated stall {number}", code)
        me = await festival.client.get("/v1/me", who=keeper)
        require(me, 200, "a keeper's page")
        vendor_id = me.read(Me).stalls[0].vendor_id
        watch = Watch(festival.client, keeper, festival.dice(f"stream of stall {number}"), stall=vendor_id)
        stall = Stall(vendor_id=vendor_id, keeper=keeper, watch=watch, prices={}, at_once=number % 3 == 0)
        await _write_menu(festival, stall, number)
        if stall.at_once or number % 3 == 2:  # the second one accepts by hand
            change = {"atOnce": True} if stall.at_once else {"autoAccept": False}
            set_up = await festival.client.patch(f"/v1/vendors/{vendor_id}", change, who=keeper)
            require(set_up, 200, "stall set up")
        festival.stalls.append(stall)


async def _write_menu(festival: Festival, stall: Stall, number: int) -> None:
    """Write a menu: a drink in a cup with a deposit, and dishes, one of which is counted where all goes at once."""
    dice, rates = festival.dice(f"menu of stall {number}"), festival.tax_rates_bp
    for place, (dish, price) in enumerate([_DRINK, *dice.sample(_DISHES, 3)]):
        body: dict[str, object] = {"name": dish, "price": price + dice.randrange(50)}
        body["taxBp"] = rates[0] if place == 0 else rates[-1]
        if place == 0:
            body["deposit"] = _CUP
        if place == 1 and stall.at_once:
            body["stock"] = _STOCK
        answer = await _post(festival, f"/v1/vendors/{stall.vendor_id}/menu", body, stall.keeper, 201)
        item = answer.read(Item)
        stall.prices[item.item_id], stall.rates[item.item_id] = item.price, rates[0] if place == 0 else rates[-1]
        if "deposit" in body:
            stall.deposits[item.item_id] = _CUP
        if "stock" in body:
            stall.stock[item.item_id] = _STOCK


async def _register_guests(festival: Festival) -> None:
    gate = asyncio.Semaphore(_AT_ONCE)

    async def come(number: int) -> Guest:
        async with gate:
            person = await register(festival, f"Simulated guest {number}")
        return Guest(person=person, watch=Watch(festival.client, person, festival.dice(f"stream of guest {number}")))

    festival.guests += await asyncio.gather(*(come(number) for number in range(1, festival.plan.customers + 1)))


async def register(festival: Festival, name: str, code: str | None = None) -> Person:
    """Register somebody; with an invitation the owner of a new stall. Raises SimulationError, ServerGone."""
    body = {"name": f"{name} ({festival.tag})", "pin": str(secrets.randbelow(10**8) + 10**8)}
    if code is not None:
        body["vendorCode"] = code
    session = (await _post(festival, "/v1/auth/register", body, None, 201)).read(Session)
    return Person(
        user_id=session.user_id, token=session.token, top_up_code=session.top_up_code, pin=body["pin"]
    )  # fmt: skip


async def _post(festival: Festival, path: str, body: object, who: Person | None, status: int) -> Answer:
    answer = await festival.client.post(path, body, who=who)
    require(answer, status, path)
    return answer


def require(answer: Answer, status: int, what: str) -> None:
    """Raise SimulationError for another status."""
    if answer.status != status:
        raise SimulationError(f"{what}: {answer}")
