"""The audit of deeds: whatever is done to the chain behind the program's back is found, and called what it is."""

# ruff: noqa: S608  # the SQL is the tests' own

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from festival_push.ops.audit.audit import audit
from festival_push.ops.audit.findings import Severity
from festival_push.store.opening import open_database
from tests.ops.audit.test_audit import COMMANDS, damage, failures, festival
from tests.store.populated import Populated

__all__ = ["festival"]  # a fixture

FORGED = "f" * 64


@asynccontextmanager
async def reopened(url: str) -> AsyncIterator[set[str]]:
    """The checks that fail now."""
    database = await open_database(url)
    try:
        yield failures(await audit(database, page=2))
    finally:
        await database.close()


async def test_a_festival_has_deeds_and_no_findings(festival: Populated) -> None:
    assert COMMANDS
    [[(kept, head)]] = await festival.database.read(
        ("SELECT (SELECT COUNT(*) FROM deeds), (SELECT deed_seq FROM log_head)", ())
    )
    assert kept == head > 3
    assert await audit(festival.database, page=2) == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE deeds SET actor = 'user:anna' WHERE seq = 2",
        "UPDATE deeds SET at = at + 1 WHERE seq = 2",
        "UPDATE deeds SET act = 'refund' WHERE seq = 2",
        "UPDATE deeds SET subject = 'user:ben' WHERE seq = 1",
        "UPDATE deeds SET before = '{\"a\":1}' WHERE seq = 1",
        "UPDATE deeds SET after = '{}' WHERE seq = 1",
        "UPDATE deeds SET request_id = 'other-request' WHERE seq = 1",
        f"UPDATE deeds SET previous = '{FORGED}' WHERE seq = 2",
        f"UPDATE deeds SET hash = '{FORGED}' WHERE seq = 2",
        "DELETE FROM deeds WHERE seq = 1",
        "DELETE FROM deeds WHERE seq = 2",
        "DELETE FROM deeds WHERE seq = (SELECT MAX(seq) FROM deeds)",
        "DELETE FROM deeds",
        "UPDATE log_head SET deed_seq = deed_seq - 1",
        f"UPDATE log_head SET deed_hash = '{FORGED}'",
        "INSERT INTO deeds SELECT seq + 1, at, actor, act, subject, before, after, request_id, hash, hash FROM deeds"
        " WHERE seq = (SELECT MAX(seq) FROM deeds)",
    ],
)
async def test_every_damage_to_the_chain_is_found(festival: Populated, migrated_url: str, change: str) -> None:
    await damage(migrated_url, change)
    async with reopened(migrated_url) as found:
        assert "deeds" in found


async def test_a_cut_tail_with_a_head_that_fits_is_found_by_what_was_told(
    festival: Populated, migrated_url: str
) -> None:
    await damage(
        migrated_url,
        "DELETE FROM deeds WHERE seq = (SELECT MAX(seq) FROM deeds)",
        "UPDATE log_head SET deed_seq = (SELECT MAX(seq) FROM deeds),"
        " deed_hash = (SELECT hash FROM deeds ORDER BY seq DESC LIMIT 1)",
    )
    async with reopened(migrated_url) as found:
        assert found == {"new-deed"}


@pytest.mark.parametrize("actor", ["unknown", "user:nobody", "provider:nobody", ""])
async def test_a_transfer_of_nobody_is_found(festival: Populated, migrated_url: str, actor: str) -> None:
    """Nothing mends it, and nothing is lost by it: it is said, and takes no backup away."""
    await damage(migrated_url, f"UPDATE transfers SET actor = '{actor}' WHERE seq = 3")
    (found,) = await audit(festival.database, page=2)
    assert (found.check, found.severity, found.failure) == ("actors", Severity.PAST, False)
    assert str(found).startswith("actors (past): Transfer ")


async def test_transfers_of_before_need_no_actor(festival: Populated, migrated_url: str) -> None:
    await damage(
        migrated_url, "UPDATE transfers SET actor = 'unknown' WHERE seq = 3", "UPDATE log_head SET actors_after = 3"
    )
    async with reopened(migrated_url) as found:
        assert found == set()
