"""The audit of kept answers: what a retry would be told of money is checked as the money is."""

from collections.abc import AsyncIterator

import pytest

from festival_push.domain.people.erased import ERASED_NAME
from festival_push.ops.audit.audit import audit
from festival_push.store.database import Database
from festival_push.store.opening import open_database
from tests.ops.audit.test_audit import damage, failures
from tests.store.world import ANNA, PRICE, lawful_world, once

FIRST = "WHERE key = 'k1'"


@pytest.fixture
async def database(migrated_url: str) -> AsyncIterator[Database]:
    """Anna has placed two orders with keys, and was refused a third, of which the refusal is kept."""
    database = await open_database(migrated_url)
    async with lawful_world(database, money=2 * PRICE) as world:
        for number in (1, 2, 3):
            await world.committer.submit_once(world.order(ANNA, f"o{number}"), once(f"k{number}"))
        assert await world.count("kept_answers") == 3
    yield database
    await database.close()


@pytest.mark.parametrize("page", [1, 2, 1_000])
async def test_answers_that_tell_the_truth_are_no_finding(database: Database, page: int) -> None:
    assert failures(await audit(database, page=page)) == set()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (f"SET body = replace(body, 'o1', 'o9') {FIRST}", "tells of order o9, which does not exist"),
        (f"""SET body = '{{"order":{{"orderId":"o8"}}}}' {FIRST}""", "tells of order o8, which does not exist"),
        (f"""SET body = replace(body, '"position":', '"position":9') {FIRST}""", "and the log ends at"),
        (f"SET body = '{{' {FIRST}", "can't be read"),
        (f"SET status = 500 {FIRST}", "has status 500"),
        ("SET status = 0 WHERE key = 'k3'", "has status 0"),
    ],
)
async def test_an_answer_that_was_not_given_is_found(
    database: Database, migrated_url: str, change: str, said: str
) -> None:
    await damage(migrated_url, f"UPDATE kept_answers {change}")
    for page in (1, 1_000):
        [finding] = [found for found in await audit(database, page=page) if found.check == "answers"]
        assert finding.failure
        assert said in finding.text
        assert "anna POST /v1/orders k" in finding.text


@pytest.mark.parametrize(
    "change",
    [
        f"SET body = replace(body, 'o1', '{ERASED_NAME}') {FIRST}",
        f"SET body = '\"said\"' {FIRST}",
        "SET body = '{\"orderId\":\"o9\"}' WHERE key = 'k3'",  # a refusal may name what there is not
    ],
)
async def test_what_may_be_is_no_finding(database: Database, migrated_url: str, change: str) -> None:
    await damage(migrated_url, f"UPDATE kept_answers {change}")
    assert failures(await audit(database)) == set()
