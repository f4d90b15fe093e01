"""At its start a server seals anew what an older key has sealed, and leaves what it can't open."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from festival_push.domain.signing_in.factors import EnrolFactor
from festival_push.domain.values import FactorId, FactorKind, UserId
from festival_push.store.database import Database
from festival_push.store.opening import open_database
from festival_push.store.reads.reads import Reads
from festival_push.web.identity.factors import resealing
from festival_push.web.identity.factors.resealing import open_sealer
from festival_push.web.identity.factors.sealing import Sealer
from tests.store.world import World
from tests.support.servers.sqlite import migrated_file

OLD, NEW, LOST = (bytes([number]) * 32 for number in range(3))
ANNA = UserId("anna")


def app(number: int, key: bytes) -> EnrolFactor:
    return EnrolFactor(
        user_id=ANNA, factor_id=FactorId(f"f{number}"), kind=FactorKind.TOTP, name="App",
        secret=Sealer((key,)).seal(f"secret {number}", ANNA), counter=0, recovery_hashes=(), session="s",
    )  # fmt: skip


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await open_database(migrated_file(tmp_path / "festival.db"))
    try:
        yield opened
    finally:
        await opened.close()


async def test_old_secrets_are_sealed_anew(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resealing, "_PAGE", 2)
    async with World(database) as world:
        await world.add_user(ANNA)
        for number, key in enumerate((OLD, NEW, OLD, LOST, OLD)):
            await world.committer.submit(app(number, key))
        reads = Reads(database)
        sealer = await open_sealer((NEW, OLD), reads, world.committer)
        found = await reads.factors(ANNA)
        assert [Sealer((NEW,)).open(each.secret or "", ANNA) for each in found] == [
            "secret 0", "secret 1", "secret 2", None, "secret 4",
        ]  # fmt: skip
        assert await resealing.reseal(reads, world.committer, sealer) == 0
