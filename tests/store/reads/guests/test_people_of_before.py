"""0027: people of before are found by the words of their names."""

import pytest

from festival_push.domain.people.name_words import words_of
from festival_push.domain.values import Instant, UserId
from festival_push.store.errors import WriteFailed
from festival_push.store.migrations.runner import migrate
from festival_push.store.reads.reads import Reads
from festival_push.store.sql import Write
from tests.store.migrations.test_runner import change, database_before

PEOPLE = {"anna": "Ann\u00e4 Müller", "ben": 'Ben "the" O\'Brien', "sun": "🌞", "dots": "..."}


def people_of_before() -> list[Write]:
    """People, as the version before wrote them."""
    return [
        (
            "INSERT INTO users (user_id, name, top_up_code, suspended, read_up_to, created_at)"
            " VALUES ($1, $2, $1, 0, 0, 0)",
            list(PEOPLE.items()),
        )
    ]


async def test_people_of_before_are_found(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with database_before("0027", database_url, monkeypatch, *people_of_before()) as database:
        assert "0027_guests" in await migrate(database)
        reads = Reads(database)
        for text, user_id in (("anna mul", "anna"), ("obr", "ben"), ("the", "ben"), ("🌞", "sun")):
            found = await reads.find_people(text, now=Instant(0), limit=5)
            assert [each.person.user_id for each in found] == [user_id]
        for user_id, name in PEOPLE.items():
            person = await reads.person(UserId(user_id))
            assert person is not None
            assert person.user.name_words == words_of(name)
        with pytest.raises(WriteFailed):
            await change(database, "INSERT INTO name_words (user_id, word) VALUES ('nobody', 'x')")
