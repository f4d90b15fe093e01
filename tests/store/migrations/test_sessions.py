"""0018: people of before stay who they are, their tokens stay good, and their sessions and identities begin."""

import pytest

from festival_push.domain.people.identities import LinkIdentity, MeetUser, UnlinkIdentity
from festival_push.domain.signing_in.sessions import BeginSession, EndAllSessions, EndSession, RenewSession, SeeSession
from festival_push.domain.values import Instant, UserId
from festival_push.store.database import Database
from festival_push.store.errors import WriteFailed
from festival_push.store.migrations.runner import migrate
from festival_push.store.reads.people import SessionSeen
from festival_push.store.reads.reads import Reads
from tests.store.migrations.test_runner import database_before
from tests.store.plans import analyze, plan_of
from tests.store.world import START, World

ANNA, BEN = UserId("anna"), UserId("ben")
ISSUER = "https://idp"


def begin(session_id: str, user_id: UserId = ANNA) -> BeginSession:
    return BeginSession(
        session_id=session_id, user_id=user_id, version=0, device="Firefox", expires_at=Instant(START + 1000)
    )


async def test_a_database_of_before_gets_sessions_and_no_old_one_ends(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = ("INSERT INTO spent_tokens (jti, expires_at) VALUES ($1, $2)", [("out", START + 1000)])
    async with database_before("0018_sessions", database_url, monkeypatch, ended) as database:
        assert "0018_sessions" in await migrate(database)
        reads = Reads(database)
        assert await reads.session_seen("out") == SessionSeen(ended=True, last_seen_at=None)
        assert await reads.session_seen("old") == SessionSeen(ended=False, last_seen_at=None)
        async with World(database) as world:
            await world.add_user(ANNA)
            await world.committer.submit(begin("new"))
            assert (await reads.session_seen("new")).last_seen_at == START


async def test_sessions_come_back_as_they_were_put(database: Database) -> None:
    reads = Reads(database)
    async with World(database) as world:
        for user_id in (ANNA, BEN):
            await world.add_user(user_id)
        for command in (begin("a1"), begin("a2"), begin("b1", BEN)):
            await world.committer.submit(command)
        world.time = Instant(START + 3_600_000)
        await world.committer.submit(SeeSession(session_id="a1"))
        seen, person = await reads.caller("a1", ANNA)
        assert (seen, person) == (SessionSeen(ended=False, last_seen_at=world.time), await reads.person(ANNA))
        assert [row.session_id for row in await reads.sessions(ANNA, limit=9)] == ["a1", "a2"]
        world.time = START
        renewed = RenewSession(session_id="a1", user_id=ANNA, ttl_ms=5000, longest_ms=9000, until=START)
        assert (await world.committer.submit(renewed)).reply.expires_at == START + 5000
        await world.committer.submit(EndSession(jti="a2", expires_at=START))
        assert (await reads.session_seen("a2")).ended
        assert (await world.committer.submit(EndAllSessions(user_id=ANNA, keep=None))).reply == 1
        assert await reads.sessions(ANNA, limit=9) == []
        assert len(await reads.sessions(BEN, limit=9)) == 1
        await world.committer.trim(9**15)
        world.time = Instant(START + 24 * 3_600_000 + 5000)  # the clock has been right for a day
        await world.committer.trim(9**15)
        assert await world.count("sessions") == 0


async def test_identities_come_back_as_they_were_put(database: Database) -> None:
    reads = Reads(database)
    async with World(database) as world:
        await world.add_user(ANNA)
        meet = MeetUser(issuer=ISSUER, subject="7", user_id=BEN, name="Ben", top_up_code="B")
        assert [(await world.committer.submit(meet)).reply for _ in range(2)] == [BEN, BEN]
        [identity] = await reads.identities(BEN)
        assert (identity.issuer, identity.subject) == (ISSUER, "7")
        assert await reads.identity(identity.identity_id) == identity
        await world.committer.submit(UnlinkIdentity(user_id=BEN, issuer=ISSUER, subject="7"))
        await world.committer.submit(LinkIdentity(user_id=ANNA, issuer=ISSUER, subject="7"))
        assert (await world.committer.submit(meet)).reply == ANNA
        assert await reads.identity("unknown") is None


async def test_a_persons_sessions_are_read_from_an_index(database: Database) -> None:
    async with World(database) as world:
        for number in range(40):
            await world.add_user(UserId(f"guest-{number}"))
            await world.committer.submit(begin(f"s{number}", UserId(f"guest-{number}")))
    await analyze(database)
    sql = "SELECT session_id FROM sessions WHERE ended = 0 AND user_id = $1 ORDER BY last_seen_at DESC LIMIT $2"
    plan = await plan_of(database, (sql, ("guest-7", 9)))
    assert "sessions_of" in plan or database.dialect == "postgres", plan  # which reads so small a table as a whole


@pytest.mark.parametrize(
    "row",
    [
        "('s', 'nobody', '', 0, 'customer', 0, 0, 0, 0, 0)",
        "('s', 'anna', '', 0, 'king', 0, 0, 0, 0, 0)",
        "('s', 'anna', '', 0, 'customer', 0, 0, 0, 0, 2)",
    ],
)
async def test_the_database_refuses_odd_sessions(database: Database, row: str) -> None:
    async with World(database) as world:
        await world.add_user(ANNA)
    writer = database.writer()
    await writer.begin()
    with pytest.raises(WriteFailed):
        await writer.commit((f"INSERT INTO sessions VALUES {row}", [()]))  # noqa: S608  # from above
