"""`user link` and `unlink`, and the sessions that `token` begins, over a real database."""

import asyncio
from pathlib import Path

import pytest

from festival_push.domain.signing_in.rows import Identity, Session
from festival_push.domain.values import UserId
from festival_push.store.opening import open_database
from festival_push.store.reads.reads import Reads
from tests.cli.test_cli import run

ISSUER = "https://idp.example"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A database with two people in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/festival.db")
    monkeypatch.setenv("FESTIVAL_PUSH_AUTH__JWKS_ISSUER", ISSUER)
    run(capsys, "migrate")
    for user_id in ("boss", "anna"):
        run(capsys, "user", "add", "customer", user_id.title(), "--id", user_id)
    return tmp_path


def found(home: Path, user_id: str) -> tuple[list[Identity], list[Session]]:
    """A person's identities and sessions."""

    async def read() -> tuple[list[Identity], list[Session]]:
        database = await open_database(f"sqlite:///{home}/festival.db", read_only=True)
        try:
            reads = Reads(database)
            return await reads.identities(UserId(user_id)), await reads.sessions(UserId(user_id), limit=9)
        finally:
            await database.close()

    return asyncio.run(read())


def test_a_subject_is_linked_once_and_moves_only_when_it_was_unlinked(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        assert run(capsys, "user", "link", "boss", ISSUER, "idp|7") == ""
    [[identity], _] = found(home, "boss")
    assert (identity.issuer, identity.subject) == (ISSUER, "idp|7")
    assert "that is boss here" in run(capsys, "user", "link", "anna", ISSUER, "idp|7", code=2)
    assert "not linked" in run(capsys, "user", "unlink", "anna", ISSUER, "idp|7", code=2)
    run(capsys, "user", "unlink", "boss", ISSUER, "idp|7")
    run(capsys, "user", "link", "anna", ISSUER, "idp|7")
    assert [len(found(home, user_id)[0]) for user_id in ("boss", "anna")] == [0, 1]


def test_a_link_to_nobody_and_one_by_another_provider_are_told(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "no user 'nobody'" in run(capsys, "user", "link", "nobody", ISSUER, "7", code=2)
    assert "no token of 'https://other'" in run(capsys, "user", "link", "boss", "https://other", "7")


@pytest.mark.parametrize("words", [("link",), ("link", "boss"), ("unlink", "boss", ISSUER)])
def test_what_is_missing_is_said(home: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]) -> None:
    assert f"user {words[0]} USERID ISSUER SUBJECT" in run(capsys, "user", *words, code=2)


def test_a_printed_token_is_a_session_that_its_person_can_end(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "token", "boss", "--ttl", "60")
    [_, [session]] = found(home, "boss")
    assert (session.device, session.expires_at - session.created_at <= 60_000) == ("command line", True)


def test_people_of_before_identities_are_adopted_when_the_operator_says_so(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made_up = run(capsys, "user", "add", "customer", "Local").strip()
    run(capsys, "user", "add", "customer", "Ben", "--id", "ben", "--pin", "739146")
    run(capsys, "user", "add", "vendor", "Sun", "--id", "sun")
    run(capsys, "user", "add", "admin", "Chef", "--id", "chef")
    run(capsys, "user", "add", "customer", "Long", "--id", "sub-" + "a" * 40)
    run(capsys, "user", "link", "boss", ISSUER, "idp|7")
    said = run(capsys, "user", "adopt", ISSUER)
    assert said.splitlines() == ["anna\tAnna", "nothing was changed: with --yes, all of these are linked"]
    assert found(home, "anna")[0] == []
    assert run(capsys, "user", "adopt", ISSUER, "--yes") == "anna\tAnna\n"
    [[identity], _] = found(home, "anna")
    assert (identity.issuer, identity.subject) == (ISSUER, "anna")
    assert run(capsys, "user", "adopt", ISSUER, "--yes") == ""
    assert found(home, made_up)[0] == []
