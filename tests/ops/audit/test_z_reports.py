"""The audit of Z reports: whatever leaves a movement out, counts one twice, or says what is not so, is found."""

import msgspec
import pytest

from festival_push.domain.reports.z_reports import CloseBooks
from festival_push.store.reads.reports.reports import ReportReads
from festival_push.store.reads.reports.windows import after_transfer
from tests.ops.audit.test_audit import damage, festival
from tests.ops.audit.test_deeds import reopened
from tests.store.populated import Populated
from tests.support.festival import SUN, SUN_KEEPER

__all__ = ["festival"]  # a fixture


async def closed(festival: Populated) -> None:
    """Three Z reports of a stall, each as its route would make it."""
    reads = ReportReads(festival.database)
    for number, (after_seq, up_to_seq) in enumerate(((0, 2), (2, 5), (5, 12)), 1):
        figures = await reads.figures(after_transfer(after_seq, up_to_seq), SUN)
        command = CloseBooks(
            actor_id=SUN_KEEPER, vendor_id=SUN, number=number, after_seq=after_seq, up_to_seq=up_to_seq,
            figures=msgspec.structs.replace(figures, transfers=1),
        )  # fmt: skip
        await festival.do([command])


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE z_reports SET after_seq = after_seq - 1 WHERE number = 2",
        "UPDATE z_reports SET up_to_seq = up_to_seq + 1 WHERE number = 1",
        "UPDATE z_reports SET after_at = after_at - 1 WHERE number = 2",
        "UPDATE z_reports SET number = 4 WHERE number = 3",
        """UPDATE z_reports SET figures = replace(figures, '"orders":1', '"orders":2')""",
        """UPDATE z_reports SET figures = replace(figures, '"sales":650', '"sales":651')""",
        "UPDATE z_reports SET scope = 'festival', z_report_id = 'festival 1' WHERE number = 1",
        "UPDATE z_reports SET scope = 'till:bar' WHERE number = 2",
        "DELETE FROM z_reports WHERE number = 1",
        "DELETE FROM z_reports WHERE number = 2",
    ],
)
async def test_every_gap_between_z_reports_is_found(festival: Populated, migrated_url: str, change: str) -> None:
    await closed(festival)
    [[(made,)]] = await festival.database.read(("SELECT COUNT(*) FROM z_reports", ()))
    assert made == 3
    async with reopened(migrated_url) as found:
        assert "z-reports" not in found
    await damage(migrated_url, change)
    async with reopened(migrated_url) as found:
        assert "z-reports" in found
