"""Payment requests when everybody taps at once: over real HTTP, on both databases, at one server and at two."""

import asyncio
import secrets

from tests.faults.conftest import Serve, check_log
from tests.support.ground import Ground
from tests.support.wire.follower import Follower


async def test_of_many_who_pay_at_once_one_is_charged(ground: Ground) -> None:
    await everybody_pays_at_once(ground)


async def test_of_many_who_pay_at_two_servers_at_once_one_is_charged(serve: Serve, database_url: str | None) -> None:
    async with Ground([serve(database_url=database_url), serve(database_url=database_url)]) as ground:
        await everybody_pays_at_once(ground)
        check_log(ground)


async def everybody_pays_at_once(ground: Ground) -> None:
    """One request, eight guests, three taps each."""
    stall = await ground.stall()
    people = [await ground.customer(f"Guest {number}", funds=500) for number in range(8)]
    till = await Follower.from_now(ground.url(), stall.token)
    body = {"amount": 300, "description": "Deposit"}
    made = await ground.post("/v1/payment-requests", body, who=stall, key=secrets.token_hex(8))
    path = f"/v1/payment-requests/{made.json()['requestId']}/pay"

    async def tap(number: int) -> tuple[int, str, bytes]:
        """Each person's thumb taps three times: twice the same wish, and one more after a reload."""
        answer = await ground.post(
            path, {}, who=people[number // 3], key="again" if number % 3 else "first", server=number
        )
        return answer.status_code, answer.json().get("code", "paid"), answer.content

    taps = await asyncio.gather(*(tap(number) for number in range(24)))
    kinds = {(status, code) for status, code, _ in taps}
    assert kinds == {(201, "paid"), (409, "already-paid")}
    assert len({content for status, _, content in taps if status == 201}) == 1, "one order, however often it is told"
    assert sorted([await ground.balance(person) for person in people]) == [200, *[500] * 7]
    assert await ground.balance(stall) == 300
    await till.follow(ground.url(), done=lambda: bool(till.of("payment-request-paid")))
    assert len(till.of("new-order")) == 1
    ground.servers[0].audit()
