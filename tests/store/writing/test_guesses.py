"""Counts of wrong PINs in the database: one for all processes, kept over a restart, and gone when they are over."""

import asyncio

from festival_push.domain.people.people import AddUser
from festival_push.domain.signing_in.guesses import FREE, MONTH_MS, Counts, CountTry, PinWasRight, Shared
from festival_push.domain.signing_in.refusals import SignInTaken, TooManyTries
from festival_push.domain.signing_in.sign_in import RenewSignIn, sign_in_names
from festival_push.domain.values import Instant, Role, UserId
from festival_push.store.database import Database
from festival_push.store.opening import open_database
from festival_push.store.writing.answers import Committed
from tests.store.world import START, World, outcomes

ANNA = UserId("anna")
COUNTS = Counts(account="k", shared=((Shared.ADDRESS, "@"), (Shared.EVERYONE, "*")))


def person(user_id: UserId, sign_in: str) -> AddUser:
    return AddUser(
        user_id=user_id, role=Role.CUSTOMER, name="X", pin_hash="#", top_up_code=f"c-{user_id}", sign_in=sign_in,
        pin_digits=4,
    )  # fmt: skip


def guess(name: str = "anna") -> CountTry:
    return CountTry(counts=COUNTS, names=sign_in_names(name))


async def test_two_processes_count_together_and_a_restart_forgets_nothing(
    database: Database, database_url: str
) -> None:
    other_database = await open_database(database_url)
    try:
        async with World(database) as one, World(other_database) as other:
            tries = (world.committer.submit(guess()) for _ in range(2 * FREE) for world in (one, other))
            found = await outcomes(*tries)
            assert sum(isinstance(outcome, Committed) for outcome in found) == FREE
            assert sum(isinstance(outcome, TooManyTries) for outcome in found) == 3 * FREE
    finally:
        await other_database.close()
    again = await open_database(database_url)
    try:
        async with World(again) as world:
            [refused] = await outcomes(world.committer.submit(guess()))
            assert isinstance(refused, TooManyTries)
            world.time = Instant(START + 1_000)
            await world.committer.submit(guess())
    finally:
        await again.close()


async def test_a_name_finds_its_person_however_it_is_written(database: Database) -> None:
    async with World(database) as world:
        await world.committer.submit(person(ANNA, "K7mp-x3wd"))
        for typed in ("k7mpx3wd", "K7MP X3WD", " k7mp-x3wd "):
            tried = (await world.committer.submit(guess(typed))).reply
            assert tried.user is not None
            assert (tried.user.user_id, tried.user.sign_in) == (ANNA, "K7mp-x3wd")
        assert (await world.committer.submit(guess("k7mpx3w"))).reply.user is None
        done = await world.committer.submit(PinWasRight(counts=COUNTS, user_id=ANNA, pin_digits=6))
        assert done.reply.user.pin_digits == 6
        assert await world.count("guesses") == 3


async def test_a_name_that_was_given_up_in_this_batch_is_free(database: Database) -> None:
    ben = UserId("ben")
    async with World(database) as world:
        await world.committer.submit(person(ANNA, "first"))
        await world.committer.submit(person(ben, "second"))
        submit = world.committer.submit
        found = await outcomes(
            submit(RenewSignIn(user_id=ben, sign_in="FIRST")),
            submit(RenewSignIn(user_id=ANNA, sign_in="third")),
            submit(RenewSignIn(user_id=ben, sign_in="first")),
            submit(person(UserId("cleo"), "First")),
            submit(guess("first")),
        )
        assert isinstance(found[0], SignInTaken)
        assert isinstance(found[3], SignInTaken)
        assert found[4].reply.user.user_id == ben


async def test_counts_that_are_over_leave_the_database(database: Database) -> None:
    async with World(database) as world:
        await asyncio.gather(*(world.committer.submit(guess()) for _ in range(3)))
        await world.committer.trim(START)
        assert await world.count("guesses") == 3
        world.time = Instant(START + MONTH_MS + 2 * 3_600_000)
        await world.committer.trim(START)
        assert await world.count("guesses") == 0
