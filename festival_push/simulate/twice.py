"""Send commands as an impatient thumb does: sometimes twice at once with the same key."""

import asyncio
import random
from typing import Final

from festival_push.simulate.festival import Festival
from festival_push.simulate.findings import Law
from festival_push.simulate.http.client import Answer, Person

REPEATED: Final = 0.1  # the share of commands that are sent twice


async def send_maybe_twice(
    festival: Festival, dice: random.Random, path: str, body: object, who: Person | None = None
) -> Answer:
    """Send a command as somebody, or as the organiser if `who` is None, and return the answer.

    Sometimes, and the first time always, send it twice at once with the same key. The answers must be the same.
    """
    key, person = festival.new_key(), who or festival.organiser
    times = 2 if dice.random() < REPEATED or not festival.repeats else 1
    festival.repeats += times - 1
    answers = await asyncio.gather(*(festival.client.post(path, body, who=person, key=key) for _ in range(times)))
    if times > 1:
        one, other = answers
        same = (one.status, one.content) == (other.status, other.content) and (one.replayed or other.replayed)
        festival.findings.check(Law.REPEATS, same, f"{path}, sent twice with key {key}: {one} and {other}")
    return answers[0]
