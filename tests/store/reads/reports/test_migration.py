"""Z reports and the indexes of reports come to a festival that is under way: what it sold before is counted too."""

from festival_push.domain.values import VendorId
from festival_push.store.database import Database
from festival_push.store.migrations.runner import migrate
from festival_push.store.reads.reads import Reads
from festival_push.store.reads.reports.windows import WHOLE, between
from tests.store.populated import populated
from tests.support.festival import ANNA, FALAFEL, NOON, SUN, order_of, top_up

_MADE = (
    "transfers_into_tills", "transfers_out_of_tills", "transfers_of_office", "transfers_deposits_back",
    "transfers_refunds",
)  # fmt: skip


async def test_what_was_sold_before_is_counted(database: Database) -> None:
    async with populated(database) as festival:
        await festival.do([top_up(ANNA, 5_000, number=1), order_of(FALAFEL, 2, number=2)])
        await festival.script(
            "DROP TABLE z_reports",
            *(f"DROP INDEX {name}" for name in _MADE),
            "DELETE FROM schema_migrations WHERE name = '0029_reports'",
        )
    assert await migrate(database) == ["0029_reports"]
    reads = Reads(database)
    for window in (WHOLE, between(NOON, type(NOON)(NOON + 1))):
        figures = await reads.figures(window, SUN)
        assert (figures.sums.orders, figures.sums.sales) == (1, 1_300)
    assert await reads.z_reports("till:sun", limit=1) == []
    assert (await reads.open_books(f"till:{VendorId('sun')}")).number == 1
