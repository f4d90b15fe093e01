"""0028: payouts get accounts, fees and runs; those of before have none of these, and go on."""

import pytest

from festival_push.ops.audit.audit import audit
from festival_push.store.errors import WriteFailed
from festival_push.store.migrations.runner import migrate
from festival_push.store.reads.ledger import LedgerReads
from tests.store.migrations.test_money import NAME, writes
from tests.store.migrations.test_runner import database_before

WRONG = (
    "UPDATE payouts SET withdrawn = 1 WHERE status = 'completed'",
    "UPDATE payouts SET fee = -1",
    "UPDATE payouts SET run_id = 'none'",
)


async def test_payouts_of_before_have_no_fee_no_account_and_no_run(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with database_before(NAME, database_url, monkeypatch, *writes()) as database:
        assert "0028_payout_runs" in await migrate(database)
        payouts = await LedgerReads(database).payouts(limit=100)
        assert payouts
        assert {(each.fee, each.withdrawn, each.iban, each.account_holder, each.run_id) for each in payouts} == {
            (0, False, None, None, None)
        }
        assert await LedgerReads(database).payout_runs(limit=1) == []
        assert not [finding for finding in await audit(database) if finding.failure]
        for statement in WRONG:
            writer = database.writer()
            await writer.begin()
            with pytest.raises(WriteFailed):
                await writer.commit((statement, [()]))
            await writer.rollback()
