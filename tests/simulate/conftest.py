"""A festival without a server, for the parts of a simulation that send nothing."""

import random

import pytest

from festival_push.simulate.festival import Festival
from festival_push.simulate.findings import Findings
from festival_push.simulate.http.client import Client, Person
from festival_push.simulate.http.watch import Watch
from festival_push.simulate.model import Model
from festival_push.simulate.plan import Plan


@pytest.fixture
def festival() -> Festival:
    """One that has ten orders to place."""
    findings, dice = Findings(), random.Random(1)  # noqa: S311 - a plan, no secret
    client = Client(url="http://127.0.0.1:1", findings=findings, dice=dice)
    organiser = Person(user_id="boss", token="-")
    plan = Plan(url=client.url, token="-", customers=1, stalls=1, orders=10, seconds=1, seed=7, webhook=None)
    return Festival(
        plan=plan, tag="sim-1", client=client, findings=findings, model=Model(organiser="boss"), organiser=organiser,
        organiser_watch=Watch(client, organiser, dice), currency="EUR", currency_digits=2, tax_rates_bp=[],
    )  # fmt: skip
