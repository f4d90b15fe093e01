"""The table, in short."""

import random
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from tests.faults.table.row import SHORT, Row, twice_if_late
from tests.faults.table.setups import QUICK
from tests.faults.table.shared import SharedFields
from tests.support.versions.programs import NoSuchVersion

Check = Callable[[Row], None]


@pytest.fixture(scope="module")
def fields(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedFields]:
    """What the rows of one module share."""
    with SharedFields(partial(tmp_path_factory.mktemp, "field"), QUICK) as fields:
        yield fields


@pytest.fixture
def check(fields: SharedFields, dice: random.Random) -> Check:
    """Run one row; nothing may be found."""

    def run(row: Row) -> None:
        try:
            outcome = twice_if_late(lambda: fields.run(row, SHORT, dice))
        except NoSuchVersion as why:
            pytest.skip(f"the version before can't run beside this one: {why}")
        assert outcome.findings == []

    return run
