"""A host that is cut off tells so and costs nobody else anything; when it is back, everything is told to everybody."""

import dataclasses
import random
from typing import Final

import pytest

from tests.faults.network.field import NetworkField
from tests.faults.network.rows import ROWS
from tests.faults.table.client import Manners
from tests.faults.table.row import SHORT, Row, run

SLACK_S: Final = 4.0
"""For a machine that does much else: what this is to find, held the whole festival up for ten seconds."""
_MANNERS: Final = Manners(answer_s=2.0 + SLACK_S, pause_s=0.05)
PATIENT: Final = dataclasses.replace(SHORT, size=dataclasses.replace(SHORT.size, manners=_MANNERS))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_nothing_is_lost(row: Row, network_field: NetworkField, dice: random.Random) -> None:
    outcome = run(row, network_field, PATIENT, dice)
    print(outcome)  # noqa: T201 - shown with a failure
    assert outcome.findings == []
    assert not outcome.unknown, "a server let people wait instead of turning them away"
    assert row.gap_s is None or outcome.gap_s < row.gap_s + SLACK_S, "nobody's commands were taken"
