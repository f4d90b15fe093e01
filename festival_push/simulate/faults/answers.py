"""Faults of requests: answers that are lost, commands that come twice or half, and tokens that are not valid."""

import asyncio
import random
from typing import Any, Final

import msgspec

from festival_push.simulate.festival import Festival
from festival_push.simulate.findings import Law
from festival_push.simulate.http.client import Answer, Person, Sent
from festival_push.simulate.http.stream import StreamError

_SHARE: Final = 0.1  # of all commands with a key
_LATER_S: Final = (1.0, 4.0)
_PAUSE_S: Final = (0.1, 0.5)
_WAITING_MAX: Final = 200


async def lose(festival: Festival) -> None:
    """Send some commands first without waiting for the answer; the client then sends them as usual, at the next server.

    Whether the first one took effect or not, both together must count once.
    """
    dice = festival.dice("lost answers")

    async def hang_up(sent: Sent) -> None:
        if dice.random() < _SHARE or not festival.inflicted["lost-answers"]:
            await _send_and_go(festival, sent, len(sent.content), dice)
            festival.inflicted["lost-answers"] += 1

    festival.client.before = hang_up
    await festival.stopping.wait()


async def repeat(festival: Festival) -> None:
    """Send some commands once more, a little later: the answer must be the same, to the byte."""
    dice, waiting = festival.dice("repeats"), list[tuple[Sent, Answer]]()

    def remember(sent: Sent, answer: Answer) -> None:
        if answer.status < 300 and len(waiting) < _WAITING_MAX and (dice.random() < _SHARE or not waiting):
            waiting.append((sent, answer))

    festival.client.after = remember
    while festival.selling:
        await festival.pause(dice, *_LATER_S)
        some = waiting[:]
        await asyncio.gather(*(_again(festival, sent, answer) for sent, answer in some))
        del waiting[: len(some)]


async def _again(festival: Festival, sent: Sent, answer: Answer) -> None:
    again = await festival.client.send(sent)
    same = again.replayed and (again.status, again.content) == (answer.status, answer.content)
    text = f"{sent.path}, sent again with key {sent.key}: {answer.content!r}, then {again} {again.content!r}"
    festival.findings.check(Law.REPEATS, same, text)
    festival.inflicted["repeats"] += 1


async def vanish(festival: Festival) -> None:
    """Begin orders and go before their last byte: none of them may be placed, which the model would miss."""
    dice = festival.dice("half requests")
    while festival.selling:
        stall, guest = dice.choice(festival.stalls), dice.choice(festival.guests)
        body = {"vendorId": stall.vendor_id, "items": [{"itemId": next(iter(stall.prices)), "quantity": 1}]}
        headers = {"Idempotency-Key": festival.new_key()}
        sent = Sent("/v1/orders", msgspec.json.encode(body), guest.person, headers)
        await _send_and_go(festival, sent, dice.randrange(len(sent.content)), dice)
        festival.inflicted["half-requests"] += 1
        await festival.pause(dice, *_PAUSE_S)


async def _send_and_go(festival: Festival, sent: Sent, bytes_max: int, dice: random.Random) -> None:
    """Send so many bytes of a command's body, and close the connection without reading."""
    try:
        await festival.client.send_and_go(sent, bytes_max, stay_s=dice.uniform(0.0, 0.05))
    except StreamError:
        festival.client.unanswered += 1


async def forge(festival: Festival) -> None:
    """Ask with tokens that nobody has issued, and with a display's for a person's: each is refused."""
    dice, client = festival.dice("forger"), festival.client
    while festival.selling:
        guest, stall = dice.choice(festival.guests), dice.choice(festival.stalls)
        head, _, signature = guest.person.token.rpartition(".")
        turned = signature[::-1] if signature != signature[::-1] else f"{signature}A"
        assert stall.display is not None
        token = dice.choice(
            ["-", "x" * 40, f"{head}.A", f"{head}.{turned}", stall.display.token, guest.person.token[:-20]]
        )  # fmt: skip
        who = Person(user_id="", token=token)
        item = next(iter(stall.prices))
        body: dict[str, Any] = {"vendorId": stall.vendor_id, "items": [{"itemId": item, "quantity": 1}]}
        answers = [
            await client.get("/v1/me", who=who),
            await client.get("/v1/stream", who=who),
            await client.post("/v1/orders", body, who=who, key=festival.new_key()),
        ]
        refused = all(answer.status in {401, 403} for answer in answers)
        text = f"a token that is not valid was answered {[str(answer) for answer in answers]}"
        festival.findings.check(Law.REFUSALS, refused, text)
        festival.inflicted["wrong-tokens"] += len(answers)
        await festival.pause(dice, *_PAUSE_S)
