"""0016: people of before sign in with their id, and their old counts of tries are gone."""

from typing import Final

import pytest

from festival_push.domain.signing_in.guesses import Counts, CountTry
from festival_push.domain.signing_in.refusals import SignInTaken
from festival_push.domain.signing_in.sign_in import RenewSignIn, sign_in_names
from festival_push.domain.values import UserId
from festival_push.store.errors import WriteFailed
from festival_push.store.migrations.runner import migrate
from festival_push.store.reads.reads import Reads
from festival_push.store.sql import Write
from tests.store.migrations.test_runner import change, database_before
from tests.store.world import World

ALIKE: Final = ("Crew-1", "crew1", "CREW1")
PEOPLE: Final = ("organiser", "Falafel-Sun", "k7mpx3wd9qrt", *ALIKE, "-", "auth0|7")


def people_of_before() -> list[Write]:
    """People, as version 0015 wrote them; one has used up all tries."""
    rows = [(user_id, f"c{number}", 10, 9_999_999_999_999) for number, user_id in enumerate(PEOPLE)]
    return [
        (
            "INSERT INTO users (user_id, name, pin_hash, top_up_code, suspended, pin_tries, pin_window_at, read_up_to,"
            " created_at) VALUES ($1, 'X', '#', $2, 0, $3, $4, 0, 0)",
            rows,
        ),
        ("INSERT INTO accounts (account_id, balance, overdraft) VALUES ('user:' || $1, 0, 0)", [(p,) for p in PEOPLE]),
    ]


async def test_people_keep_their_id_as_their_sign_in_name(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with database_before("0016", database_url, monkeypatch, *people_of_before()) as database:
        assert "0016_sign_in" in await migrate(database)
        async with World(database) as world:
            for number, user_id in enumerate(PEOPLE):
                counts = Counts(account=str(number))
                for typed in (user_id, f" {user_id} "):
                    tried = (await world.committer.submit(CountTry(counts=counts, names=sign_in_names(typed)))).reply
                    assert tried.user is not None
                    assert (tried.user.user_id, tried.user.sign_in, tried.user.pin_digits) == (user_id, user_id, 0)
            sun = CountTry(counts=Counts(account="sun"), names=sign_in_names("FALAFEL SUN"))
            found = (await world.committer.submit(sun)).reply.user
            assert found is not None
            assert found.user_id == "Falafel-Sun", "what differs in case, blanks and hyphens alone is forgiven"
            with pytest.raises(SignInTaken):
                await world.committer.submit(RenewSignIn(user_id=UserId("crew1"), sign_in="Organiser"))
            await world.committer.submit(RenewSignIn(user_id=UserId("organiser"), sign_in="another"))
        assert await Reads(database).person(UserId("organiser")) is not None
        with pytest.raises(WriteFailed):
            await change(database, "UPDATE users SET sign_in_key = 'another'")
        with pytest.raises(WriteFailed):
            await change(database, "UPDATE users SET pin_digits = 13")
