"""A client whose cursor is older than what the log still holds is told so, and begins anew with a snapshot."""

from tests.faults.conftest import Serve, check_log
from tests.support.checker import read_records
from tests.support.ground import Ground
from tests.support.servers.sqlite import opened
from tests.support.wire.follower import Follower


async def test_a_cursor_before_what_is_kept_is_told_of_the_trimming(serve: Serve) -> None:
    server = serve()
    async with Ground([server]) as ground:
        anna = await ground.customer()
        for _ in range(3):
            await ground.top_up(anna, 100)
        before = await read_records(server.database_url)
        assert server.terminate() == 0
        trim(server.database_url, up_to=6)
        server.start()

        at_trim = Follower(anna.token, cursor=f"{before.epoch}.6")
        await at_trim.until_events(server.url, 1)
        assert at_trim.greetings[0]["resumed"] is True

        too_late = Follower(anna.token, cursor=f"{before.epoch}.5")
        await too_late.follow(server.url, done=lambda: bool(too_late.greetings))
        assert too_late.greetings[0]["resumed"] is False
        assert too_late.greetings[0]["reason"] == "trimmed"
        assert too_late.greetings[0]["snapshot"]["balance"] == 300
        assert too_late.position == before.head
        server.audit()
        check_log(ground)


def trim(database_url: str, *, up_to: int) -> None:
    """Forget the beginning of the log, as retention does after a week."""
    with opened(database_url) as file:
        file.execute("UPDATE log_head SET trimmed_to = ?", (up_to,))
        file.execute("DELETE FROM log_topics WHERE position <= ?", (up_to,))
        file.execute("DELETE FROM event_log WHERE position <= ?", (up_to,))
