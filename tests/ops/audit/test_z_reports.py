"""The audit of Z reports: whatever leaves a movement out, or counts one twice, is found."""

import pytest

from festival_push.domain.reports.figures import Figures, Sums
from festival_push.domain.reports.z_reports import CloseBooks
from tests.ops.audit.test_audit import damage, festival, url
from tests.ops.audit.test_deeds import reopened
from tests.store.populated import Populated
from tests.support.festival import SUN, SUN_KEEPER

__all__ = ["festival", "url"]  # fixtures


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE z_reports SET after_seq = after_seq - 1 WHERE number = 2",
        "UPDATE z_reports SET up_to_seq = up_to_seq + 1 WHERE number = 1",
        "UPDATE z_reports SET after_at = after_at - 1 WHERE number = 2",
        "UPDATE z_reports SET number = 4 WHERE number = 3",
        "UPDATE z_reports SET scope = 'till:bar' WHERE number = 2",
        "DELETE FROM z_reports WHERE number = 1",
        "DELETE FROM z_reports WHERE number = 2",
    ],
)
async def test_every_gap_between_z_reports_is_found(festival: Populated, url: str, change: str) -> None:
    figures = Figures(sums=Sums(orders=1), transfers=1)
    await festival.do(
        CloseBooks(
            actor_id=SUN_KEEPER, vendor_id=SUN, number=number, after_seq=2 * number - 2, up_to_seq=2 * number,
            figures=figures,
        )
        for number in (1, 2, 3)
    )  # fmt: skip
    [[(made,)]] = await festival.database.read(("SELECT COUNT(*) FROM z_reports", ()))
    assert made == 3
    async with reopened(url) as found:
        assert "z-reports" not in found
    await damage(url, change)
    async with reopened(url) as found:
        assert "z-reports" in found
