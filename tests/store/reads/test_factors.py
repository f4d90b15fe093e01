"""Reads of second factors: a person's own that have not ended, a passkey by its id, and what is sealed."""

import msgspec

from festival_push.domain.signing_in.factors import EnrolFactor, UseFactor
from festival_push.domain.signing_in.lost_factors import RemoveFactor
from festival_push.domain.values import FactorId, FactorKind, Instant, UserId
from festival_push.store.database import Database
from festival_push.store.reads.reads import Reads
from tests.store.world import START, World

ANNA, BEN = UserId("anna"), UserId("ben")
KEY = EnrolFactor(
    user_id=ANNA, factor_id=FactorId("key"), kind=FactorKind.PASSKEY, name="Key", credential_id="c", public_key="k",
    counter=0, recovery_hashes=("r1", "r2"), session="s",
)  # fmt: skip
APP = EnrolFactor(
    user_id=ANNA, factor_id=FactorId("app"), kind=FactorKind.TOTP, name="App", secret="sealed", counter=7,
    recovery_hashes=(), session="s",
)  # fmt: skip


async def test_a_person_sees_their_own_oldest_first(database: Database) -> None:
    async with World(database) as world:
        await world.add_user(ANNA)
        await world.add_user(BEN)
        reads = Reads(database)
        assert (await reads.factors(ANNA), await reads.recovery_codes_left(ANNA)) == ([], 0)
        await world.committer.submit(KEY)
        world.time = Instant(world.time + 1000)
        await world.committer.submit(APP)
        await world.committer.submit(msgspec.structs.replace(APP, user_id=BEN, factor_id=FactorId("his")))
        assert [(each.factor_id, each.counter) for each in await reads.factors(ANNA)] == [("key", 0), ("app", 7)]
        assert await reads.recovery_codes_left(ANNA) == 2
        person = (await world.committer.submit(UseFactor(user_id=ANNA, recovery_hash="r1"))).reply
        assert (person.user.factors, await reads.recovery_codes_left(ANNA)) == (2, 1)
        used = await world.committer.submit(UseFactor(user_id=ANNA, factor_id=APP.factor_id, counter=8))
        assert used.reply == await reads.person(ANNA)
        [_, app] = await reads.factors(ANNA)
        assert (app.counter, app.last_used_at) == (8, START + 1000)
        assert [each.factor_id for each in await reads.sealed_factors(after=FactorId(""), limit=9)] == ["app", "his"]
        assert [each.factor_id for each in await reads.sealed_factors(after=FactorId("app"), limit=9)] == ["his"]


async def test_what_is_removed_is_found_no_more(database: Database) -> None:
    async with World(database) as world:
        await world.add_user(ANNA)
        reads = Reads(database)
        await world.committer.submit(KEY)
        found = await reads.passkey("c")
        assert found is not None
        assert (found.user_id, found.public_key) == (ANNA, "k")
        await world.committer.submit(RemoveFactor(user_id=ANNA, factor_id=KEY.factor_id))
        assert await reads.passkey("c") is None
        assert (await reads.factors(ANNA), await reads.recovery_codes_left(ANNA)) == ([], 0)
        again = msgspec.structs.replace(KEY, factor_id=FactorId("again"))
        assert (await world.committer.submit(again)).reply.factors == 1
