"""0019: who moved the money of before is told where it can be, and said to be unknown where it can't."""

from collections.abc import AsyncIterator
from typing import Final

import pytest

from festival_push.domain.office.deeds import FIRST_PREVIOUS
from festival_push.ops.audit.audit import audit
from festival_push.store.database import Database
from festival_push.store.errors import WriteFailed
from festival_push.store.migrations.runner import migrate
from tests.store.migrations.test_relations import old_rows, writes
from tests.store.migrations.test_runner import database_before
from tests.store.world import assert_lawful

NAME: Final = "0019_deeds"


@pytest.fixture
async def migrated(database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    """A filled database of a version before, brought up to date."""
    async with database_before("0015_relations", database_url, monkeypatch, *writes()) as database:
        assert NAME in await migrate(database)
        yield database


async def test_purchases_are_their_customers_and_receipts_their_providers(migrated: Database) -> None:
    [rows] = await migrated.read(("SELECT transfer_id, kind, order_id, actor, seq, credit FROM transfers", ()))
    customers = {row["order_id"]: row["user_id"] for row in old_rows("orders")}
    providers = {row["transfer_id"]: row["provider"] for row in old_rows("receipts")}
    asked = {row["seq"]: row["user_id"] for row in old_rows("payouts")}
    seen = set()
    for transfer_id, kind, order_id, actor, seq, credit in rows:
        if kind in ("purchase", "tip") or (kind == "fee" and credit == "fees"):
            expected = f"user:{customers[order_id]}"
        elif transfer_id in providers:
            expected = f"provider:{providers[transfer_id]}"
        else:
            expected = f"user:{asked[seq]}" if seq in asked else "unknown"
        assert actor == expected, transfer_id
        seen.add(expected.partition(":")[0])
    assert seen == {"user", "provider", "unknown"}


async def test_the_audit_asks_for_no_actor_of_before_and_there_is_no_deed(migrated: Database) -> None:
    assert [finding for finding in await audit(migrated) if finding.failure] == []
    await assert_lawful(migrated)
    [heads, deeds] = await migrated.read(
        ("SELECT deed_seq, deed_hash, actors_after, transfer_seq FROM log_head", ()), ("SELECT seq FROM deeds", ())
    )
    ((deed_seq, deed_hash, actors_after, transfer_seq),) = heads
    assert (deed_seq, deed_hash, deeds) == (0, FIRST_PREVIOUS, [])
    assert actors_after == transfer_seq > 0


DEED: Final = (
    "INSERT INTO deeds (seq, at, actor, act, subject, before, after, request_id, previous, hash)"
    " VALUES (1, 1, 'system', 'suspend', 'user:anna', '{}', '{}', NULL, $1, $1)"
)


@pytest.mark.parametrize(
    "change", ["UPDATE deeds SET actor = 'user:anna'", "DELETE FROM deeds", "UPDATE transfers SET actor = 'user:x'"]
)
async def test_what_is_kept_stays(migrated: Database, change: str) -> None:
    writer = migrated.writer()
    await writer.begin()
    await writer.commit((DEED, [(FIRST_PREVIOUS,)]))
    await writer.begin()
    with pytest.raises(WriteFailed):
        await writer.commit((change, [()]))
    await writer.rollback()


async def test_nobody_confirms_their_own_not_even_in_sql(migrated: Database) -> None:
    own = (
        "INSERT INTO confirmations (confirmation_id, act, subject, amount, command, asked_by, status, settled_by,"
        " created_at, expires_at, settled_at)"
        " SELECT 'c', 'top-up', 'user:x', 1, '{}', user_id, 'confirmed', user_id, 1, 2, 1 FROM users LIMIT 1"
    )
    writer = migrated.writer()
    await writer.begin()
    with pytest.raises(WriteFailed):
        await writer.commit((own, [()]))
    await writer.rollback()
