"""The PIN again, before money leaves: not right after signing in, and never a second budget of guesses."""

from typing import Final

import httpx2
import pytest

from festival_push.domain.signing_in.guesses import FREE
from festival_push.domain.signing_in.pins import ResetPin
from festival_push.domain.values import Instant, Role, UserId
from festival_push.web.identity.claims import TokenUse
from festival_push.web.identity.pins import standard_hasher
from tests.web.edge import problem_of
from tests.web.world import World

PIN: Final = "739146"
ASK: Final = {"amount": 1}


async def with_pin(world: World, user_id: str, *, by: str = "admin") -> None:
    """Give somebody a PIN."""
    reset = ResetPin(actor_id=UserId(by), user_id=UserId(user_id), pin_hash=standard_hasher().hash(PIN), pin_digits=6)
    await world.services.committer.submit(reset)


async def pay_out(
    world: World, user_id: str, body: object, *, path: str = "/v1/payouts", fresh: bool = False, key: str = "k"
) -> httpx2.Response:
    """A payout by a session that has just begun, or by one that goes on since long ago."""
    person = await world.services.reads.person(UserId(user_id))
    assert person is not None
    version, session = person.user.session_version, None if fresh else "an-earlier-token"
    until = None if fresh else Instant(world.services.now() + 3_600_000)
    token = world.services.tokens.issue(
        user_id, TokenUse.SESSION, 3_600, session=session, session_expires_at=until, version=version
    ).token
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
    return await world.http.post(path, headers=headers, json=body)


async def test_a_session_of_before_needs_the_pin(world: World) -> None:
    await with_pin(world, "anna")
    problem_of(await pay_out(world, "anna", ASK), 403, "pin-required")
    problem_of(await pay_out(world, "anna", {**ASK, "pin": "0000"}), 403, "wrong-pin")
    problem_of(await pay_out(world, "anna", {**ASK, "pin": "x"}), 400, "invalid-request")
    asked = await pay_out(world, "anna", {**ASK, "pin": PIN})
    assert asked.status_code == 201
    again = await pay_out(world, "anna", {**ASK, "pin": PIN})
    assert (again.json(), again.headers["idempotent-replayed"]) == (asked.json(), "true")


async def test_who_has_just_signed_in_or_has_no_pin_is_not_asked(world: World) -> None:
    assert (await pay_out(world, "ben", ASK)).status_code == 201  # no PIN
    await with_pin(world, "anna")
    assert (await pay_out(world, "anna", ASK, fresh=True)).status_code == 201
    problem_of(await pay_out(world, "anna", {**ASK, "pin": "0000"}, fresh=True, key="other"), 403, "wrong-pin")


async def test_an_organiser_needs_it_to_complete_a_payout_and_not_to_reject_one(world: World) -> None:
    paths = []
    for key in ("k1", "k2"):
        asked = await pay_out(world, "ben", ASK, key=key)
        paths.append(f"/v1/payouts/{asked.json()['payout']['payoutId']}")
    await with_pin(world, "admin")
    problem_of(await pay_out(world, "admin", {}, path=f"{paths[0]}/complete"), 403, "pin-required")
    assert (await pay_out(world, "admin", {"pin": PIN}, path=f"{paths[0]}/complete")).status_code == 200
    assert (await pay_out(world, "admin", {"reason": "closed"}, path=f"{paths[1]}/reject")).status_code == 200


async def test_a_second_organiser_needs_it_too(world: World) -> None:
    await world.add("olga", Role.ADMIN)
    await with_pin(world, "olga", by="olga")
    path = f"/v1/admin/confirmations/{await world.keep_for_second('admin', 'c1')}/confirm"
    problem_of(await pay_out(world, "olga", {}, path=path), 403, "pin-required")
    assert (await pay_out(world, "olga", {"pin": PIN}, path=path)).json()["status"] == "confirmed"


async def test_wrong_ones_are_counted_like_those_at_signing_in(world: World) -> None:
    await with_pin(world, "anna")
    for _ in range(FREE):
        problem_of(await pay_out(world, "anna", {**ASK, "pin": "0000"}), 403, "wrong-pin")
    problem_of(await pay_out(world, "anna", {**ASK, "pin": PIN}), 429, "too-many-tries")


@pytest.mark.parametrize("pin", [PIN, "0000"])
async def test_no_pin_is_kept_under_the_key(world: World, pin: str) -> None:
    """Neither the PIN nor a hash of a body that has it, which four digits are quickly found in."""
    await with_pin(world, "anna")
    await pay_out(world, "anna", {**ASK, "pin": PIN}, key="with")
    first = await pay_out(world, "anna", {**ASK, "pin": PIN}, key="fresh", fresh=True)
    without = await pay_out(world, "anna", ASK, key="fresh", fresh=True)
    assert without.json() == first.json()  # the same fingerprint with and without
    [rows] = await world.services.reads._database.read(("SELECT fingerprint, body FROM kept_answers", ()))
    assert not [row for row in rows if pin in row[1]]
