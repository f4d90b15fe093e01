"""The past that a benchmark makes is one that the store could have written."""

from pathlib import Path
from typing import Final

from bench.growth import all_series, fill
from bench.subject import Subject
from festival_push.app import open_store
from festival_push.ops.audit.audit import audit

FLOOR: Final = Path("floor")  # is not run here


async def test_a_made_up_past_passes_the_audit() -> None:
    subject = Subject(customers=3)
    try:
        await subject.furnish()
        before = subject.query("SELECT position FROM log_head")
        fill(subject.database, 2_500)
        assert subject.query("SELECT position FROM log_head") == before + 2_500
        async with open_store(subject.settings) as ledger:
            assert await audit(ledger.database) == []
    finally:
        subject.stop()


def test_no_more_streams_than_a_process_may_open() -> None:
    sizes = {series.what: series.sizes for series in all_series(FLOOR, 20_000)}
    assert sizes["streams"] == (1_000, 2_000, 5_000, 10_000, 19_000)
    assert sizes["log"] == (10_000, 100_000, 1_000_000, 10_000_000)
    assert all_series(FLOOR, 1_048_576)[0].sizes[-1] == 20_000
