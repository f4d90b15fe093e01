"""What decides whether something was done before is compared byte by byte, whatever language the database is set to."""

from collections.abc import AsyncIterator
from typing import Final

import pytest

from festival_push.domain.people.erasing import ErasePerson
from festival_push.domain.values import UserId
from festival_push.store.database import Database
from festival_push.store.migrations.runner import migrate
from festival_push.store.opening import open_database
from tests.store.world import ANNA, BOSS, World, once
from tests.support.servers.postgres import PostgresServer

SPOKEN: Final = "spoken"
ANNA_2: Final = UserId("anna-2")
BY_LANGUAGE: Final = """
    SELECT DISTINCT indexrelid::regclass FROM pg_index, unnest(indcollation::oid[]) AS by
     WHERE indisunique AND by = (SELECT oid FROM pg_collation WHERE collname = 'default')
       AND indrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
"""


@pytest.fixture
async def database(postgres_server: PostgresServer) -> AsyncIterator[Database]:
    """A database that sorts as dictionaries do, as most are made; by bytes, `-` is not between a blank and `!`."""
    postgres_server.execute(f"CREATE DATABASE {SPOKEN} TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en'")
    assert postgres_server.execute("SELECT 'a-' > 'a ' AND 'a-' < 'a!'", database=SPOKEN) == "t"
    database = await open_database(postgres_server.url(SPOKEN))
    await migrate(database)
    yield database
    await database.close()
    postgres_server.execute(f"DROP DATABASE {SPOKEN} WITH (FORCE)")


async def test_who_is_erased_takes_nobody_elses_kept_answers_along(database: Database) -> None:
    """Else the others' retries would take effect twice."""
    async with World(database) as world:
        await world.ground()
        for user_id in (ANNA, ANNA_2):
            await world.add_user(user_id)
        for user_id in (ANNA, ANNA_2):
            await world.committer.submit_once(world.top_up(BOSS, 1), once("k", scope=f"{user_id} POST /v1/x"))
        await world.committer.submit(ErasePerson(actor_id=BOSS, user_id=ANNA, reason="asked", top_up_code="gone"))
        before = await world.balance(f"user:{BOSS}")
        for user_id, is_kept in ((ANNA_2, True), (ANNA, False)):
            again = once("k", scope=f"{user_id} POST /v1/x")
            assert (await world.committer.submit_once(world.top_up(BOSS, 1), again)).replayed is is_kept
        assert await world.balance(f"user:{BOSS}") == before + 1


@pytest.mark.usefixtures("database")
def test_no_unique_index_of_ours_hangs_on_a_language(postgres_server: PostgresServer) -> None:
    """After an update of the system's library, or on a standby with another one, it would not find what is there."""
    found = set(postgres_server.execute(BY_LANGUAGE, database=SPOKEN).split())
    assert found == {"schema_migrations_pkey", "checks_pkey"}  # of the program's own few words
